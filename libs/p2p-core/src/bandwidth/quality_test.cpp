#include "bandwidth/quality.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

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

  /// A look's time passes; a change of renditions takes no time.
  Quality::Verdict look() {
    now_ += Quality::kEvery;
    queue_ += Duration{(wanted() - line_bits_per_s_) * 250'000 / line_bits_per_s_};
    queue_ = std::max<Duration>(queue_, 0ms);
    longest_queue_ = std::max(longest_queue_, queue_);
    const std::int64_t received = queue_ > 0ms ? line_bits_per_s_ : wanted();
    const Quality::Seen seen{.received_bits_per_s = received, .arriving_bits_per_s = received, .queue = queue_ + noise_, .fed = fed_};
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
  const Quality::Seen burst{.received_bits_per_s = 20'000'000, .arriving_bits_per_s = 20'000'000, .queue = 0ms};
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
  const auto look_unfed = [&] {
    verdict = {};
    for (int i = 0; i < 20 && verdict.kind == Kind::kStay; ++i) {
      verdict = quality_.look(options_, kHigh, {}, {.received_bits_per_s = 10'000, .queue = 0ms, .fed = false}, now_ += Quality::kEvery);
    }
  };
  look_unfed();
  EXPECT_EQ(verdict.kind, Kind::kGo);
  EXPECT_EQ(verdict.to, kMiddle) << "what arrives then says nothing of the line";
  options_[2].supplied = false;
  look_unfed();
  EXPECT_EQ(verdict.to, kLow);
}

TEST_F(QualityTest, AProbeThatDoesNotArriveIsGivenUp) {
  present_ = kMiddle;
  pass(2s);
  ASSERT_TRUE(trying_);
  stripes_ = 0;   // nobody pushes anything of it
  pass(7s);
  EXPECT_EQ(present_, kMiddle);
  EXPECT_FALSE(trying_);
}

TEST_F(QualityTest, TheBurstOfAKeyPartIsNoFullLine) {
  for (int i = 0; i < 80; ++i) {
    const std::array<Duration, 8> segment{200ms, 450ms, 500ms, 400ms, 300ms, 200ms, 100ms, 0ms};
    noise_ = segment[static_cast<std::size_t>(i) % segment.size()];
    look();
  }
  EXPECT_EQ(present_, kHigh);
}

TEST_F(QualityTest, ALineThatFellFarOnceIsTriedAgainSoonAndOneThatFallsAgainAndAgainForMinutesNot) {
  pass(5s);
  const auto fall_and_rise = [&](Duration narrow) {
    line_bits_per_s_ = 1'000'000;
    pass(narrow);
    EXPECT_EQ(present_, kLow);
    line_bits_per_s_ = 50'000'000;
  };
  fall_and_rise(20s);
  pass(40s);
  EXPECT_EQ(present_, kHigh) << "it may have been a download of somebody's";
  fall_and_rise(20s);
  pass(80s);
  EXPECT_NE(present_, kHigh) << "a second time it is waited for longer";
  pass(2min);
  EXPECT_EQ(present_, kHigh);
  fall_and_rise(20s);
  pass(7min);
  EXPECT_NE(present_, kHigh);
}

TEST_F(QualityTest, AQueueThatAProbeLeftIsNotOfThePresentRendition) {
  line_bits_per_s_ = 2'000'000;
  present_ = kLow;
  options_[2].supplied = false;
  for (Quality::Verdict verdict; verdict.kind != Kind::kGiveUp;) verdict = look();
  noise_ = 700ms;   // of what was on its way
  for (int i = 0; i < 3; ++i) {
    noise_ += 100ms;
    EXPECT_EQ(look().kind, Kind::kStay);
  }
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

TEST_F(QualityTest, ProbesNothingWhereSomePartsComeLateAgainAndAgain) {
  present_ = kLow;
  for (int i = 0; i < 12; ++i) {   // nine in ten come soon
    for (int part = 0; part < 10; ++part) quality_.part_came(part == 3 ? 2s : 300ms, now_);
    pass(5s);
  }
  EXPECT_EQ(probes_, 1) << "before it was known";
  pass(30s);
  EXPECT_EQ(present_, kHigh);
}

TEST_F(QualityTest, PartsThatComeLateTogetherOnceStopNothing) {
  present_ = kLow;
  quality_.part_came(300ms, now_);
  for (int part = 0; part < 10; ++part) quality_.part_came(2s, now_);
  pass(10s);
  EXPECT_EQ(present_, kHigh);
}

}  // namespace
}  // namespace p2p::mesh
