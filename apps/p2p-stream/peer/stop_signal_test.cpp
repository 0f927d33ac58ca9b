#include "peer/stop_signal.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

namespace p2p::app {
namespace {

using namespace std::chrono_literals;

TEST(StopSignalDeathTest, ASignalIsReportedAndDoesNotKill) {
  EXPECT_EXIT(
      {
        StopSignal stop;
        ::kill(::getpid(), SIGINT);
        const auto woken = stop.wait_until(StopSignal::Clock::now() + 60s);
        std::_Exit(woken == StopSignal::Woken::kStop ? 42 : 1);
      },
      testing::ExitedWithCode(42), "");
}

TEST(StopSignalDeathTest, TheSecondSignalKills) {
  EXPECT_EXIT(
      {
        StopSignal stop;
        ::kill(::getpid(), SIGTERM);
        (void)stop.wait_until(StopSignal::Clock::now() + 60s);
        ::kill(::getpid(), SIGTERM);
        std::_Exit(1);
      },
      testing::KilledBySignal(SIGTERM), "");
}

TEST(StopSignalDeathTest, APokeWakes) {
  EXPECT_EXIT(
      {
        StopSignal stop;
        stop.poke();
        std::_Exit(stop.wait_until(StopSignal::Clock::now() + 60s) == StopSignal::Woken::kPoked ? 42 : 1);
      },
      testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace p2p::app
