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

TEST(WorldFile, NamesPeopleOneByOne) {
  const auto world = read_world(R"({"people": [{"upload_bits_per_s": 3000000, "nat": "open"},
                                               {"joins_ms": 1500, "upload_bits_per_s": 500000, "download_bits_per_s": 4000000, "x_ppm": 250000,
                                                "y_ppm": 1000000, "loss_ppm": 3000, "nat": "symmetric", "chromium": true}]})", {});
  ASSERT_TRUE(world) << world.error().text;
  EXPECT_EQ(world->viewers, 1u);
  ASSERT_EQ(world->people.size(), 2u);
  const simulator::World::Person& viewer = world->people[1];
  EXPECT_EQ(viewer.joins, 1500ms);
  EXPECT_EQ(viewer.upload_bits_per_s, 500'000);
  EXPECT_EQ(viewer.download_bits_per_s, 4'000'000);
  EXPECT_EQ(viewer.x_ppm, 250'000u);
  EXPECT_EQ(viewer.y_ppm, 1'000'000u);
  EXPECT_EQ(viewer.loss_ppm, 3'000u);
  EXPECT_EQ(viewer.nat, simulator::Nat::kSymmetric);
  EXPECT_TRUE(viewer.chromium);
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
  EXPECT_THAT(why(R"({"people": [{"upload_bits_per_s": 1000000}]})"), HasSubstr("needs a \"nat\""));
  EXPECT_THAT(why(R"({"people": [{"nat": "open"}, {"nat": "open"}]})"), HasSubstr("upload_bits_per_s"));
  EXPECT_THAT(why(R"({"viewers": 3, "people": [{"upload_bits_per_s": 1000000, "nat": "open"}]})"), HasSubstr("people are 1"));
  EXPECT_THAT(why(R"({"people": [{"upload_bits_per_s": 1000000, "nat": "open"}, {"joins_ms": 9, "upload_bits_per_s": 1000000, "nat": "open"},
                                 {"joins_ms": 8, "upload_bits_per_s": 1000000, "nat": "open"}]})"), HasSubstr("order of their joins_ms"));
  EXPECT_THAT(why(R"({"vices": [{"vice": "boast", "percent": 60}, {"vice": "flood", "percent": 60}]})"), HasSubstr("more than 100"));
}

}  // namespace
}  // namespace p2p::app
