#include "bandwidth/line_queue.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

/// Eight neighbors whose clocks start anywhere, one even close to where it wraps.
class LineQueueTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kNeighbors = 8;

  /// Each says something that takes so long, `late` of them by so much longer.
  void all_speak(Duration wait, std::uint64_t late = 0, Duration by = 0ms) {
    now_ += 200ms;
    for (std::uint64_t i = 0; i < kNeighbors; ++i) {
      const Duration trip = 20ms * static_cast<int>(i + 1) + wait + (i < late ? by : 0ms);
      const auto clock_ms = static_cast<std::uint32_t>((now_ - trip).time_since_epoch() / 1ms + static_cast<std::int64_t>(i) * 613'566'756);
      queue_.heard(PeerId{i + 1}, clock_ms, now_);
    }
  }

  LineQueue queue_;
  Instant now_ = Instant{} + 1h;
};

TEST_F(LineQueueTest, SeesWhatDelaysEverybody) {
  for (int i = 0; i < 5; ++i) all_speak(0ms);
  EXPECT_LT(queue_.take().value(), 5ms);
  all_speak(700ms);
  EXPECT_NEAR(static_cast<double>(queue_.take().value() / 1ms), 700, 5);
}

TEST_F(LineQueueTest, ANeighborsOwnQueueIsNotOurs) {
  all_speak(0ms);
  (void)queue_.take();
  all_speak(0ms, 5, 2s);
  EXPECT_LT(queue_.take().value(), 5ms);
}

TEST_F(LineQueueTest, OneThatLiesAboutItsClockHidesNothing) {
  all_speak(0ms);
  (void)queue_.take();
  all_speak(900ms, 1, -900ms);
  EXPECT_GT(queue_.take().value(), 890ms);
}

TEST_F(LineQueueTest, WhoComesWhileAQueueStandsHidesNothingEither) {
  all_speak(0ms);
  all_speak(800ms);
  EXPECT_GT(queue_.take().value_or(0ms), -1ms);
  all_speak(800ms);
  ASSERT_GT(queue_.take().value(), 790ms);
  for (std::uint64_t i = 0; i < 4; ++i) queue_.gone(PeerId{i + 1});
  all_speak(800ms);
  EXPECT_GT(queue_.take().value(), 790ms);
}

TEST_F(LineQueueTest, SilenceSaysNothing) {
  all_speak(0ms);
  EXPECT_TRUE(queue_.take());
  EXPECT_FALSE(queue_.take());
}

}  // namespace
}  // namespace p2p::mesh
