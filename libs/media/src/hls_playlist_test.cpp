#include "media/hls_playlist.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace p2p::media {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr WallTime kWall{1'700'000'000'000'000us};

HlsPlaylist::Part part_at(std::uint32_t segment, std::uint16_t index) {
  const Duration start = segment * 2s + index * 200ms;
  return {.segment = segment,
          .index = index,
          .independent = index == 0,
          .start = start,
          .duration = 200ms,
          .captured = kWall + start + 200ms};
}

void add_segments(HlsPlaylist& playlist, std::uint32_t first, std::uint32_t end) {
  for (std::uint32_t s = first; s < end; ++s) {
    for (std::uint16_t i = 0; i < 10; ++i) ASSERT_NE(playlist.add(part_at(s, i)), HlsPlaylist::Added::kNo);
  }
}

TEST(HlsPlaylist, ListsPartsAndHintsAtTheNext) {
  HlsPlaylist playlist{{}};
  playlist.add(part_at(0, 0));
  playlist.add(part_at(0, 1));
  EXPECT_EQ(playlist.text(),
            "#EXTM3U\n"
            "#EXT-X-VERSION:9\n"
            "#EXT-X-TARGETDURATION:2\n"
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.600000\n"
            "#EXT-X-PART-INF:PART-TARGET=0.200000\n"
            "#EXT-X-MEDIA-SEQUENCE:0\n"
            "#EXT-X-MAP:URI=\"init0.mp4\"\n"
            "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.000Z\n"
            "#EXT-X-PART:DURATION=0.200000,URI=\"s0.p0.m4s\",INDEPENDENT=YES\n"
            "#EXT-X-PART:DURATION=0.200000,URI=\"s0.p1.m4s\"\n"
            "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"s0.p2.m4s\"\n");
}

TEST(HlsPlaylist, AnotherRenditionHasItsHeaderFromItsSegmentOn) {
  HlsPlaylist playlist{{.segments_in_parts = 1}};
  for (std::uint32_t segment = 0; segment < 4; ++segment) {
    for (std::uint16_t index = 0; index < 10; ++index) {
      HlsPlaylist::Part part = part_at(segment, index);
      part.rendition = segment < 2 ? 3 : 1;
      ASSERT_EQ(playlist.add(part), HlsPlaylist::Added::kYes);
    }
  }
  EXPECT_EQ(playlist.rendition_of(1), 3);
  EXPECT_EQ(playlist.rendition_of(2), 1);
  EXPECT_EQ(playlist.rendition_of(9), std::nullopt);
  const std::string text = playlist.text();
  const std::size_t first = text.find("#EXT-X-MAP:URI=\"init3.mp4\"\n"), second = text.find("#EXT-X-MAP:URI=\"init1.mp4\"\n");
  EXPECT_LT(first, text.find("s0.m4s"));
  EXPECT_LT(text.find("s1.m4s"), second);
  EXPECT_LT(second, text.find("s2.m4s"));
  EXPECT_EQ(text.find("#EXT-X-MAP", second + 1), std::string::npos);
  EXPECT_THAT(text, Not(HasSubstr("DISCONTINUITY"))) << "the timeline goes on";
}

TEST(HlsPlaylist, KeepsAWindowAndCountsOn) {
  HlsPlaylist playlist{{.segments_max = 4, .segments_in_parts = 1}};
  add_segments(playlist, 0, 20);
  const std::string text = playlist.text();
  EXPECT_THAT(text, HasSubstr("#EXT-X-MEDIA-SEQUENCE:15\n"));
  EXPECT_THAT(text, HasSubstr("#EXTINF:2.000000,\ns15.m4s\n"));
  EXPECT_THAT(text, Not(HasSubstr("s17.p0")));
  EXPECT_THAT(text, HasSubstr("s18.p0"));
  EXPECT_THAT(text, HasSubstr("s19.p9"));
  EXPECT_THAT(text, Not(HasSubstr("s19.m4s")));
}

