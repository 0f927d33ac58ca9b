#include "bandwidth/quality.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "mesh/stripes.hpp"

namespace p2p::mesh {
namespace {

using Kind = Quality::Verdict::Kind;

constexpr RenditionId kLow{0}, kMiddle{1}, kHigh{2};

/// A line that carries so much, and what a rendition more or less does to it.
class QualityTest : public ::testing::Test {
 protected:
  std::int64_t wanted() const {
    std::int64_t bits_per_s = rate(present_);
    if (trying_) bits_per_s += trying_->probe ? rate(trying_->id) * static_cast<std::int64_t>(stripes_) / static_cast<std::int64_t>(kStripes) : 0;
    return bits_per_s;
  }
  std::int64_t rate(RenditionId id) const { return std::ranges::find(options_, id, &Quality::Option::id)->bits_per_s; }

  /// Half a second passes; a change of renditions takes no time.
  Quality::Verdict look() {
    now_ += Quality::kEvery;
    queue_ += Duration{(wanted() - line_bits_per_s_) * 500'000 / line_bits_per_s_};
    queue_ = std::max<Duration>(queue_, 0ms);
    longest_queue_ = std::max(longest_queue_, queue_);
    const Quality::Seen seen{.received_bits_per_s = queue_ > 0ms ? line_bits_per_s_ : wanted(), .least_age = 300ms + queue_ + noise_, .fed = fed_};
    const Quality::Verdict verdict = quality_.look(options_, present_, trying_, seen, now_);
    if (verdict.kind == Kind::kProbe) {
      ++probes_;
      trying_ = Quality::Trying{.id = verdict.to, .probe = true};
      stripes_ = verdict.stripes;
    } else if (verdict.kind == Kind::kGo) {
      ++changes_;
      present_ = verdict.to;
      trying_.reset();
    } else if (verdict.kind == Kind::kGiveUp) {
      trying_.reset();
    }
    return verdict;
  }

  void pass(Duration span) {
    for (const Instant end = now_ + span; now_ < end;) look();
  }

  std::vector<Quality::Option> options_{{kHigh, 3'000'000, true}, {kLow, 750'000, true}, {kMiddle, 1'500'000, true}};
  Quality quality_;
  Instant now_{};
  RenditionId present_ = kHigh;
  std::optional<Quality::Trying> trying_;
  std::size_t stripes_ = 0;
  std::int64_t line_bits_per_s_ = 50'000'000;
  Duration queue_{}, noise_{}, longest_queue_{};
  bool fed_ = true;
  int changes_ = 0, probes_ = 0;
};

TEST_F(QualityTest, StaysOnALineThatSuffices) {
  pass(2min);
  EXPECT_EQ(present_, kHigh);
  EXPECT_EQ(changes_ + probes_, 0);
}

TEST_F(QualityTest, GoesDownWithinTwoSecondsToWhatTheLineCarries) {
  pass(5s);
  line_bits_per_s_ = 2'000'000;
  pass(2s);
  EXPECT_EQ(present_, kMiddle);
}

TEST_F(QualityTest, FromAFastLineToASlowOneItSkipsWhatDoesNotFit) {
  pass(5s);
  line_bits_per_s_ = 1'000'000;
  pass(2s);
  EXPECT_EQ(present_, kLow);
}

TEST_F(QualityTest, AQueueThatComesAndGoesIsNoFullLine) {
  for (int i = 0; i < 20; ++i) {
    noise_ = i % 2 == 0 ? 600ms : 0ms;
    look();
  }
  EXPECT_EQ(present_, kHigh);
}

TEST_F(QualityTest, GoesUpAgainStepByProbe) {
  present_ = kLow;
  pass(15s);
  EXPECT_EQ(present_, kHigh);
  EXPECT_EQ(probes_, changes_);
}

TEST_F(QualityTest, ABurstIsNoBandwidthToGoUpOn) {
  present_ = kLow;
  // A neighbor that was held up sends all at once: much arrives, and nothing was probed.
  const Quality::Seen burst{.received_bits_per_s = 20'000'000, .least_age = 300ms};
  const Quality::Verdict verdict = quality_.look(options_, present_, {}, burst, now_);
  EXPECT_EQ(verdict.kind, Kind::kStay);
}

TEST_F(QualityTest, ALineBetweenTwoRenditionsIsProbedSeldomAndNeverOverfilledForLong) {
  line_bits_per_s_ = 2'000'000;
  present_ = kMiddle;
  pass(10min);
  EXPECT_EQ(present_, kMiddle);
  EXPECT_EQ(changes_, 0);
  EXPECT_LE(probes_, 8);
  EXPECT_LT(longest_queue_, 1s);
}

TEST_F(QualityTest, WhatNeighborsDoNotHaveIsNotTried) {
  present_ = kLow;
  options_[0].supplied = options_[2].supplied = false;
  pass(1min);
  EXPECT_EQ(probes_, 0);
}

TEST_F(QualityTest, WhenNobodyFeedsThePresentOneTheNextBelowIsTakenThatNeighborsHave) {
  Quality::Verdict verdict;
  for (int i = 0; i < 10 && verdict.kind == Kind::kStay; ++i) {
    verdict = quality_.look(options_, kHigh, {}, {.received_bits_per_s = 10'000, .fed = false}, now_ += Quality::kEvery);
  }
  EXPECT_EQ(verdict.kind, Kind::kGo);
  EXPECT_EQ(verdict.to, kMiddle) << "what arrives then says nothing of the line";
  options_[2].supplied = false;
  EXPECT_EQ(quality_.look(options_, kHigh, {}, {.received_bits_per_s = 10'000, .fed = false}, now_ += Quality::kEvery).to, kLow);
}

TEST_F(QualityTest, AProbeThatDoesNotArriveIsGivenUp) {
  present_ = kMiddle;
  pass(4500ms);
  ASSERT_TRUE(trying_);
  stripes_ = 0;   // nobody pushes anything of it
  pass(7s);
  EXPECT_EQ(present_, kMiddle);
  EXPECT_FALSE(trying_);
}

TEST_F(QualityTest, TheViewersChoiceNeedsNoProbeAndIsNotLeft) {
  quality_.choose(kLow);
  EXPECT_EQ(look().kind, Kind::kGo);
  pass(1min);
  EXPECT_EQ(present_, kLow);
  quality_.choose(kHigh);
  line_bits_per_s_ = 2'000'000;
  pass(20s);
  EXPECT_EQ(present_, kHigh);
  quality_.choose(std::nullopt);
  pass(2s);
  EXPECT_NE(present_, kHigh);
}

}  // namespace
}  // namespace p2p::mesh
