#include "testing/delay_line.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

#include "base/check.hpp"

namespace p2p::transport::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::pair<int, std::uint16_t> open_socket() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  CHECK(socket >= 0, "a socket for the line");
  const int buffer = 4 * 1024 * 1024;
  (void)::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  CHECK(::bind(socket, reinterpret_cast<const sockaddr*>(&address), length) == 0, "a port for the line");
  CHECK(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0, "the line's port");
  return {socket, ntohs(address.sin_port)};
}

}  // namespace

DelayLine::DelayLine(Options options) : options_{std::move(options)}, wakes_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  CHECK(wakes_ >= 0, "an event for the line");
  for (End& end : ends_) std::tie(end.socket, end.port) = open_socket();
  thread_ = std::thread{[this] { run(); }};
}

DelayLine::~DelayLine() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake();
  thread_.join();
  for (const End& end : ends_) ::close(end.socket);
  ::close(wakes_);
}

// "candidate:foundation component transport priority address port typ ..." (RFC 8839 section 5.1)
SignalCandidate DelayLine::reroute(Way way, const SignalCandidate& candidate) {
  std::istringstream fields{candidate.candidate};
  std::string foundation, component, transport, priority, address, rest;
  std::uint16_t port = 0;
  fields >> foundation >> component >> transport >> priority >> address >> port;
  std::getline(fields, rest);
  CHECK(address == "127.0.0.1" && port != 0, "a peer bound to 127.0.0.1");
  const std::lock_guard lock{mutex_};
  end(way).peer_port = port;
  const Way other = way == Way::kThere ? Way::kBack : Way::kThere;
  std::ostringstream rerouted;
  rerouted << foundation << ' ' << component << ' ' << transport << ' ' << priority << ' ' << address << ' ' << end(other).port << rest;
  return {rerouted.str(), candidate.mid};
}

void DelayLine::hold(Way way) {
  const std::lock_guard lock{mutex_};
  end(way).held = true;
}

void DelayLine::release(Way way) {
  {
    const std::lock_guard lock{mutex_};
    end(way).held = false;
  }
  wake();
}

DelayLine::Crossed DelayLine::crossed(Way way, Kind kind) const {
  const std::lock_guard lock{mutex_};
  const auto& all = end(way).crossed;
  const auto found = all.find(kind);
  return found == all.end() ? Crossed{} : found->second;
}

DelayLine::Kind DelayLine::kind_of(BytesView datagram) {
  if (datagram.empty()) return Kind::kOther;
  const auto first = std::to_integer<int>(datagram[0]);
  if (first <= 3) return Kind::kStun;
  if (first >= 20 && first <= 22) return Kind::kHandshake;
  return first == 23 ? Kind::kData : Kind::kOther;
}

bool DelayLine::is_check_answer(BytesView datagram) {
  return kind_of(datagram) == Kind::kStun && datagram.size() >= 2 && read_big_endian(datagram, 0, 2) == 0x0101;
}

bool DelayLine::is_client_hello(BytesView datagram) {
  constexpr std::size_t kRecordHeaderBytes = 13;
  return datagram.size() > kRecordHeaderBytes && datagram[0] == std::byte{22} && read_big_endian(datagram, 3, 2) == 0 &&
         datagram[kRecordHeaderBytes] == std::byte{1};
}

void DelayLine::run() {
  for (;;) {
    Clock::time_point due;
    {
      const std::lock_guard lock{mutex_};
      if (stopping_) return;
      const auto now = Clock::now();
      pass_on(ends_[0], ends_[1], now);
      pass_on(ends_[1], ends_[0], now);
      due = next_due();
    }
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(std::clamp<Clock::duration>(due - Clock::now(), {}, std::chrono::minutes{1}));
    const timespec timeout{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    std::array<pollfd, 3> watched{{{ends_[0].socket, POLLIN, 0}, {ends_[1].socket, POLLIN, 0}, {wakes_, POLLIN, 0}}};
    (void)::ppoll(watched.data(), watched.size(), &timeout, nullptr);
    const std::lock_guard lock{mutex_};
    read(ends_[0]);
    read(ends_[1]);
    std::uint64_t count = 0;
    (void)!::read(wakes_, &count, sizeof count);
  }
}

void DelayLine::read(End& from) {
  std::array<std::byte, 2048> buffer;
  for (;;) {
    const ssize_t got = ::recv(from.socket, buffer.data(), buffer.size(), 0);
    if (got < 0) return;   // nothing more, or the peer's port is closed
    const BytesView datagram = BytesView{buffer}.first(static_cast<std::size_t>(got));
    Crossed& crossed = from.crossed[kind_of(datagram)];
    const Fate fate = options_.fate ? options_.fate(&from == &ends_[0] ? Way::kThere : Way::kBack, datagram) : Fate::kPass;
    if (fate == Fate::kLose) {
      ++crossed.lost;
      continue;
    }
    ++crossed.datagrams;
    crossed.bytes += got;
    Bytes bytes{datagram.begin(), datagram.end()};
    if (fate == Fate::kPutAside) {
      from.aside.push_back(std::move(bytes));
      continue;
    }
    const auto due = Clock::now() + options_.one_way;
    if (fate == Fate::kTakeAsideAlong) {
      for (Bytes& kept : std::exchange(from.aside, {})) from.queue.push_back({due, std::move(kept)});
    }
    from.queue.push_back({due, std::move(bytes)});
  }
}

void DelayLine::pass_on(End& from, End& to, Clock::time_point now) {
  while (!from.held && !from.queue.empty() && from.queue.front().due <= now) {
    const Bytes& bytes = from.queue.front().bytes;
    const sockaddr_in address = loopback(to.peer_port);
    if (to.peer_port != 0) (void)::sendto(to.socket, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    from.queue.pop_front();
  }
}

DelayLine::Clock::time_point DelayLine::next_due() const {
  auto due = Clock::time_point::max();
  for (const End& end : ends_) {
    if (!end.held && !end.queue.empty()) due = std::min(due, end.queue.front().due);
  }
  return due;
}

void DelayLine::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wakes_, &one, sizeof one);
}

}  // namespace p2p::transport::testing