TEST(HlsPlaylist, ABlockingReloadIsAnsweredByThePartOrALaterOne) {
  HlsPlaylist playlist{{}};
  add_segments(playlist, 0, 1);
  EXPECT_TRUE(playlist.has(0, 9));
  EXPECT_FALSE(playlist.has(0, 10));
  playlist.add(part_at(1, 0));
  EXPECT_TRUE(playlist.has(0, 10));
  EXPECT_FALSE(playlist.has(1, 1));
}

TEST(HlsPlaylist, ASkippedPartIsListedAndMayStillArrive) {
  HlsPlaylist playlist{{.mark_gaps = true}};
  playlist.add(part_at(0, 0));
  playlist.add(part_at(0, 3));
  EXPECT_TRUE(playlist.is_missing(0, 1));
  EXPECT_TRUE(playlist.is_missing(0, 2));
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-PART:DURATION=0.200000,URI=\"s0.p1.m4s\",GAP=YES\n"));
  EXPECT_EQ(playlist.add(part_at(0, 1)), HlsPlaylist::Added::kYes);
  EXPECT_FALSE(playlist.is_missing(0, 1));
  EXPECT_EQ(playlist.add(part_at(0, 1)), HlsPlaylist::Added::kNo);
  EXPECT_THAT(playlist.text(), HasSubstr("URI=\"s0.p1.m4s\"\n"));
}

TEST(HlsPlaylist, SkippedPartsAcrossSegmentsStayInTheirTime) {
  HlsPlaylist playlist{{}};
  for (std::uint16_t i = 0; i < 9; ++i) playlist.add(part_at(0, i));
  playlist.add(part_at(1, 0));
  EXPECT_TRUE(playlist.is_missing(0, 9));
  EXPECT_THAT(playlist.text(), HasSubstr("#EXTINF:2.000000,\ns0.m4s\n"));
  EXPECT_THAT(playlist.text(), Not(HasSubstr("GAP=YES")));
}

TEST(HlsPlaylist, ASkippedSegmentBeginsANewTimeline) {
  HlsPlaylist playlist{{.segments_max = 2}};
  add_segments(playlist, 0, 2);
  EXPECT_EQ(playlist.add(part_at(5, 0)), HlsPlaylist::Added::kRestarted);
  EXPECT_EQ(playlist.add(part_at(5, 1)), HlsPlaylist::Added::kYes);
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-MEDIA-SEQUENCE:5\n"));
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-DISCONTINUITY\n#EXT-X-MAP"));
  add_segments(playlist, 6, 10);
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
  EXPECT_THAT(playlist.text(), Not(HasSubstr("#EXT-X-DISCONTINUITY\n")));
}

TEST(HlsPlaylist, ALongSegmentRaisesTheTargetForGood) {
  HlsPlaylist playlist{{.segments_max = 2}};
  for (std::uint16_t i = 0; i < 20; ++i) playlist.add(part_at(0, i));
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-TARGETDURATION:4\n"));
}

TEST(HlsPlaylist, EndsWithoutAHint) {
  HlsPlaylist playlist{{}};
  add_segments(playlist, 0, 1);
  playlist.end();
  EXPECT_THAT(playlist.text(), HasSubstr("s0.m4s\n#EXT-X-ENDLIST\n"));
  EXPECT_THAT(playlist.text(), Not(HasSubstr("PRELOAD")));
}

TEST(HlsPlaylist, RefusesPartsBeyondItsBounds) {
  HlsPlaylist playlist{{}};
  EXPECT_EQ(playlist.add({.segment = 0, .index = 256, .duration = 200ms}), HlsPlaylist::Added::kNo);
  EXPECT_EQ(playlist.add({.segment = 0, .index = 0, .duration = 0ms}), HlsPlaylist::Added::kNo);
  EXPECT_TRUE(playlist.empty());
}

