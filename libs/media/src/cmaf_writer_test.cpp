#include "media/cmaf_writer.hpp"

#include <gtest/gtest.h>

#include "media/cmaf_filler.hpp"
#include "media/fmp4_reader.hpp"
#include "test_tracks.hpp"

namespace p2p::media {
namespace {

constexpr WallTime kWall{1'700'000'000'000'000us};

/// A source of made-up frames in time order, at the pace of a camera and a microphone.
class Studio {
 public:
  struct Options {
    Duration frame = 33'333us;
    int key_every = 60;
    bool video = true;
    bool audio = true;
    Duration b_frame_delay{};
  };
  Studio(CmafWriter& writer, Options options) : writer_{writer}, options_{options} {}

  /// Frames of both tracks up to media time `end`; those of [mute_from, mute_to) and [blind_from, blind_to) are left out.
  void run_until(Duration end) {
    while (true) {
      const Duration video = options_.video ? frame_ * options_.frame : Duration::max();
      const Duration audio = options_.audio ? sound_ * 20ms : Duration::max();
      if (std::min(video, audio) >= end) return;
      if (video <= audio) {
        if (video < blind_from || video >= blind_to) show(video, frame_ % options_.key_every == 0);
        ++frame_;
      } else {
        if (audio < mute_from || audio >= mute_to) sound(audio);
        ++sound_;
      }
    }
  }
  void show(Duration at, bool key) {
    take(writer_.push({.kind = TrackKind::kVideo,
                       .dts = at,
                       .pts = at + options_.b_frame_delay,
                       .duration = options_.frame,
                       .key = key,
                       .captured = kWall + at,
                       .data = picture_}));
  }
  void sound(Duration at) {
    take(writer_.push({.kind = TrackKind::kAudio,
                       .dts = at,
                       .pts = at,
                       .duration = 20ms,
                       .key = true,
                       .captured = kWall + at,
                       .data = opus_}));
  }
  void finish() { take(writer_.flush()); }

  Duration mute_from = Duration::max();
  Duration mute_to{};
  Duration blind_from = Duration::max();
  Duration blind_to{};
  std::vector<CmafPart> parts;

 private:
  void take(std::vector<CmafPart> more) {
    for (CmafPart& part : more) parts.push_back(std::move(part));
  }
  CmafWriter& writer_;
  Options options_;
  Bytes picture_{1000, std::byte{0x11}};
  Bytes opus_{160, std::byte{0x22}};
  std::int64_t frame_ = 0;
  std::int64_t sound_ = 0;
};

/// All frames of a track, in the order of the parts.
std::vector<SampleEntry> frames_of(const CmafWriter& writer, const std::vector<CmafPart>& parts, TrackKind kind) {
  const auto init = read_init_segment(writer.init_segment());
  EXPECT_TRUE(init.has_value());
  std::vector<SampleEntry> all;
  for (const CmafPart& part : parts) {
    const auto tracks = read_part(part.bytes, *init);
    EXPECT_TRUE(tracks.has_value());
    for (const auto& track : *tracks) {
      if (track.kind == kind) all.insert(all.end(), track.samples.begin(), track.samples.end());
    }
  }
  return all;
}

void expect_contiguous(const std::vector<SampleEntry>& frames) {
  for (std::size_t i = 1; i < frames.size(); ++i) {
    // A tick of rounding may lie between the parts.
    ASSERT_NEAR(static_cast<double>(frames[i].dts), static_cast<double>(frames[i - 1].dts + frames[i - 1].duration), 1.5)
        << "frame " << i;
  }
}

TEST(CmafWriter, CutsTwoSecondSegmentsIntoPartsOfTheTarget) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  Studio studio{writer, {}};
  studio.run_until(9990ms);
  studio.finish();
  ASSERT_EQ(studio.parts.size(), 50u);
  for (std::size_t i = 0; i < studio.parts.size(); ++i) {
    const CmafPart& part = studio.parts[i];
    EXPECT_EQ(part.segment, i / 10);
    EXPECT_EQ(part.index, i % 10);
    EXPECT_EQ(part.independent, i % 10 == 0);
    EXPECT_GE(part.duration, 190ms);
    EXPECT_LE(part.duration, 210ms);
    if (i > 0) EXPECT_EQ(part.start, studio.parts[i - 1].start + studio.parts[i - 1].duration);
  }
  const auto video = frames_of(writer, studio.parts, TrackKind::kVideo);
  EXPECT_EQ(video.size(), 300u);
  expect_contiguous(video);
  const auto audio = frames_of(writer, studio.parts, TrackKind::kAudio);
  EXPECT_EQ(audio.size(), 500u);
  expect_contiguous(audio);
  EXPECT_EQ(writer.counters().silence_frames, 0u);
}

TEST(CmafWriter, APartLeavesWithItsLastFrame) {
  CmafWriter writer{{.video = test_video(), .audio = std::nullopt}};
  Studio studio{writer, {}};
  for (int i = 0; i < 5; ++i) studio.show(i * 33'333us, i == 0);
  EXPECT_TRUE(studio.parts.empty());
  studio.show(5 * 33'333us, false);
  ASSERT_EQ(studio.parts.size(), 1u);
  EXPECT_EQ(studio.parts[0].captured, kWall + 5 * 33'333us);
}

TEST(CmafWriter, APartHasTheAudioUpToItsEnd) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  Studio studio{writer, {.frame = 41'667us, .key_every = 48}};
  studio.run_until(4s);
  const auto init = read_init_segment(writer.init_segment());
  for (const CmafPart& part : studio.parts) {
    const auto tracks = read_part(part.bytes, *init);
    ASSERT_EQ(tracks->size(), 2u);
    const auto& last = (*tracks)[1].samples.back();
    const Duration audio_end = from_ticks(last.dts + last.duration, 48'000);
    EXPECT_GE(audio_end, part.start + part.duration - 1ms);
    EXPECT_LE(audio_end, part.start + part.duration + 20ms);
  }
}

TEST(CmafWriter, ASegmentWaitsForItsKeyFrameUpToTheBound) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2), .segment_max = 5s}};
  Studio studio{writer, {.key_every = 120}};  // 4 s
  studio.run_until(9s);
  EXPECT_EQ(writer.counters().forced_segments, 0u);
  EXPECT_EQ(studio.parts.back().segment, 2u);

  CmafWriter patient{{.video = test_video(), .audio = opus_track(2), .segment_max = 5s}};
  Studio rare{patient, {.key_every = 100'000}};
  rare.run_until(12s);
  EXPECT_EQ(patient.counters().forced_segments, 2u);
  EXPECT_EQ(rare.parts.back().segment, 2u);
  EXPECT_FALSE(rare.parts.back().independent);
}

TEST(CmafWriter, AKeyFrameBetweenStartsAPart) {
  CmafWriter writer{{.video = test_video(), .audio = std::nullopt}};
  Studio studio{writer, {.key_every = 30}};
  studio.run_until(4s);
  int independent = 0;
  for (const CmafPart& part : studio.parts) independent += part.independent ? 1 : 0;
  EXPECT_EQ(independent, 4);
  EXPECT_EQ(studio.parts.back().segment, 1u);
}

TEST(CmafWriter, KeepsTheShowTimeOfBFrames) {
  CmafWriter writer{{.video = test_video(), .audio = std::nullopt}};
  Studio studio{writer, {.b_frame_delay = 66'666us}};
  studio.run_until(2s);
  for (const auto& frame : frames_of(writer, studio.parts, TrackKind::kVideo)) EXPECT_NEAR(frame.composition_offset, 6000, 1);
}

TEST(CmafWriter, MissingAudioBecomesSilenceAndReturns) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  Studio studio{writer, {}};
  studio.mute_from = 3s;
  studio.mute_to = 9s;
  studio.run_until(12s);
  studio.finish();
  const auto audio = frames_of(writer, studio.parts, TrackKind::kAudio);
  expect_contiguous(audio);
  EXPECT_EQ(audio.size(), 600u);
  EXPECT_EQ(writer.counters().silence_frames, 300u);
  EXPECT_LE(writer.counters().dropped_late_audio, 1u);
  expect_contiguous(frames_of(writer, studio.parts, TrackKind::kVideo));
}

TEST(CmafWriter, ASilentMicrophoneHoldsThePictureForTheWaitOnly) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  Studio studio{writer, {.audio = false}};
  studio.run_until(990ms);
  EXPECT_TRUE(studio.parts.empty());
  studio.run_until(5s);
  EXPECT_GE(studio.parts.size(), 24u);
  expect_contiguous(frames_of(writer, studio.parts, TrackKind::kAudio));
}

TEST(CmafWriter, AudioGoesOnWhenTheCameraStops) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  Studio studio{writer, {}};
  studio.blind_from = 3s;
  studio.blind_to = 7s;
  studio.run_until(7s);
  EXPECT_GE(studio.parts.size(), 34u);
  studio.run_until(12s);
  studio.finish();
  expect_contiguous(frames_of(writer, studio.parts, TrackKind::kAudio));
  const auto video = frames_of(writer, studio.parts, TrackKind::kVideo);
  expect_contiguous(video);  // the pause is bridged: the first frame after it is decoded early and shown in time
  int late = 0;
  for (const auto& frame : video) late += frame.composition_offset > 300'000 ? 1 : 0;
  EXPECT_EQ(late, 1);
  EXPECT_EQ(writer.counters().silence_frames, 0u);
}

TEST(CmafWriter, AVideoPauseIsNoHoleInDecodeTime) {
  CmafWriter writer{{.video = test_video(), .audio = std::nullopt}};
  Studio studio{writer, {}};
  studio.run_until(1s);
  studio.show(1500ms, false);
  studio.show(1533ms, false);
  studio.show(2600ms, true);
  studio.finish();
  const auto video = frames_of(writer, studio.parts, TrackKind::kVideo);
  expect_contiguous(video);
  const auto shown = [&](std::size_t back) {
    const auto& f = video[video.size() - back];
    return from_ticks(f.dts + f.composition_offset, kVideoTimescale);
  };
  EXPECT_EQ(shown(3), 1500ms);
  EXPECT_EQ(shown(2), 1533ms);
  EXPECT_EQ(shown(1), 2600ms);
}

TEST(CmafWriter, StraightensAudioTimestampsOfWholeMilliseconds) {
  const auto aac = audio_track_from_aac_config(Bytes{std::byte{0x12}, std::byte{0x10}});
  ASSERT_TRUE(aac.has_value());
  EXPECT_EQ(aac->sample_rate, 44'100u);
  CmafWriter writer{{.video = std::nullopt, .audio = *aac}};
  const Bytes frame(100);
  std::vector<CmafPart> parts;
  for (int i = 0; i < 1000; ++i) {
    const Duration at{i * 1024'000'000LL / 44'100 / 1000 * 1000};
    for (auto& part : writer.push({.kind = TrackKind::kAudio, .dts = at, .pts = at, .duration = 23'220us, .data = frame})) {
      parts.push_back(std::move(part));
    }
  }
  const auto audio = frames_of(writer, parts, TrackKind::kAudio);
  expect_contiguous(audio);
  EXPECT_EQ(writer.counters().silence_frames, 0u);
  EXPECT_EQ(writer.counters().dropped_late_audio, 0u);
}

TEST(CmafWriter, AudioAloneIsCutByItsOwnFrames) {
  CmafWriter writer{{.video = std::nullopt, .audio = opus_track(1)}};
  Studio studio{writer, {.video = false}};
  studio.run_until(6s);
  ASSERT_EQ(studio.parts.size(), 30u);
  for (std::size_t i = 0; i < studio.parts.size(); ++i) {
    EXPECT_EQ(studio.parts[i].duration, 200ms);
    EXPECT_EQ(studio.parts[i].segment, i / 10);
    EXPECT_TRUE(studio.parts[i].independent);
  }
}

TEST(CmafWriter, NothingIsKeptBeforeTheFirstKeyFrame) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2), .first_segment = 40}};
  Studio studio{writer, {}};
  for (int i = 0; i < 100; ++i) {
    studio.show(i * 33ms, i == 90);
    studio.sound(i * 33ms);
  }
  ASSERT_FALSE(studio.parts.empty());
  EXPECT_EQ(studio.parts.front().segment, 40u);
  EXPECT_TRUE(studio.parts.front().independent);
  EXPECT_EQ(studio.parts.front().start, 90 * 33ms);
  EXPECT_EQ(writer.counters().dropped_video, 90u);
}

TEST(CmafWriter, ALostPartHasAFillerThatFits) {
  CmafWriter writer{{.video = test_video(), .audio = opus_track(2)}};
  Studio studio{writer, {}};
  studio.run_until(3s);
  const auto init = read_init_segment(writer.init_segment());
  const auto before = frames_of(writer, {studio.parts[4]}, TrackKind::kAudio);
  const auto lost = frames_of(writer, {studio.parts[5]}, TrackKind::kAudio);
  const Bytes filler = make_filler_part(*init, {.sequence = 6,
                                                .start = studio.parts[5].start,
                                                .duration = studio.parts[5].duration,
                                                .audio_from = before.back().dts + before.back().duration});
  const auto tracks = read_part(filler, *init);
  ASSERT_TRUE(tracks.has_value());
  EXPECT_TRUE((*tracks)[0].samples.empty());
  ASSERT_EQ((*tracks)[1].samples.size(), lost.size());
  EXPECT_EQ((*tracks)[1].samples.front().dts, lost.front().dts);
}

}  // namespace
}  // namespace p2p::media
