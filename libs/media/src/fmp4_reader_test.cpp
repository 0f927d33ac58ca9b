#include "media/fmp4_reader.hpp"

#include <gtest/gtest.h>

#include "media/cmaf_writer.hpp"
#include "test_tracks.hpp"

namespace p2p::media {
namespace {

std::vector<CmafPart> some_parts(CmafWriter& writer) {
  std::vector<CmafPart> parts;
  const Bytes data(50);
  for (int i = 0; i < 40; ++i) {
    for (const auto kind : {TrackKind::kAudio, TrackKind::kVideo}) {
      const Duration at = i * 20ms;
      for (auto& part : writer.push({.kind = kind, .dts = at, .pts = at, .duration = 20ms, .key = i == 0, .data = data})) {
        parts.push_back(std::move(part));
      }
    }
  }
  return parts;
}

TEST(Fmp4Reader, TellsWhatTheInitSegmentHolds) {
  const CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  const auto init = read_init_segment(writer.init_segment());
  ASSERT_TRUE(init.has_value()) << init.error().text;
  EXPECT_EQ(init->codecs(), "avc1.42c01e,opus");
  const TrackInfo* video = init->find(TrackKind::kVideo);
  ASSERT_NE(video, nullptr);
  EXPECT_EQ(video->timescale, 90'000u);
  EXPECT_EQ(video->width, 1280);
  EXPECT_EQ(video->config, test_video().avcc);
  const TrackInfo* audio = init->find(TrackKind::kAudio);
  ASSERT_NE(audio, nullptr);
  EXPECT_EQ(audio->channels, 2);
  EXPECT_EQ(audio->timescale, 48'000u);
}

TEST(Fmp4Reader, TellsTheAacConfigurationBack) {
  const Bytes config{std::byte{0x11}, std::byte{0x90}};
  const auto aac = audio_track_from_aac_config(config);
  ASSERT_TRUE(aac.has_value());
  const CmafWriter writer{{.video = std::nullopt, .audio = *aac}};
  const auto init = read_init_segment(writer.init_segment());
  ASSERT_TRUE(init.has_value()) << init.error().text;
  EXPECT_EQ(init->codecs(), "mp4a.40.2");
  EXPECT_EQ(init->tracks[0].config, config);
  EXPECT_EQ(init->tracks[0].sample_rate, 48'000u);
}

TEST(Fmp4Reader, ReadsAWholeSegmentAtOnce) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  const auto parts = some_parts(writer);
  const auto init = read_init_segment(writer.init_segment());
  Bytes segment;
  for (const auto& part : parts) append(segment, part.bytes);
  ASSERT_EQ(parts.size(), 4u);
  const auto tracks = read_part(segment, *init);
  ASSERT_TRUE(tracks.has_value()) << tracks.error().text;
  EXPECT_EQ((*tracks)[0].samples.size(), 40u);
  EXPECT_TRUE((*tracks)[0].samples[0].key);
  EXPECT_FALSE((*tracks)[0].samples[1].key);
  EXPECT_EQ((*tracks)[1].samples.size(), 40u);
}

TEST(Fmp4Reader, RefusesEveryTruncation) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  const auto parts = some_parts(writer);
  const Bytes& init_bytes = writer.init_segment();
  const auto init = read_init_segment(init_bytes);
  for (std::size_t size = 0; size < init_bytes.size(); ++size) {
    EXPECT_FALSE(read_init_segment(BytesView{init_bytes}.first(size)).has_value()) << size;
  }
  for (std::size_t size = 0; size < parts[0].bytes.size(); ++size) {
    EXPECT_FALSE(read_part(BytesView{parts[0].bytes}.first(size), *init).has_value()) << size;
  }
}

TEST(Fmp4Reader, RefusesFramesOutsideOfTheData) {
  CmafWriter writer{{.video = test_video(), .audio = std::nullopt}};
  Bytes part = some_parts(writer).front().bytes;
  const auto init = read_init_segment(writer.init_segment());
  const std::string_view text = as_text(part);
  const std::size_t trun = text.find("trun");
  ASSERT_NE(trun, std::string_view::npos);
  part[trun + 4 + 4 + 4] = std::byte{0x7f};  // the high byte of the data offset
  EXPECT_FALSE(read_part(part, *init).has_value());
}

}  // namespace
}  // namespace p2p::media
