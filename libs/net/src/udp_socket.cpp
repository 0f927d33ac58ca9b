#include "udp_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "udp_address.hpp"

namespace p2p::net {
namespace {

using turn::Endpoint;
using turn::IpAddress;

void set_flag(int descriptor, int level, int name, int value) { ::setsockopt(descriptor, level, name, &value, sizeof value); }

}  // namespace

std::optional<UdpSocket> UdpSocket::bind(const IpAddress& ip, std::uint16_t port) {
  const bool v4 = ip.is_v4();
  const int descriptor = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::nullopt;
  UdpSocket socket{descriptor, v4};
  if (v4) {
    set_flag(descriptor, IPPROTO_IP, IP_PKTINFO, 1);
  } else {
    set_flag(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    set_flag(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  }
  const SocketAddress address = to_sockaddr({.ip = ip, .port = port}, v4);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.bytes) != 0) return std::nullopt;
  return socket;
}

UdpSocket::~UdpSocket() {
  if (descriptor_ < 0) return;
  const int why = errno;   // of whoever looks at it after bind()
  ::close(descriptor_);
  errno = why;
}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)}, v4_{other.v4_} {}

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(v4_, other.v4_);
  return *this;
}

std::optional<UdpSocket::Received> UdpSocket::receive(std::span<std::byte> into) const {
  sockaddr_storage from{};
  iovec part{.iov_base = into.data(), .iov_len = into.size()};
  alignas(cmsghdr) std::array<std::byte, kReceivedControlBytes> control{};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t bytes = ::recvmsg(descriptor_, &message, MSG_TRUNC);
  if (bytes < 0) return std::nullopt;
  return Received{.from = from_sockaddr(from), .local = local_address(message), .bytes = static_cast<std::size_t>(bytes)};
}

void UdpSocket::send(const Endpoint& to, const std::optional<IpAddress>& from, BytesView datagram) const {
  if (v4_ && !to.ip.is_v4()) return;
  SocketAddress address = to_sockaddr(to, v4_);
  iovec part{.iov_base = const_cast<std::byte*>(datagram.data()), .iov_len = datagram.size()};   // sendmsg only reads it
  msghdr message{};
  message.msg_name = &address.storage;
  message.msg_namelen = address.bytes;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  ControlData control;
  if (from) control.from(*from, v4_);
  control.attach_to(message);
  (void)::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

std::uint16_t UdpSocket::port() const {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof storage;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &bytes);
  return from_sockaddr(storage).port;
}

void UdpSocket::set_buffers(int bytes) const {
  set_flag(descriptor_, SOL_SOCKET, SO_RCVBUF, bytes);
  set_flag(descriptor_, SOL_SOCKET, SO_SNDBUF, bytes);
}

}  // namespace p2p::net
