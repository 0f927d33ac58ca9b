#include <gtest/gtest.h>

#include "directory/directory.hpp"

namespace p2p::directory {
namespace {

constexpr ConnectionId kSource{1};
constexpr ConnectionId kWatcher{2};
constexpr StreamId kStream{{std::byte{7}}};

/// A stream and somebody who looks at the list.
class Listing : public testing::Test {
 protected:
  Listing() {
    EXPECT_TRUE(directory_.connect(kSource, now_));
    EXPECT_TRUE(directory_.connect(kWatcher, now_));
    EXPECT_TRUE(directory_.create(kSource, {.stream = kStream, .details = {.title = "Harbor"}, .peer = PeerId{1}}, now_));
  }

  void pass(Duration time) {
    now_ += time;
    for (const ConnectionId each : {kSource, kWatcher}) directory_.heard(each, now_);
    directory_.handle_time(now_);
    directory_.check_invariants();
  }
  std::vector<StreamInfo> listed() {
    pass(6s);
    return directory_.look({}).streams;
  }

  Instant now_{};
  Directory directory_{{}, 1};
};

TEST_F(Listing, AStreamThatIsNotListedIsWatchedByWhoHasItsName) {
  ASSERT_EQ(listed().size(), 1u);
  ASSERT_TRUE(directory_.update(kSource, {.title = "Harbor", .listed = false}, now_));
  EXPECT_TRUE(listed().empty());
  EXPECT_TRUE(directory_.join(kWatcher, {.stream = kStream, .peer = PeerId{2}}, now_));
  EXPECT_TRUE(listed().empty()) << "nor by who comes and goes";
  ASSERT_TRUE(directory_.update(kSource, {.title = "Harbor"}, now_));
  ASSERT_EQ(listed().size(), 1u);
  EXPECT_EQ(listed().front().viewers, 1u);
}

TEST_F(Listing, AThumbnailIsOfTheSourceNowAndThenAndGoesWithTheStream) {
  EXPECT_FALSE(directory_.thumbnail(kStream));
  EXPECT_FALSE(listed().front().thumbnail_at);
  EXPECT_EQ(directory_.set_thumbnail(kWatcher, {.bytes = "x"}, now_).error(), Refusal::kNotTheSource);
  ASSERT_TRUE(directory_.set_thumbnail(kSource, {.bytes = "first", .taken_at = WallTime{1s}}, now_));
  EXPECT_EQ(directory_.set_thumbnail(kSource, {.bytes = "flood"}, now_).error(), Refusal::kRateLimited);
  EXPECT_EQ(directory_.thumbnail(kStream)->bytes, "first");
  EXPECT_EQ(listed().front().thumbnail_at, WallTime{1s});
  pass(10s);
  ASSERT_TRUE(directory_.set_thumbnail(kSource, {.bytes = "second", .taken_at = WallTime{2s}}, now_));
  EXPECT_EQ(directory_.thumbnail(kStream)->bytes, "second");
  ASSERT_TRUE(directory_.end(kSource, now_));
  EXPECT_FALSE(directory_.thumbnail(kStream));
}

}  // namespace
}  // namespace p2p::directory
