#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "turn/endpoint.hpp"
#include "udp_socket.hpp"

namespace p2p::net {

/// Datagrams that were read from one socket in one call of the system.
class ReceivedBatch {
 public:
  static constexpr std::size_t kDatagramsMax = 32;
  static constexpr std::size_t kBytesMax = 2'048;   // a path carries 1,500; a longer one is left out

  struct Datagram {
    turn::Endpoint from;
    turn::IpAddress local;
    BytesView data;   ///< into the batch, until it reads again
  };

  ReceivedBatch();

  /// How many were taken from the socket, those that were too long among them. Fewer than kDatagramsMax: there are no more.
  std::size_t read(const UdpSocket& socket);
  [[nodiscard]] const std::vector<Datagram>& datagrams() const { return datagrams_; }

 private:
  std::unique_ptr<std::array<std::array<std::byte, kBytesMax>, kDatagramsMax>> buffers_;
  std::vector<Datagram> datagrams_;
};

/// Datagrams that leave together: those of one socket in one call of the system, and of these such as follow each other to one address in
/// equal lengths as one message that the kernel or the network card cuts (UDP_SEGMENT, Linux 4.18). Most of what a datagram costs is its
/// way through the kernel, and pieces of a stream come as several packets of one length.
///
/// Always holds: datagrams to one address leave in the order in which they were added; what a socket does not take at once is lost.
class SendBatch {
 public:
  static constexpr std::size_t kDatagramsMax = 64;

  SendBatch();

  /// `from` as UdpSocket::send has it. The socket stays open until flush(). A batch that is full is flushed first.
  void add(const UdpSocket& socket, const turn::Endpoint& to, const std::optional<turn::IpAddress>& from, BytesView datagram);
  void flush();

 private:
  struct Datagram {
    int descriptor;
    bool v4;
    turn::Endpoint to;
    std::optional<turn::IpAddress> from;
    std::size_t offset;   // in bytes_
    std::size_t size;

    [[nodiscard]] bool same_way(const Datagram& other) const { return descriptor == other.descriptor && to == other.to && from == other.from; }
  };
  /// Datagrams of the same way that are one message.
  struct Run {
    std::size_t first;
    std::size_t count;
  };

  [[nodiscard]] std::vector<Run> runs() const;
  void send(const std::vector<Run>& of_one_socket);

  std::vector<Datagram> datagrams_;
  Bytes bytes_;
  bool segmenting_;
};

}  // namespace p2p::net