TEST(HlsPlaylist, TheFirstPartMayBeASegmentOfItsOwn) {
  HlsPlaylist playlist{{.split_first = true}};
  ASSERT_EQ(playlist.add(part_at(7, 0)), HlsPlaylist::Added::kYes);
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-MEDIA-SEQUENCE:7\n"));
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-PART:DURATION=0.199000,URI=\"s7.p0.m4s\",INDEPENDENT=YES\n#EXTINF:0.200000,\ns7.p0.m4s\n"
                                         "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"s7.p1.m4s\"\n"));
  // What follows it is segment 8 of the playlist, whose part 0 is part 1 of the stream's segment 7.
  EXPECT_TRUE(playlist.has_listed(7, 0));
  EXPECT_FALSE(playlist.has_listed(8, 0));
  ASSERT_EQ(playlist.add(part_at(7, 1)), HlsPlaylist::Added::kYes);
  EXPECT_TRUE(playlist.has_listed(8, 0));
  EXPECT_FALSE(playlist.has_listed(8, 1));
  for (std::uint16_t index = 2; index < 10; ++index) ASSERT_EQ(playlist.add(part_at(7, index)), HlsPlaylist::Added::kYes);
  EXPECT_FALSE(playlist.has_listed(9, 0));
  ASSERT_EQ(playlist.add(part_at(8, 0)), HlsPlaylist::Added::kYes);
  EXPECT_TRUE(playlist.has_listed(8, 9)) << "beyond the last part: the next segment answers";
  EXPECT_TRUE(playlist.has_listed(9, 0));
  EXPECT_FALSE(playlist.has_listed(9, 1));
  EXPECT_THAT(playlist.text(), HasSubstr("#EXTINF:1.800000,\ns7.rest.m4s\n"));
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-MEDIA-SEQUENCE:7\n"));
}

TEST(HlsPlaylist, NumbersGoOnWhenTheSplitSegmentLeavesTheWindow) {
  HlsPlaylist playlist{{.segments_max = 2, .split_first = true}};
  add_segments(playlist, 0, 4);
  ASSERT_EQ(playlist.add(part_at(4, 0)), HlsPlaylist::Added::kYes);
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-MEDIA-SEQUENCE:3\n"));
  EXPECT_THAT(playlist.text(), HasSubstr("\ns2.m4s\n"));
  EXPECT_TRUE(playlist.has_listed(5, 0));
  EXPECT_FALSE(playlist.has_listed(5, 1));
}

TEST(HlsPlaylist, AJumpToTheNextSegmentHasNoNumberToSplitItWith) {
  HlsPlaylist playlist{{.split_first = true}};
  ASSERT_EQ(playlist.add(part_at(7, 0)), HlsPlaylist::Added::kYes);
  HlsPlaylist::Part late = part_at(8, 0);
  late.start += 60s;
  ASSERT_EQ(playlist.add(late), HlsPlaylist::Added::kRestarted);
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-MEDIA-SEQUENCE:9\n"));
  EXPECT_TRUE(playlist.has_listed(9, 0));
  HlsPlaylist::Part later = part_at(12, 0);
  ASSERT_EQ(playlist.add(later), HlsPlaylist::Added::kRestarted);
  EXPECT_THAT(playlist.text(), HasSubstr("#EXT-X-MEDIA-SEQUENCE:12\n"));
  EXPECT_THAT(playlist.text(), HasSubstr("\ns12.p0.m4s\n"));
}

TEST(HlsPlaylist, TheMultivariantPlaylistNamesCodecs) {
  EXPECT_EQ(multivariant_playlist({{.uri = "high/live.m3u8",
                                    .codecs = "avc1.64001f,opus",
                                    .width = 1280,
                                    .height = 720,
                                    .bits_per_second = 2'600'000}}),
            "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS\n"
            "#EXT-X-STREAM-INF:BANDWIDTH=2600000,CODECS=\"avc1.64001f,opus\",RESOLUTION=1280x720\nhigh/live.m3u8\n");
}

}  // namespace
}  // namespace p2p::media
