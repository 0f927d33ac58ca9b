#pragma once

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "cast.hpp"

namespace p2p::bench {

/// People who come and go beside the cast, and most of whom behave badly: what a server on the open internet sees.
///
/// Always holds: those who behave (kLeaves) use other networks than those who do not, so whoever is punished for a neighbor shows.
class Crowd final : public ClientOwner {
 public:
  enum class Manner : std::uint8_t {
    kLeaves,         ///< joins, asks for candidates, says goodbye
    kCrashes,        ///< joins, says half a sentence, and its machine resets the connection
    kFallsSilent,    ///< joins, and is never heard of again: half open
    kReadsSlowly,    ///< joins, reads nothing more, and is sent more than is kept for it
    kFloods,         ///< the one that sends it
    kTalksNonsense,  ///< breaks HTTP, WebSocket, Engine.IO, Socket.IO, JSON or the catalogue of events
  };

  Crowd(Net& net, Cast& cast, std::uint32_t arrivals_per_s);

  void start();
  /// Nobody comes any more and whoever is there is reset.
  void stop();

  [[nodiscard]] const std::map<Manner, std::uint64_t>& arrived() const { return arrived_; }
  [[nodiscard]] std::uint64_t served() const { return served_; }  ///< of those who behaved
  [[nodiscard]] std::size_t present() const { return visitors_.size(); }

  void on_hello(Client& client, std::string_view hello) override;
  void on_event(Client& /*client*/, std::string_view /*name*/, std::string_view /*json*/) override {}
  void on_ack(Client& client, std::uint64_t id, std::string_view json) override;
  void on_lost(Client& client, std::string_view why) override;

 private:
  struct Visitor {
    std::shared_ptr<Client> client;
    Manner manner;
    Instant until;
    net::PeerSecret secret{};
    std::string stream_id;
    std::string victim;  // whom it floods
  };

  void tick();
  Visitor& arrive(Manner manner, std::string stream_id, std::string victim = {});
  void open(Visitor& visitor);
  void on_joined(Visitor& visitor);
  void flood(Visitor& visitor, std::size_t signals);
  void talk_nonsense(Client& client);
  [[nodiscard]] Manner manner_of_next();

  Net& net_;
  Cast& cast_;
  boost::asio::steady_timer timer_;
  std::uint32_t per_s_;
  std::map<std::size_t, Visitor> visitors_;
  std::map<Manner, std::uint64_t> arrived_;
  std::uint64_t served_ = 0;
  std::uint64_t due_ = 0;
  std::size_t next_good_;
  std::size_t next_bad_;
  Instant began_{};
  bool stopped_ = false;
};

}  // namespace p2p::bench
