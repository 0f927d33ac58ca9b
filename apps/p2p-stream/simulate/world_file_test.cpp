#include "simulate/world_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace p2p::app {
namespace {

using testing::HasSubstr;

TEST(WorldFile, ChangesWhatItNamesAndNothingElse) {
  const auto world = read_world(R"({"viewers": 7, "part_ms": 100, "uploads": [{"bits_per_s": 2000000}],
                                    "faults": [{"kind": "freeze", "at_ms": 40000, "length_ms": 3000, "percent": 10}]})", {});
  ASSERT_TRUE(world) << world.error().text;
  EXPECT_EQ(world->viewers, 7u);
  EXPECT_EQ(world->part, 100ms);
  EXPECT_EQ(world->segment, simulator::World{}.segment);
  ASSERT_EQ(world->uploads.size(), 1u);
  EXPECT_EQ(world->uploads[0].bits_per_s, 2'000'000);
  ASSERT_EQ(world->faults.size(), 1u);
  EXPECT_EQ(world->faults[0].kind, simulator::Fault::Kind::kFreeze);
  EXPECT_EQ(world->faults[0].length, 3s);
}

std::string why(const std::string& text) {
  const auto world = read_world(text, {});
  return world ? std::string{} : world.error().text;
}

TEST(WorldFile, SaysWhatIsWrong) {
  EXPECT_THAT(why("{"), HasSubstr("not JSON"));
  EXPECT_THAT(why("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(why(R"({"viewer": 7})"), HasSubstr("has no \"viewer\""));
  EXPECT_THAT(why(R"({"viewers": "many"})"), HasSubstr("whole number"));
  EXPECT_THAT(why(R"({"viewers": -1})"), HasSubstr("between 1 and"));
  EXPECT_THAT(why(R"({"part_ms": 300})"), HasSubstr("multiple of part_ms"));
  EXPECT_THAT(why(R"({"faults": [{"kind": "flood"}]})"), HasSubstr("one of crash"));
  EXPECT_THAT(why(R"({"uploads": [{"bits_per_s": 5000000, "share": 3}]})"), HasSubstr("has no \"share\""));
  EXPECT_THAT(why(R"({"vices": [{"vice": "boast", "percent": 60}, {"vice": "flood", "percent": 60}]})"), HasSubstr("more than 100"));
}

}  // namespace
}  // namespace p2p::app
