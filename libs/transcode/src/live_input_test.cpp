#include "transcode/live_input.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "av.hpp"
#include "media/cmaf_writer.hpp"
#include "transcode/timecode.hpp"

namespace p2p::transcode {
namespace {

namespace fs = std::filesystem;

struct Frame {
  media::TrackKind kind;
  Duration dts, pts;
  bool key;
  WallTime captured;
};

/// A folder of the test's own.
class LiveInputTest : public testing::Test {
 protected:
  LiveInputTest() {
    std::string name = (fs::temp_directory_path() / "p2p-stream-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~LiveInputTest() override { fs::remove_all(folder_); }

  /// Runs an input for that much media time, as fast as it goes, and packages it.
  void run(LiveInput& input, Duration length) {
    media::CmafWriter writer{{.video = input.renditions()[0].video, .audio = input.renditions()[0].audio}};
    append(mp4_, writer.init_segment());
    const auto take = [&](std::vector<media::CmafPart> parts) {
      for (media::CmafPart& part : parts) {
        append(mp4_, part.bytes);
        parts_.push_back(std::move(part));
      }
    };
    std::stop_source stop;
    const auto ended = input.run(
        [&](std::size_t rendition, const media::Sample& sample) {
          if (rendition != 0) return;
          frames_.push_back({sample.kind, sample.dts, sample.pts, sample.key, sample.captured});
          take(writer.push(sample));
          if (sample.dts > length) stop.request_stop();
        },
        stop.get_token());
    EXPECT_TRUE(ended) << ended.error().text;
    take(writer.flush());
  }

  fs::path write_mp4(const char* name) {
    const fs::path path = folder_ / name;
    std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(mp4_.data()), static_cast<std::streamsize>(mp4_.size()));
    return path;
  }

  fs::path a_recording(Duration length) {
    auto input = LiveInput::open({.test_pattern = true, .width = 320, .height = 180, .real_time = false});
    EXPECT_TRUE(input);
    run(**input, length);
    const fs::path path = write_mp4("recording.mp4");
    frames_.clear();
    parts_.clear();
    mp4_.clear();
    return path;
  }

  void expect_times_grow() const {
    Duration last_video = -1us, last_audio = -1us;
    for (const Frame& frame : frames_) {
      Duration& last = frame.kind == media::TrackKind::kVideo ? last_video : last_audio;
      EXPECT_GT(frame.dts, last);
      last = frame.dts;
    }
  }

  [[nodiscard]] std::size_t count(media::TrackKind kind) const {
    return static_cast<std::size_t>(std::ranges::count_if(frames_, [&](const Frame& frame) { return frame.kind == kind; }));
  }

  fs::path folder_;
  std::vector<Frame> frames_;
  std::vector<media::CmafPart> parts_;
  Bytes mp4_;
};

/// Decodes a file's video and reads the timecode of each picture.
std::vector<std::int64_t> timecodes_in(const fs::path& path, int width, int height) {
  std::vector<std::int64_t> codes;
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, path.c_str(), nullptr, nullptr) < 0) return codes;
  const AvPtr<AVFormatContext> format{opened};
  avformat_find_stream_info(opened, nullptr);
  const int stream = av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const CodecPtr decoder{avcodec_alloc_context3(avcodec_find_decoder(opened->streams[stream]->codecpar->codec_id))};
  avcodec_parameters_to_context(decoder.get(), opened->streams[stream]->codecpar);
  avcodec_open2(decoder.get(), nullptr, nullptr);
  const PacketPtr packet = make_packet();
  const FramePtr frame = make_frame();
  while (av_read_frame(opened, packet.get()) >= 0) {
    if (packet->stream_index == stream && avcodec_send_packet(decoder.get(), packet.get()) >= 0) {
      while (avcodec_receive_frame(decoder.get(), frame.get()) >= 0) {
        const auto stride = static_cast<std::size_t>(frame->linesize[0]);
        const auto code = read_timecode({frame->data[0], stride * static_cast<std::size_t>(height)}, stride, width, height);
        codes.push_back(code.value_or(-1));
      }
    }
    av_packet_unref(packet.get());
  }
  return codes;
}

TEST_F(LiveInputTest, TheTestPatternIsALiveStreamInParts) {
  auto input = LiveInput::open({.test_pattern = true, .width = 640, .height = 360, .real_time = false});
  ASSERT_TRUE(input) << input.error().text;
  run(**input, 6s);
  expect_times_grow();
  EXPECT_NEAR(static_cast<double>(count(media::TrackKind::kVideo)), 180, 3);
  EXPECT_NEAR(static_cast<double>(count(media::TrackKind::kAudio)), 300, 5);
  for (const media::CmafPart& part : parts_) {
    if (&part == &parts_.back()) continue;
    EXPECT_GE(part.duration, 100ms);
    EXPECT_LE(part.duration, 250ms);
    EXPECT_EQ(part.independent, part.index == 0);
  }
  EXPECT_EQ(parts_.back().segment, 3u);
}

TEST_F(LiveInputTest, ItsTimecodeSurvivesTheEncoderAndTellsTheCapture) {
  auto input = LiveInput::open({.test_pattern = true, .width = 640, .height = 360, .video_bits_per_s = 600'000, .real_time = false});
  ASSERT_TRUE(input);
  run(**input, 2s);
  const auto codes = timecodes_in(write_mp4("pattern.mp4"), 640, 360);
  std::vector<std::int64_t> captured;
  for (const Frame& frame : frames_) {
    if (frame.kind == media::TrackKind::kVideo) captured.push_back(frame.captured.time_since_epoch() / 1ms);
  }
  EXPECT_EQ(codes, captured);
}

TEST_F(LiveInputTest, AFileThatBrowsersCanPlayIsPassedOnUntouched) {
  const fs::path recording = a_recording(5s);
  auto input = LiveInput::open({.input = recording.string(), .real_time = false});
  ASSERT_TRUE(input) << input.error().text;
  EXPECT_EQ((*input)->renditions()[0].video->width, 320);
  EXPECT_EQ((*input)->renditions()[0].audio->codec, "opus");
  run(**input, 1h);
  expect_times_grow();
  EXPECT_NEAR(static_cast<double>(count(media::TrackKind::kVideo)), 150, 3);
  // Untouched: the pictures still carry the times of the recording, all different and in order.
  const auto codes = timecodes_in(write_mp4("copy.mp4"), 320, 180);
  ASSERT_GT(codes.size(), 140u);
  EXPECT_TRUE(std::ranges::is_sorted(codes));
  EXPECT_EQ(std::ranges::count(codes, -1), 0);
}

TEST_F(LiveInputTest, ALoopGoesOnWithoutAGapInTime) {
  const fs::path recording = a_recording(3s);
  auto input = LiveInput::open({.input = recording.string(), .loop = true, .real_time = false});
  ASSERT_TRUE(input);
  run(**input, 10s);
  expect_times_grow();
  Duration last{};
  for (const Frame& frame : frames_) {
    if (frame.kind != media::TrackKind::kVideo) continue;
    EXPECT_LE(frame.dts - last, 100ms);
    last = frame.dts;
  }
  EXPECT_GT(last, 9s);
}

TEST_F(LiveInputTest, WhatIsWrongIsSaidInASentence) {
  const auto missing = LiveInput::open({.input = (folder_ / "nothing.mp4").string()});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text.find("There is no file"), std::string::npos) << missing.error().text;
  const fs::path text = folder_ / "notes.txt";
  std::ofstream{text} << "This is no film.\n";
  const auto no_media = LiveInput::open({.input = text.string()});
  ASSERT_FALSE(no_media);
  EXPECT_NE(no_media.error().text.find("no media"), std::string::npos) << no_media.error().text;
}

/// Writes a file in another format by FFmpeg's own encoders.
void write_with(const char* codec_name, const fs::path& path, int frames, int gop, int b_frames) {
  AVFormatContext* raw = nullptr;
  ASSERT_GE(avformat_alloc_output_context2(&raw, nullptr, nullptr, path.c_str()), 0);
  const AVCodec* codec = avcodec_find_encoder_by_name(codec_name);
  ASSERT_TRUE(codec);
  const CodecPtr context{avcodec_alloc_context3(codec)};
  context->width = 160;
  context->height = 120;
  context->pix_fmt = codec->pix_fmts ? codec->pix_fmts[0] : AV_PIX_FMT_YUV420P;
  context->time_base = {1, 25};
  context->framerate = {25, 1};
  context->gop_size = gop;
  context->max_b_frames = b_frames;
  context->color_range = AVCOL_RANGE_JPEG;
  if ((raw->oformat->flags & AVFMT_GLOBALHEADER) != 0) context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  ASSERT_GE(avcodec_open2(context.get(), codec, nullptr), 0);
  AVStream* stream = avformat_new_stream(raw, nullptr);
  avcodec_parameters_from_context(stream->codecpar, context.get());
  stream->time_base = context->time_base;
  ASSERT_GE(avio_open(&raw->pb, path.c_str(), AVIO_FLAG_WRITE), 0);
  ASSERT_GE(avformat_write_header(raw, nullptr), 0);
  const PacketPtr packet = make_packet();
  const auto drain = [&] {
    while (avcodec_receive_packet(context.get(), packet.get()) >= 0) {
      av_packet_rescale_ts(packet.get(), context->time_base, stream->time_base);
      av_interleaved_write_frame(raw, packet.get());
    }
  };
  for (int i = 0; i < frames; ++i) {
    const FramePtr frame = make_frame();
    frame->width = 160;
    frame->height = 120;
    frame->format = context->pix_fmt;
    av_frame_get_buffer(frame.get(), 0);
    for (int y = 0; y < 120; ++y) std::fill_n(frame->data[0] + y * frame->linesize[0], 160, static_cast<std::uint8_t>(i * 3 + y));
    for (int plane = 1; plane < 3; ++plane) {
      for (int y = 0; y < 60; ++y) std::fill_n(frame->data[plane] + y * frame->linesize[plane], 80, std::uint8_t{128});
    }
    frame->pts = i;
    avcodec_send_frame(context.get(), frame.get());
    drain();
  }
  avcodec_send_frame(context.get(), nullptr);
  drain();
  av_write_trailer(raw);
  avio_closep(&raw->pb);
  avformat_free_context(raw);
}

TEST_F(LiveInputTest, OtherFormatsAreEncoded) {
  for (const auto& [codec, name] : {std::pair{"mjpeg", "a.avi"}, {"libvpx", "b.webm"}, {"mpeg4", "c.mp4"}}) {
    SCOPED_TRACE(codec);
    frames_.clear();
    write_with(codec, folder_ / name, 75, 25, 0);
    auto input = LiveInput::open({.input = (folder_ / name).string(), .real_time = false});
    ASSERT_TRUE(input) << input.error().text;
    EXPECT_TRUE((*input)->renditions()[0].video->codec.starts_with("avc1."));
    run(**input, 1h);
    EXPECT_NEAR(static_cast<double>(count(media::TrackKind::kVideo)), 75, 3);
    EXPECT_TRUE(frames_.front().key);
  }
}

TEST_F(LiveInputTest, KeyFramesTooFarApartAreMadeAnew) {
  write_with("libx264", folder_ / "sparse.mp4", 300, 1000, 0);
  auto input = LiveInput::open({.input = (folder_ / "sparse.mp4").string(), .real_time = false});
  ASSERT_TRUE(input) << input.error().text;
  run(**input, 1h);
  EXPECT_GE(std::ranges::count_if(frames_, &Frame::key), 5);
}

TEST_F(LiveInputTest, BFramesKeepTheirOrder) {
  write_with("libx264", folder_ / "b.mp4", 100, 25, 2);
  auto input = LiveInput::open({.input = (folder_ / "b.mp4").string(), .real_time = false});
  ASSERT_TRUE(input) << input.error().text;
  run(**input, 1h);
  expect_times_grow();
  EXPECT_TRUE(std::ranges::any_of(frames_, [](const Frame& frame) { return frame.pts > frame.dts; }));
  EXPECT_GE(timecodes_in(write_mp4("b-out.mp4"), 160, 120).size(), 95u) << "all of it decodes";
}

/// When each rendition's key frames are shown.
std::vector<std::vector<Duration>> key_times_of(LiveInput& input, Duration length) {
  std::vector<std::vector<Duration>> keys(input.renditions().size());
  std::stop_source stop;
  const auto ended = input.run(
      [&](std::size_t rendition, const media::Sample& sample) {
        if (sample.kind == media::TrackKind::kVideo && sample.key) keys[rendition].push_back(sample.pts);
        if (sample.dts > length) stop.request_stop();
      },
      stop.get_token());
  EXPECT_TRUE(ended) << ended.error().text;
  return keys;
}

TEST_F(LiveInputTest, SeveralQualitiesHaveTheirKeyFramesTogether) {
  auto input = LiveInput::open({.test_pattern = true,
                                .qualities = {{.height = 180, .video_bits_per_s = 600'000}, {.height = 90, .video_bits_per_s = 150'000}, {.height = 720}},
                                .width = 320, .height = 180, .real_time = false});
  ASSERT_TRUE(input) << input.error().text;
  const auto& renditions = (*input)->renditions();
  ASSERT_EQ(renditions.size(), 2u) << "the pattern has no 720 lines";
  EXPECT_EQ(renditions[0].video->height, 180);
  EXPECT_EQ(renditions[1].video->height, 90);
  EXPECT_EQ(renditions[1].video->width, 160);
  EXPECT_EQ(renditions[1].bits_per_s, 150'000u + 96'000u);
  const auto keys = key_times_of(**input, 7s);
  EXPECT_GE(keys[0].size(), 4u);
  EXPECT_EQ(keys[0], keys[1]);
}

TEST_F(LiveInputTest, BesideWhatIsPassedOnASmallerOneIsMade) {
  const fs::path recording = a_recording(5s);
  for (const bool untouched_first : {true, false}) {
    SCOPED_TRACE(untouched_first);
    std::vector<Quality> qualities{{}, {.height = 90, .video_bits_per_s = 150'000}};
    if (!untouched_first) std::swap(qualities[0], qualities[1]);
    auto input = LiveInput::open({.input = recording.string(), .qualities = qualities, .real_time = false});
    ASSERT_TRUE(input) << input.error().text;
    const auto& renditions = (*input)->renditions();
    ASSERT_EQ(renditions.size(), 2u);
    EXPECT_EQ(renditions[untouched_first ? 0 : 1].video->height, 180);
    EXPECT_EQ(renditions[untouched_first ? 1 : 0].video->height, 90);
    const auto keys = key_times_of(**input, 1h);
    EXPECT_GE(keys[0].size(), 2u);
    EXPECT_EQ(keys[0], keys[1]);
  }
}

TEST_F(LiveInputTest, BFramesDoNotMoveTheKeyFramesOfTheSmallerOne) {
  write_with("libx264", folder_ / "b.mp4", 100, 25, 2);
  auto input = LiveInput::open({.input = (folder_ / "b.mp4").string(), .qualities = {{}, {.height = 60, .video_bits_per_s = 100'000}}, .real_time = false});
  ASSERT_TRUE(input) << input.error().text;
  const auto keys = key_times_of(**input, 1h);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_GE(keys[0].size(), 3u);
  EXPECT_EQ(keys[0], keys[1]);
}

}  // namespace
}  // namespace p2p::transcode
