#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "turn/endpoint.hpp"

namespace p2p::net {

/// A UDP socket that does not block and tells by which of the machine's addresses a datagram came.
class UdpSocket {
 public:
  struct Received {
    turn::Endpoint from;
    turn::IpAddress local;
    std::size_t bytes = 0;   ///< more than the buffer holds: it was cut off
  };

  /// `ip` may be the unspecified address of IPv4 or IPv6; the latter is for both. Nothing when the system says no: errno has why.
  [[nodiscard]] static std::optional<UdpSocket> bind(const turn::IpAddress& ip, std::uint16_t port);
  ~UdpSocket();
  UdpSocket(UdpSocket&& other) noexcept;
  UdpSocket& operator=(UdpSocket&& other) noexcept;

  [[nodiscard]] std::optional<Received> receive(std::span<std::byte> into) const;
  /// From that address of ours, or from the one that the routes choose. What the system does not take at once is lost.
  void send(const turn::Endpoint& to, const std::optional<turn::IpAddress>& from, BytesView datagram) const;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Made for an IPv4 address: it sends to no other.
  [[nodiscard]] bool v4() const { return v4_; }
  void set_buffers(int bytes) const;

 private:
  UdpSocket(int descriptor, bool v4) : descriptor_{descriptor}, v4_{v4} {}

  int descriptor_;
  bool v4_;
};

}  // namespace p2p::net
