#include "udp_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

namespace p2p::net {
namespace {

using turn::Endpoint;
using turn::IpAddress;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
};

SocketAddress to_sockaddr(const Endpoint& endpoint, bool v4) {
  SocketAddress address;
  if (v4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.ip.bytes.data() + 12, 4);
    std::memcpy(&address.storage, &in, sizeof in);
    address.bytes = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    std::memcpy(&in.sin6_addr, endpoint.ip.bytes.data(), 16);
    std::memcpy(&address.storage, &in, sizeof in);
    address.bytes = sizeof in;
  }
  return address;
}

IpAddress from_in_addr(const in_addr& address) {
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &address, 4);
  return IpAddress::v4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

IpAddress from_in6_addr(const in6_addr& address) {
  IpAddress ip;
  std::memcpy(ip.bytes.data(), &address, 16);
  return ip;
}

Endpoint from_sockaddr(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &storage, sizeof in);
    return {.ip = from_in_addr(in.sin_addr), .port = ntohs(in.sin_port)};
  }
  sockaddr_in6 in{};
  std::memcpy(&in, &storage, sizeof in);
  return {.ip = from_in6_addr(in.sin6_addr), .port = ntohs(in.sin6_port)};
}

constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(in6_pktinfo));

template <typename Info>
void put_control(msghdr& message, int level, int type, const Info& info) {
  message.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
}

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
  alignas(cmsghdr) std::array<std::byte, kControlBytes> control{};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t bytes = ::recvmsg(descriptor_, &message, MSG_TRUNC);
  if (bytes < 0) return std::nullopt;
  Received received{.from = from_sockaddr(from), .local = {}, .bytes = static_cast<std::size_t>(bytes)};
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      received.local = from_in_addr(info.ipi_addr);
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      received.local = from_in6_addr(info.ipi6_addr);
    }
  }
  return received;
}

void UdpSocket::send(const Endpoint& to, const std::optional<IpAddress>& from, BytesView datagram) const {
  if (v4_ && !to.ip.is_v4()) return;
  SocketAddress address = to_sockaddr(to, v4_);
  iovec part{.iov_base = const_cast<std::byte*>(datagram.data()), .iov_len = datagram.size()};   // sendmsg only reads it
  alignas(cmsghdr) std::array<std::byte, kControlBytes> control{};
  msghdr message{};
  message.msg_name = &address.storage;
  message.msg_namelen = address.bytes;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (from) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (v4_) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, from->bytes.data() + 12, 4);
      put_control(message, IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      std::memcpy(&info.ipi6_addr, from->bytes.data(), 16);
      put_control(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }
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
