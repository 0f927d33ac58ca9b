#include "publish/first_numbers.hpp"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

TEST(FirstNumbers, AreBeyondWhatAProgramOfBeforeCanHaveCountedTo) {
  const system_clock::time_point first{seconds{1'796'000'000}};
  for (const int later : {1, 60, 3'600, 86'400}) {
    const FirstNumbers before = first_numbers(first);
    const FirstNumbers after = first_numbers(first + seconds{later});
    EXPECT_GE(after.segment, before.segment + static_cast<std::uint32_t>(later) / 2) << "segments of two seconds";
    EXPECT_GE(after.piece, before.piece + static_cast<std::uint32_t>(later) * 250u) << "pieces of 12 KiB at 24 Mbit/s";
  }
}

TEST(FirstNumbers, LeaveRoomToCountForMonths) {
  const FirstNumbers last = first_numbers(system_clock::time_point{seconds{(1 << 20) - 1}});
  EXPECT_LT(last.piece, 1u << 28);
}

}  // namespace
}  // namespace p2p::app
