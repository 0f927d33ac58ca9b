#include "forwarder.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <span>

#include "base/check.hpp"
#include "scenario_file.hpp"

namespace p2p::netbox {
namespace {

constexpr std::uint64_t kStdin = 1u << 20, kSignals = kStdin + 1;   // beyond any host
constexpr int kPacketsARound = 64;            // from one host, before the others have their turn
constexpr std::size_t kPacketBytesMax = 65'535;
constexpr std::size_t kControlLineMax = 64 * 1024;

void say(const boost::json::value& value) {
  fmt::print("{}\n", boost::json::serialize(value));
  std::fflush(stdout);
}

std::int64_t clock_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

boost::json::object direction(const SiteCounters::Direction& d) {
  return {{"packets", d.packets}, {"bytes", d.bytes}, {"lost", d.lost}, {"queue_full", d.queue_full}, {"dead", d.dead}};
}

}  // namespace

Forwarder::Forwarder(const Network& network, std::vector<FileDescriptor> tuns)
    : network_{network}, router_{network}, tuns_{std::move(tuns)}, epoll_{::epoll_create1(EPOLL_CLOEXEC)}, began_ns_{clock_ns()} {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  signals_ = FileDescriptor{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
  CHECK(epoll_ && signals_, "epoll and signalfd");
  const auto watch = [&](int descriptor, std::uint64_t number) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = number}};
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
  };
  for (std::size_t host = 0; host < tuns_.size(); ++host) CHECK(watch(tuns_[host].get(), host), "a TUN device can be waited for");
  CHECK(watch(signals_.get(), kSignals), "a signalfd can be waited for");
  ::fcntl(STDIN_FILENO, F_SETFL, ::fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  // A file or /dev/null cannot be waited for: it is at its end already.
  if (!watch(STDIN_FILENO, kStdin)) over_ = true;
  // The kernel may bundle timers 50 us apart. And programs that are busy must not keep their own network waiting: before all others
  // where that is allowed (it stays some tenths of a core, and the kernel leaves them a twentieth in any case).
  ::prctl(PR_SET_TIMERSLACK, 1);
  const sched_param priority{.sched_priority = 1};
  ::sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &priority);
}

Instant Forwarder::now() const { return Instant{} + Duration{(clock_ns() - began_ns_) / 1000}; }

int Forwarder::run() {
  while (!over_) {
    deliver();
    apply_due_events();
    wait();
  }
  print_stats();
  return 0;
}

/// Thousands of small packets a second would wake us one by one, and each time push somebody off a processor.
void Forwarder::rest() {
  if (network_.grain == 0us) return;
  const timespec until{.tv_sec = rests_until_ns_ / 1'000'000'000, .tv_nsec = rests_until_ns_ % 1'000'000'000};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

void Forwarder::wait() {
  rest();
  std::array<epoll_event, 64> events{};
  Instant wake = router_.next_wake();
  if (next_event_ < network_.events.size()) wake = std::min(wake, Instant{} + network_.events[next_event_].at);
  const timespec* limit = nullptr;
  timespec left{};
  if (wake != kNever) {
    const std::int64_t ns = std::max<std::int64_t>(began_ns_ + wake.time_since_epoch().count() * 1000 - clock_ns(), 0);
    left = {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
    limit = &left;
  }
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), limit, nullptr);
  CHECK(count >= 0 || errno == EINTR, "epoll_pwait2");
  rests_until_ns_ = clock_ns() + network_.grain.count() * 1000;
  for (const epoll_event& event : std::span{events}.first(static_cast<std::size_t>(std::max(count, 0)))) {
    if (event.data.u64 == kSignals) over_ = true;
    else if (event.data.u64 == kStdin) read_control();
    else read_tun(event.data.u64);
  }
}

void Forwarder::deliver() {
  while (auto delivery = router_.poll(now())) {
    const ssize_t written = ::write(tuns_[delivery->host].get(), delivery->packet.data(), delivery->packet.size());
    if (written < 0) ++undelivered_;
    lateness_.add(now() - delivery->due);
  }
}

void Forwarder::apply_due_events() {
  while (next_event_ < network_.events.size() && Instant{} + network_.events[next_event_].at <= now()) {
    deliver();   // what was on its way before
    router_.apply(network_.events[next_event_++].change, now());
  }
}

void Forwarder::read_tun(std::size_t host) {
  static std::array<std::byte, kPacketBytesMax> buffer;
  for (int i = 0; i < kPacketsARound; ++i) {
    const ssize_t size = ::read(tuns_[host].get(), buffer.data(), buffer.size());
    if (size <= 0) return;
    router_.handle_packet(host, Bytes{buffer.data(), buffer.data() + size}, now());
  }
}

void Forwarder::read_control() {
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    over_ = true;
    return;
  }
  control_.append(buffer.data(), static_cast<std::size_t>(size));
  for (std::size_t end = 0; (end = control_.find('\n')) != std::string::npos; control_.erase(0, end + 1)) obey(control_.substr(0, end));
  if (control_.size() <= kControlLineMax) return;
  control_.clear();
  say({{"ok", false}, {"error", "A line on standard input is too long."}});
}

void Forwarder::obey(const std::string& line) {
  if (line == "stats") return print_stats();
  const auto change = parse_change(line, network_);
  if (!change) return say({{"ok", false}, {"error", change.error().text}});
  deliver();
  router_.apply(*change, now());
  say({{"ok", true}});
}

void Forwarder::print_stats() const {
  boost::json::object sites;
  for (std::size_t i = 0; i < network_.sites.size(); ++i) {
    const SiteCounters& c = router_.counters(i);
    sites[network_.sites[i].name] = {{"up", direction(c.up)}, {"down", direction(c.down)}, {"nat_refused_out", c.nat_refused_out},
                                     {"nat_refused_in", c.nat_refused_in}, {"udp_blocked", c.udp_blocked}, {"unroutable", c.unroutable}};
  }
  say({{"stats",
        {{"delivered", lateness_.count()},
         {"undelivered", undelivered_},
         {"late_us", {{"p50", lateness_.percentile_us(.5)}, {"p99", lateness_.percentile_us(.99)}, {"p999", lateness_.percentile_us(.999)}, {"max", lateness_.max_us()}}},
         {"sites", std::move(sites)}}}});
}

}  // namespace p2p::netbox
