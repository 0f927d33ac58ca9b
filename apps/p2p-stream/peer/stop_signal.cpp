#include "peer/stop_signal.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "base/check.hpp"

namespace p2p::app {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);   // a reader of our output that goes away shows as a failed write
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  pokes_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(signals_ >= 0 && pokes_ >= 0, "no file descriptors left at the start of the program");
}

StopSignal::~StopSignal() {
  ::close(signals_);
  ::close(pokes_);
}

StopSignal::Woken StopSignal::wait_until(Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    std::array<pollfd, 2> watched{{{signals_, POLLIN, 0}, {pokes_, POLLIN, 0}}};
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000)));
    if (ready < 0 && errno == EINTR) continue;
    if ((watched[0].revents & POLLIN) != 0) {
      signalfd_siginfo info;
      (void)!::read(signals_, &info, sizeof info);
      // Taken before it is unblocked: a pending one would be delivered. The next one kills, see the header.
      const sigset_t set = stop_signals();
      ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
      return Woken::kStop;
    }
    if ((watched[1].revents & POLLIN) != 0) {
      std::uint64_t count = 0;
      (void)!::read(pokes_, &count, sizeof count);
      return Woken::kPoked;
    }
    if (Clock::now() >= until) return Woken::kTime;
  }
}

void StopSignal::poke() {
  const std::uint64_t one = 1;
  (void)!::write(pokes_, &one, sizeof one);
}

}  // namespace p2p::app
