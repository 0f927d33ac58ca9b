#include "media/h264.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "media/track.hpp"

namespace p2p::media {
namespace {

// libx264's parameter sets for 1280x720 (High, level 3.1).
const Bytes kSps720 = *from_hex("6764001facd9405005bb016a02020280000003008000001e478c18cb");
const Bytes kPps720 = *from_hex("68ebe3cb22c0");

Bytes with_start_codes(const std::vector<Bytes>& units) {
  Bytes out;
  for (const Bytes& unit : units) {
    append(out, *from_hex("00000001"));
    append(out, unit);
  }
  return out;
}

TEST(H264, ReadsTheSizeOfThePicture) {
  const auto sps = parse_sps(kSps720);
  ASSERT_TRUE(sps.has_value());
  EXPECT_EQ(sps->width, 1280);
  EXPECT_EQ(sps->height, 720);
  EXPECT_EQ(sps->profile, 100);
  EXPECT_EQ(sps->level, 31);
  EXPECT_TRUE(sps->frames_only);
}

TEST(H264, MakesARecordThatItReadsBack) {
  const auto avcc = avcc_from_annex_b(with_start_codes({kSps720, kPps720}));
  ASSERT_TRUE(avcc.has_value()) << avcc.error().text;
  const auto track = video_track_from_avcc(*avcc);
  ASSERT_TRUE(track.has_value()) << track.error().text;
  EXPECT_EQ(track->codec, "avc1.64001f");
  EXPECT_EQ(track->width, 1280);
  const auto config = parse_avcc(*avcc);
  EXPECT_EQ(config->sps.front(), kSps720);
  EXPECT_EQ(config->pps.front(), kPps720);
}

TEST(H264, LeavesOutWhatTheRecordHasAlready) {
  const auto config = parse_avcc(*avcc_from_annex_b(with_start_codes({kSps720, kPps720})));
  const Bytes idr = *from_hex("658884");
  const Bytes unit = annex_b_to_lengths(with_start_codes({*from_hex("09f0"), kSps720, kPps720, idr}), *config);
  EXPECT_EQ(to_hex(unit), "00000003658884");
  EXPECT_TRUE(has_idr(unit, 4));
  EXPECT_FALSE(has_idr(annex_b_to_lengths(with_start_codes({*from_hex("419a01")}), *config), 4));
  EXPECT_TRUE(is_annex_b(with_start_codes({idr})));
  EXPECT_FALSE(is_annex_b(unit));
}

TEST(H264, RefusesWhatIsCutOff) {
  for (std::size_t size = 0; size < 10; ++size) EXPECT_FALSE(parse_sps(BytesView{kSps720}.first(size)).has_value()) << size;
  const auto avcc = avcc_from_annex_b(with_start_codes({kSps720, kPps720}));
  for (std::size_t size = 0; size < avcc->size() - 4; ++size) {
    EXPECT_FALSE(parse_avcc(BytesView{*avcc}.first(size)).has_value()) << size;
  }
  EXPECT_FALSE(avcc_from_annex_b(with_start_codes({kPps720})).has_value());
}

TEST(Audio, ReadsAnOpusHead) {
  const auto track = audio_track_from_opus_head(*from_hex("4f707573486561640102380180bb0000000000"));
  ASSERT_TRUE(track.has_value());
  EXPECT_EQ(track->channels, 2);
  EXPECT_EQ(track->opus_pre_skip, 312);
  EXPECT_EQ(track->codec, "opus");
  EXPECT_FALSE(audio_track_from_opus_head(*from_hex("4f707573486561640106380180bb0000000001")).has_value());
}

TEST(Audio, RefusesSurroundAac) {
  EXPECT_FALSE(audio_track_from_aac_config(*from_hex("11b0")).has_value());
  EXPECT_TRUE(audio_track_from_aac_config(*from_hex("1190")).has_value());
  EXPECT_FALSE(audio_track_from_aac_config(*from_hex("11")).has_value());
}

}  // namespace
}  // namespace p2p::media
