#include "udp_batch.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <tuple>

#include "udp_address.hpp"

namespace p2p::net {
namespace {

constexpr std::size_t kSegmentsMax = 64;          // the kernel's UDP_MAX_SEGMENTS
constexpr std::size_t kMessageBytesMax = 60'000;  // below what one IP packet can say

bool kernel_cuts_messages() {
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int bytes = 0;
  socklen_t size = sizeof bytes;
  const bool knows = ::getsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &bytes, &size) == 0;
  if (descriptor >= 0) ::close(descriptor);
  return knows;
}

}  // namespace

ReceivedBatch::ReceivedBatch() : buffers_{std::make_unique<std::array<std::array<std::byte, kBytesMax>, kDatagramsMax>>()} {
  datagrams_.reserve(kDatagramsMax);
}

std::size_t ReceivedBatch::read(const UdpSocket& socket) {
  struct Place {
    sockaddr_storage from;
    iovec part;
    alignas(cmsghdr) std::array<std::byte, kReceivedControlBytes> control;
  };
  std::array<Place, kDatagramsMax> places;   // the kernel fills what is read below
  std::array<mmsghdr, kDatagramsMax> messages{};
  for (std::size_t i = 0; i < kDatagramsMax; ++i) {
    places[i].part = {.iov_base = (*buffers_)[i].data(), .iov_len = kBytesMax};
    msghdr& message = messages[i].msg_hdr;
    message.msg_name = &places[i].from;
    message.msg_namelen = sizeof places[i].from;
    message.msg_iov = &places[i].part;
    message.msg_iovlen = 1;
    message.msg_control = places[i].control.data();
    message.msg_controllen = places[i].control.size();
  }
  datagrams_.clear();
  const int count = ::recvmmsg(socket.descriptor(), messages.data(), messages.size(), MSG_DONTWAIT, nullptr);
  if (count <= 0) return 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    msghdr& message = messages[i].msg_hdr;
    if ((message.msg_flags & MSG_TRUNC) != 0) continue;
    datagrams_.push_back({.from = from_sockaddr(places[i].from), .local = local_address(message), .data = BytesView{(*buffers_)[i]}.first(messages[i].msg_len)});
  }
  return static_cast<std::size_t>(count);
}

SendBatch::SendBatch() : segmenting_{kernel_cuts_messages()} {
  datagrams_.reserve(kDatagramsMax);
  bytes_.reserve(kDatagramsMax * ReceivedBatch::kBytesMax);
}

void SendBatch::add(const UdpSocket& socket, const turn::Endpoint& to, const std::optional<turn::IpAddress>& from, BytesView datagram) {
  if (socket.v4() && !to.ip.is_v4()) return;
  if (datagrams_.size() == kDatagramsMax) flush();
  datagrams_.push_back(
      {.descriptor = socket.descriptor(), .v4 = socket.v4(), .to = to, .from = from, .offset = bytes_.size(), .size = datagram.size()});
  append(bytes_, datagram);
}

void SendBatch::flush() {
  if (datagrams_.empty()) return;
  // Streams that come mixed are put apart; within each the order stays.
  std::ranges::sort(datagrams_, {}, [](const Datagram& datagram) { return std::tie(datagram.descriptor, datagram.to, datagram.from, datagram.offset); });
  std::vector<Run> of_one_socket;
  for (const Run& run : runs()) {
    if (!of_one_socket.empty() && datagrams_[of_one_socket.front().first].descriptor != datagrams_[run.first].descriptor) {
      send(of_one_socket);
      of_one_socket.clear();
    }
    of_one_socket.push_back(run);
  }
  send(of_one_socket);
  datagrams_.clear();
  bytes_.clear();
}

std::vector<SendBatch::Run> SendBatch::runs() const {
  std::vector<Run> all;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < datagrams_.size(); ++i) {
    const Datagram& datagram = datagrams_[i];
    if (segmenting_ && !all.empty()) {
      Run& run = all.back();
      const Datagram& first = datagrams_[run.first];
      // All of one length, but for the last, which may be shorter.
      const bool fits = datagram.same_way(first) && datagrams_[i - 1].size == first.size && datagram.size <= first.size && datagram.size > 0;
      if (fits && run.count < kSegmentsMax && bytes + datagram.size <= kMessageBytesMax) {
        ++run.count;
        bytes += datagram.size;
        continue;
      }
    }
    all.push_back({.first = i, .count = 1});
    bytes = datagram.size;
  }
  return all;
}

void SendBatch::send(const std::vector<Run>& of_one_socket) {
  std::array<iovec, kDatagramsMax> parts;
  std::array<SocketAddress, kDatagramsMax> addresses;
  std::array<ControlData, kDatagramsMax> controls;
  std::array<mmsghdr, kDatagramsMax> messages{};
  std::size_t parts_used = 0;
  for (std::size_t i = 0; i < of_one_socket.size(); ++i) {
    const auto [first, count] = of_one_socket[i];
    const Datagram& datagram = datagrams_[first];
    msghdr& message = messages[i].msg_hdr;
    addresses[i] = to_sockaddr(datagram.to, datagram.v4);
    message.msg_name = &addresses[i].storage;
    message.msg_namelen = addresses[i].bytes;
    message.msg_iov = &parts[parts_used];
    message.msg_iovlen = count;
    for (const Datagram& each : std::span{datagrams_}.subspan(first, count)) parts[parts_used++] = {.iov_base = bytes_.data() + each.offset, .iov_len = each.size};
    if (datagram.from) controls[i].from(*datagram.from, datagram.v4);
    if (count > 1) controls[i].segments(static_cast<std::uint16_t>(datagram.size));
    controls[i].attach_to(message);
  }
  const int descriptor = datagrams_[of_one_socket.front().first].descriptor;
  for (std::size_t done = 0; done < of_one_socket.size();) {
    const auto left = static_cast<unsigned>(of_one_socket.size() - done);
    const int sent = ::sendmmsg(descriptor, &messages[done], left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
      continue;
    }
    const int why = errno;
    const auto [first, count] = of_one_socket[done++];
    if (count == 1 || why == EAGAIN || why == ENOBUFS) continue;   // lost
    // A network device that computes no checksums (EIO), or a path too narrow for one of them (EMSGSIZE, EINVAL): each for itself.
    if (why == EIO) segmenting_ = false;
    msghdr message = messages[done - 1].msg_hdr;
    ControlData control;
    if (datagrams_[first].from) control.from(*datagrams_[first].from, datagrams_[first].v4);
    control.attach_to(message);
    for (iovec& part : std::span{message.msg_iov, count}) {
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      (void)::sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
  }
}

}  // namespace p2p::net
