#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

#include "turn/endpoint.hpp"

/// Addresses and ancillary data as the system's calls for UDP want them.
namespace p2p::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
};

/// `v4`: for a socket of that family; else IPv4 is written as IPv6.
[[nodiscard]] SocketAddress to_sockaddr(const turn::Endpoint& endpoint, bool v4);
[[nodiscard]] turn::Endpoint from_sockaddr(const sockaddr_storage& storage);

/// By which of our addresses a datagram came, from what came with it.
[[nodiscard]] turn::IpAddress local_address(msghdr& message);

/// Ancillary data of one message: from which address it leaves, and in which lengths it is cut.
class ControlData {
 public:
  void from(const turn::IpAddress& ip, bool v4);
  void segments(std::uint16_t bytes);
  /// `this` outlives the call that the message is for.
  void attach_to(msghdr& message);

 private:
  template <typename Value>
  void put(int level, int type, const Value& value);

  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(std::uint16_t))> bytes_{};
  std::size_t used_ = 0;
};

inline constexpr std::size_t kReceivedControlBytes = CMSG_SPACE(sizeof(in6_pktinfo));

}  // namespace p2p::net
