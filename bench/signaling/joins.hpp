#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "cast.hpp"
#include "server_process.hpp"

namespace p2p::bench {

struct JoinsPlan {
  std::size_t in_flight = 32;
  Duration warm_up = 2s;
  Duration measured = 10s;
};

struct JoinsOutcome {
  std::uint64_t joined = 0;
  Duration cpu{};  ///< of the server
  Duration wall{};
  Duration p50{};  ///< from the start of a connection until the list of candidates is there
  Duration p99{};
};

/// Viewers that come to the cast's first room with a connection of their own, learn their candidates and go.
class Joins final : public ClientOwner {
 public:
  Joins(Net& net, Cast& cast, const ServerProcess& server, JoinsPlan plan) : net_{net}, cast_{cast}, server_{server}, plan_{plan}, next_number_{cast.size()} {}

  [[nodiscard]] Result<JoinsOutcome> run();

  void on_hello(Client& client, std::string_view hello) override;
  void on_event(Client& /*client*/, std::string_view /*name*/, std::string_view /*json*/) override {}
  void on_ack(Client& client, std::uint64_t id, std::string_view json) override;
  void on_lost(Client& client, std::string_view why) override;

 private:
  void begin_next();
  void end(Client& client);

  Net& net_;
  Cast& cast_;
  const ServerProcess& server_;
  JoinsPlan plan_;
  std::map<std::size_t, std::shared_ptr<Client>> under_way_;
  std::vector<std::int64_t> latencies_;  // microseconds
  std::uint64_t joined_ = 0;
  std::size_t next_number_;
  bool measuring_ = false;
  bool stopping_ = false;
};

}  // namespace p2p::bench
