#pragma once

#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "client.hpp"
#include "net/stream_key.hpp"

namespace p2p::bench {

/// What a scenario hears of the members of its rooms.
class Scenario {
 public:
  virtual ~Scenario() = default;
  virtual void on_event(Client& client, std::string_view name, std::string_view json) = 0;
  virtual void on_ack(Client& client, std::uint64_t id, std::string_view json) = 0;
};

/// The people of a run: clients in rooms of one size, each room with its source, who report every five seconds as viewers do.
///
/// Members of a room stand one after the other, the source first. Acknowledgements from kFirstFreeAck on are the scenario's.
class Cast : public ClientOwner {
 public:
  static constexpr std::uint64_t kFirstFreeAck = 1'000;

  struct Options {
    std::size_t members = 1'000;
    std::size_t room_size = 20;  ///< the source among them; 0: nobody joins anything
  };

  Cast(Net& net, Options options);

  /// Returns when everybody is there. The error says who is not.
  [[nodiscard]] Result<void> assemble();
  void set_scenario(Scenario* scenario) { scenario_ = scenario; }

  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] std::size_t room_size() const { return options_.room_size; }
  [[nodiscard]] Client& client(std::size_t number) { return *members_[number].client; }
  [[nodiscard]] const std::string& peer_id(std::size_t number) const { return members_[number].peer_id; }
  [[nodiscard]] const std::string& stream_id(std::size_t number) const { return rooms_[number / options_.room_size].stream_id; }
  /// What went wrong with people who did nothing wrong, by its text.
  [[nodiscard]] const std::map<std::string, std::size_t>& failures() const { return failures_; }
  void failed(std::string_view why) { ++failures_[std::string{why}]; }

  void on_hello(Client& client, std::string_view hello) override;
  void on_event(Client& client, std::string_view name, std::string_view json) override;
  void on_ack(Client& client, std::uint64_t id, std::string_view json) override;
  void on_lost(Client& client, std::string_view why) override;

 private:
  struct Member {
    std::shared_ptr<Client> client;
    net::PeerSecret secret{};
    std::string peer_id;
    std::string nonce;
    std::string report;
  };
  struct Room {
    net::StreamKey key;
    std::string stream_id;
  };

  void step_done();
  void next_step();
  void report_on();

  Net& net_;
  Options options_;
  boost::asio::steady_timer report_timer_;
  std::vector<Member> members_;
  std::vector<Room> rooms_;
  std::map<std::string, std::size_t> failures_;
  Scenario* scenario_ = nullptr;
  std::size_t steps_begun_ = 0;
  std::size_t steps_done_ = 0;
  std::size_t reported_ = 0;  // whose turn it is
  Instant began_{};
};

/// An answer that says so.
[[nodiscard]] inline bool is_ok(std::string_view json) { return json.starts_with(R"({"ok":true)"); }

/// The request to become a member, for a secret of one's own.
[[nodiscard]] std::string join_request(std::string_view stream_id, const net::PeerSecret& secret);

}  // namespace p2p::bench
