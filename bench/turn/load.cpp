#include "load.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "turn/stun_message.hpp"

namespace p2p::bench {
namespace {

constexpr std::size_t kBatch = 32;
constexpr int kLostAfterMs = 100;   // nothing came for so long: what is under way is lost
constexpr Duration kWarmUp = 500ms;

Instant now() { return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())}; }

}  // namespace

void Load::add(const Socket& from, std::uint16_t channel, const Socket& to) {
  Stream stream{.from = from.descriptor(), .to = to.descriptor(), .datagram = {}};
  if (channel != 0) {
    append_big_endian(stream.datagram, channel);
    append_big_endian(stream.datagram, static_cast<std::uint16_t>(options_.payload_bytes));
  }
  stream.datagram.resize(stream.datagram.size() + options_.payload_bytes);
  streams_.push_back(std::move(stream));
}

void Load::fill(Stream& stream) const {
  const std::size_t window = std::max<std::size_t>(4, options_.in_flight / streams_.size());
  const std::size_t wanted = std::min(kBatch, window - std::min(window, stream.under_way));
  if (wanted == 0) return;
  iovec part{.iov_base = stream.datagram.data(), .iov_len = stream.datagram.size()};
  std::array<mmsghdr, kBatch> messages{};
  for (mmsghdr& message : std::span{messages}.first(wanted)) {
    message.msg_hdr.msg_iov = &part;
    message.msg_hdr.msg_iovlen = 1;
  }
  const int sent = ::sendmmsg(stream.from, messages.data(), static_cast<unsigned>(wanted), 0);
  if (sent > 0) stream.under_way += static_cast<std::size_t>(sent);
}

/// Datagrams of full length that came; their bytes stay in the kernel.
std::uint64_t Load::drain(Stream& stream) const {
  std::uint64_t came = 0;
  for (;;) {
    std::array<std::array<std::byte, 4>, kBatch> heads;
    std::array<iovec, kBatch> parts{};
    std::array<mmsghdr, kBatch> messages{};
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {.iov_base = heads[i].data(), .iov_len = heads[i].size()};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = ::recvmmsg(stream.to, messages.data(), kBatch, MSG_TRUNC, nullptr);
    if (count <= 0) return came;
    for (const mmsghdr& message : std::span{messages}.first(static_cast<std::size_t>(count))) came += message.msg_len >= options_.payload_bytes ? 1 : 0;
    if (static_cast<std::size_t>(count) < kBatch) return came;
  }
}

Load::Outcome Load::run(const ServerProcess& server) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  CHECK(epoll >= 0, "there are descriptors");
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    epoll_event wanted{.events = EPOLLIN, .data = {.u64 = i}};
    CHECK(::epoll_ctl(epoll, EPOLL_CTL_ADD, streams_[i].to, &wanted) == 0, "a socket can be watched");
  }
  for (Stream& stream : streams_) fill(stream);
  Outcome outcome;
  const Instant warm = now() + kWarmUp;
  Instant began{};
  Duration cpu_before{};
  std::array<epoll_event, 128> events{};
  for (;;) {
    const int ready = ::epoll_wait(epoll, events.data(), events.size(), kLostAfterMs);
    if (ready == 0) {
      for (Stream& stream : streams_) {
        outcome.lost += std::exchange(stream.under_way, 0);
        fill(stream);
      }
    }
    for (const epoll_event& event : std::span{events}.first(static_cast<std::size_t>(std::max(ready, 0)))) {
      Stream& stream = streams_[event.data.u64];
      const std::uint64_t came = drain(stream);
      stream.under_way -= std::min<std::size_t>(stream.under_way, came);
      outcome.delivered += came;
      fill(stream);
    }
    const Instant at = now();
    if (began == Instant{} && at >= warm) {
      began = at;
      cpu_before = server.cpu_time();
      outcome = {};
    }
    if (began != Instant{} && at - began >= options_.measured) break;
  }
  outcome.wall = now() - began;
  outcome.cpu = server.cpu_time() - cpu_before;
  ::close(epoll);
  return outcome;
}

}  // namespace p2p::bench
