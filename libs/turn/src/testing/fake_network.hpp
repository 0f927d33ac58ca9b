#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "turn/relay.hpp"

namespace p2p::turn::testing {

/// Keeps what the relay sends.
class FakeNetwork final : public RelayNetwork {
 public:
  struct ToPeer {
    std::uint16_t port;
    Endpoint peer;
    Bytes data;
  };

  std::optional<std::uint16_t> open_port() override {
    if (open.size() >= ports_max) return std::nullopt;
    open.insert(++last_port);
    return last_port;
  }
  void close_port(std::uint16_t port) override { CHECK(open.erase(port) == 1, "a port is closed once, after it was opened"); }
  void send_to_client(const FiveTuple& client, BytesView datagram) override { to_clients.emplace_back(client, Bytes{datagram.begin(), datagram.end()}); }
  void send_to_peer(std::uint16_t port, const IpAddress& /*local*/, const Endpoint& peer, BytesView data) override {
    CHECK(open.contains(port), "data leaves from an open port");
    to_peers.push_back({port, peer, Bytes{data.begin(), data.end()}});
  }

  std::size_t ports_max = 1'000;
  std::uint16_t last_port = 49'999;
  std::set<std::uint16_t> open;
  std::vector<std::pair<FiveTuple, Bytes>> to_clients;
  std::vector<ToPeer> to_peers;
};

}  // namespace p2p::turn::testing
