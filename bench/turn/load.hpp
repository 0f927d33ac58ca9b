#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "client.hpp"
#include "server_process.hpp"

namespace p2p::bench {

/// Datagrams that go from one socket to another through the server, as fast as they arrive: so many are under way and no more, so that
/// what is measured is work and not what overflows.
class Load {
 public:
  struct Options {
    std::size_t payload_bytes = 1'200;
    std::size_t in_flight = 64;   ///< of all streams together
    Duration measured = 10s;
  };
  struct Outcome {
    std::uint64_t delivered = 0;
    std::uint64_t lost = 0;
    Duration wall{};
    Duration cpu{};   ///< of the server
  };

  explicit Load(Options options) : options_{options} {}

  /// `channel` 0: the datagram has no header (it is a peer that sends). Both sockets have their peer and outlive the load.
  void add(const Socket& from, std::uint16_t channel, const Socket& to);
  [[nodiscard]] Outcome run(const ServerProcess& server);

 private:
  struct Stream {
    int from;
    int to;
    Bytes datagram;
    std::size_t under_way = 0;
  };

  void fill(Stream& stream) const;
  [[nodiscard]] std::uint64_t drain(Stream& stream) const;

  Options options_;
  std::vector<Stream> streams_;
};

}  // namespace p2p::bench
