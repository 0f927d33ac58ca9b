#include "udp_address.hpp"

#include <netinet/udp.h>

namespace p2p::net {
namespace {

using turn::Endpoint;
using turn::IpAddress;

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

}  // namespace

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

IpAddress local_address(msghdr& message) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      return from_in_addr(info.ipi_addr);
    }
    if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      return from_in6_addr(info.ipi6_addr);
    }
  }
  return {};
}

void ControlData::from(const IpAddress& ip, bool v4) {
  if (v4) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, ip.bytes.data() + 12, 4);
    put(IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, ip.bytes.data(), 16);
    put(IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

void ControlData::segments(std::uint16_t bytes) { put(SOL_UDP, UDP_SEGMENT, bytes); }

void ControlData::attach_to(msghdr& message) {
  message.msg_control = used_ == 0 ? nullptr : bytes_.data();
  message.msg_controllen = used_;
}

template <typename Value>
void ControlData::put(int level, int type, const Value& value) {
  cmsghdr header{};
  header.cmsg_level = level;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(bytes_.data() + used_, &header, sizeof header);
  std::memcpy(bytes_.data() + used_ + CMSG_LEN(0), &value, sizeof value);
  used_ += CMSG_SPACE(sizeof value);
}

}  // namespace p2p::net
