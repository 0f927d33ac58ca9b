#include "simulate/recording.hpp"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

using simulator::LiveChange;

constexpr std::string_view kRun = R"({"type":"run","version":1,"seed":"7"})";

std::string lines(std::initializer_list<std::string_view> all) {
  std::string text;
  for (const std::string_view line : all) text.append(line).append("\n");
  return text;
}

TEST(Recording, SaysTheSeedTheChangesAndTheDigestAndLeavesTheRest) {
  const auto read = read_recording(lines({kRun, R"({"type":"change","atUs":0,"kind":"viewers","value":60,"peer":0})",
                                          R"({"type":"change","atUs":2500000,"kind":"crash","value":0,"peer":3})",
                                          R"({"type":"log","atUs":1,"kind":"feed","peer":1,"id":"00","text":"x"})", R"({"type":"state"})",
                                          R"({"type":"digest","atUs":9000000,"digest":"ffffffffffffffff"})"}));
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->seed, 7u);
  ASSERT_EQ(read->changes.size(), 2u);
  EXPECT_EQ(read->changes[1].kind, LiveChange::Kind::kCrash);
  EXPECT_EQ(read->changes[1].peer, 3u);
  EXPECT_EQ(read->changes[1].at, Instant{2500ms});
  EXPECT_EQ(read->end, Instant{9s});
  EXPECT_EQ(read->digest, ~std::uint64_t{0});
}

TEST(Recording, WhatIsWrongIsSaidWithItsLine) {
  const auto why = [](std::initializer_list<std::string_view> all) { return read_recording(lines(all)).error().text; };
  EXPECT_EQ(why({kRun, "no"}), "line 2 is no JSON object with a \"type\"");
  EXPECT_EQ(why({R"({"type":"run","version":2,"seed":"7"})"}), "line 1 needs \"version\": 1 and a \"seed\"");
  EXPECT_EQ(why({kRun, R"({"type":"change","atUs":0,"kind":"weather","value":1,"peer":0})"}), "line 2 is no change that this program knows");
  EXPECT_EQ(why({kRun, R"({"type":"change","atUs":-1,"kind":"viewers","value":1,"peer":0})"}), "line 2 is no change that this program knows");
  EXPECT_EQ(why({kRun, R"({"type":"change","atUs":9,"kind":"viewers","value":1,"peer":0})", R"({"type":"change","atUs":8,"kind":"viewers","value":1,"peer":0})"}),
            "line 3 is earlier than the change before it");
  EXPECT_EQ(why({kRun, R"({"type":"digest","atUs":7200000001,"digest":"00"})"}), "line 2 needs \"atUs\" and a \"digest\"");
  EXPECT_EQ(why({kRun}), "it has no line of type \"run\" or none of type \"digest\"");
}

TEST(Recording, ReplaysToTheDigestOfTheRun) {
  simulator::LiveSimulation live{11};
  EXPECT_EQ(live.apply({.kind = LiveChange::Kind::kViewers, .value = 6}), "");
  live.advance(4s);
  EXPECT_EQ(live.apply({.kind = LiveChange::Kind::kLossPpm, .value = 20'000}), "");
  live.advance(3s);
  const Recording recording{.seed = 11, .changes = {live.changes().begin(), live.changes().end()}, .end = live.now(), .digest = live.digest()};
  EXPECT_EQ(replay(recording).value(), live.digest());
}

}  // namespace
}  // namespace p2p::app
