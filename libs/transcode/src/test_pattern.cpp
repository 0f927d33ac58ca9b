#include "test_pattern.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstring>
#include <ctime>
#include <numbers>
#include <string_view>

#include "base/prng.hpp"
#include "encoders.hpp"
#include "pacer.hpp"
#include "transcode/timecode.hpp"
#include "video_ladder.hpp"

namespace p2p::transcode {
namespace {

constexpr int kToneRate = 48'000;
constexpr int kToneFrame = 960;
constexpr Duration kToneFrameTime = 20ms;

/// A font of 5 x 7 points for what a clock shows: a row a byte, the leftmost point is bit 4.
struct Glyph {
  char character;
  std::array<std::uint8_t, 7> rows;
};
constexpr std::array<Glyph, 13> kGlyphs{{
    {'0', {0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e}}, {'1', {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e}},
    {'2', {0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f}}, {'3', {0x1f, 0x02, 0x04, 0x02, 0x01, 0x11, 0x0e}},
    {'4', {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02}}, {'5', {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e}},
    {'6', {0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e}}, {'7', {0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08}},
    {'8', {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e}}, {'9', {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c}},
    {':', {0x00, 0x04, 0x04, 0x00, 0x04, 0x04, 0x00}}, {'.', {0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c}},
    {'#', {0x0a, 0x0a, 0x1f, 0x0a, 0x1f, 0x0a, 0x0a}},
}};

/// Colour bars at 75 %: luma and both colour differences (ITU-R BT.601).
constexpr std::array<std::array<std::uint8_t, 3>, 7> kBars{
    {{180, 128, 128}, {162, 44, 142}, {131, 156, 44}, {112, 72, 58}, {84, 184, 198}, {65, 100, 212}, {35, 212, 114}}};

class TestPattern final : public LiveInput {
 public:
  TestPattern(const InputOptions& options, VideoLadder video, std::unique_ptr<AudioEncoder> audio)
      : options_{options}, video_{std::move(video)}, audio_{std::move(audio)} {
    for (const VideoLadder::Rung& rung : video_.rungs()) {
      renditions_.push_back({.video = rung.encoder->track(),
                             .audio = audio_->track(),
                             .bits_per_s = static_cast<std::uint32_t>(rung.bits_per_s + options.audio_bits_per_s)});
    }
    paint_background();
  }

  const std::vector<Tracks>& renditions() const override { return renditions_; }

  Result<void> run(const Sink& sink, std::stop_token stop) override {
    Pacer pacer{options_.real_time};
    Duration sound_until{};
    Duration next_key{};
    for (std::int64_t number = 0;; ++number) {
      const Duration time{number * 1'000'000 / options_.frames_per_s};
      if (!pacer.wait_until(time, stop)) return {};
      const WallTime captured = pacer.wall(time);
      const FramePtr frame = make_frame();
      paint(*frame, number, captured);
      const bool key = time >= next_key - 1ms;
      if (key) next_key = time + options_.key_interval;
      if (auto done = video_.encode(*frame, time, key, captured, sink); !done) return done;
      for (; sound_until <= time; sound_until += kToneFrameTime) {
        if (auto done = tone(sound_until, pacer.wall(sound_until), sink); !done) return done;
      }
    }
  }

 private:
  [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(options_.width); }
  [[nodiscard]] std::size_t height() const { return static_cast<std::size_t>(options_.height); }

  void paint_background() {
    luma_.resize(width() * height());
    for (auto& plane : chroma_) plane.resize(width() / 2 * (height() / 2), 128);
    const std::size_t bars_end = height() * 2 / 5, steps_end = height() / 2;
    for (std::size_t y = 0; y < height(); ++y) {
      for (std::size_t x = 0; x < width(); ++x) {
        std::uint8_t luma = 40;
        if (y < bars_end) luma = kBars[x * 7 / width()][0];
        else if (y < steps_end) luma = static_cast<std::uint8_t>(16 + 219 * (x * 11 / width()) / 10);
        luma_[y * width() + x] = luma;
      }
    }
    for (std::size_t y = 0; y < bars_end / 2; ++y) {
      for (std::size_t x = 0; x < width() / 2; ++x) {
        for (std::size_t plane = 0; plane < 2; ++plane) chroma_[plane][y * (width() / 2) + x] = kBars[x * 14 / width()][plane + 1];
      }
    }
    // A soft texture, twice as wide as the picture, that scrolls: it gives the encoder what a filmed scene would.
    Prng prng{1};
    texture_.resize(width() * 2);
    double level = 0;
    for (auto& value : texture_) {
      level = level * 0.8 + static_cast<double>(prng.between(-30, 30));
      value = static_cast<std::uint8_t>(std::clamp(110.0 + level, 20.0, 230.0));
    }
  }

  void paint(AVFrame& frame, std::int64_t number, WallTime captured) {
    frame.width = options_.width;
    frame.height = options_.height;
    frame.format = AV_PIX_FMT_YUV420P;
    av_frame_get_buffer(&frame, 0);
    for (std::size_t y = 0; y < height(); ++y) std::memcpy(row(frame, 0, y), luma_.data() + y * width(), width());
    for (int plane = 1; plane < 3; ++plane) {
      const auto& from = chroma_[static_cast<std::size_t>(plane - 1)];
      for (std::size_t y = 0; y < height() / 2; ++y) std::memcpy(row(frame, plane, y), from.data() + y * (width() / 2), width() / 2);
    }
    paint_texture(frame, number);
    // The sweep crosses the picture in two seconds.
    const std::size_t sweep = static_cast<std::size_t>(number * options_.width / (2 * options_.frames_per_s) % options_.width);
    for (std::size_t y = 0; y < height() / 2; ++y) {
      for (std::size_t x = sweep; x < std::min(sweep + 8, width()); ++x) row(frame, 0, y)[x] = 235;
    }
    paint_clock(frame, number, captured);
    const auto stride = static_cast<std::size_t>(frame.linesize[0]);
    draw_timecode({frame.data[0], stride * height()}, stride, options_.width, options_.height, captured.time_since_epoch() / 1ms);
  }

  void paint_texture(AVFrame& frame, std::int64_t number) {
    const std::size_t from = height() * 3 / 4, to = height() - height() / 24;
    for (std::size_t y = from; y < to; ++y) {
      const std::size_t shift = (static_cast<std::size_t>(number) * 3 + y * 7 / 3) % width();
      std::memcpy(row(frame, 0, y), texture_.data() + shift, width());
    }
  }

  void paint_clock(AVFrame& frame, std::int64_t number, WallTime captured) {
    const auto ms = captured.time_since_epoch() / 1ms;
    const std::time_t seconds = ms / 1000;
    const std::string time = fmt::format("{:%H:%M:%S}.{:03}", fmt::gmtime(seconds), ms % 1000);
    const int scale = std::max(1, options_.width / 128);
    const int y = options_.height * 13 / 24;
    write(frame, time, options_.width / 24, y, scale);
    write(frame, fmt::format("#{}", number), options_.width / 24, y + 9 * scale, std::max(1, scale / 2));
  }

  void write(AVFrame& frame, std::string_view text, int left, int top, int scale) {
    for (const char character : text) {
      for (const Glyph& glyph : kGlyphs) {
        if (glyph.character != character) continue;
        for (int y = 0; y < 7 * scale; ++y) {
          if (top + y >= options_.height) break;
          for (int x = 0; x < 5 * scale && left + x < options_.width; ++x) {
            if ((glyph.rows[static_cast<std::size_t>(y / scale)] >> (4 - x / scale) & 1) != 0) {
              row(frame, 0, static_cast<std::size_t>(top + y))[left + x] = 235;
            }
          }
        }
      }
      left += 6 * scale;
    }
  }

  /// 440 Hz, and 880 Hz louder in the first tenth of each second of the clock.
  Result<void> tone(Duration time, WallTime captured, const Sink& sink) {
    const FramePtr sound = make_frame();
    sound->nb_samples = kToneFrame;
    sound->format = AV_SAMPLE_FMT_FLT;
    sound->sample_rate = kToneRate;
    av_channel_layout_default(&sound->ch_layout, 1);
    av_frame_get_buffer(sound.get(), 0);
    const bool beep = captured.time_since_epoch() / 1ms % 1000 < 100;
    auto* samples = reinterpret_cast<float*>(sound->data[0]);
    const std::int64_t first = time / kToneFrameTime * kToneFrame;
    for (int i = 0; i < kToneFrame; ++i) {
      const double t = static_cast<double>((first + i) % kToneRate) / kToneRate;
      samples[i] = static_cast<float>((beep ? 0.25 : 0.04) * std::sin(2 * std::numbers::pi * (beep ? 880 : 440) * t));
    }
    return audio_->encode(*sound, time, captured, [&](const media::Sample& sample) {
      for (std::size_t place = 0; place < renditions_.size(); ++place) sink(place, sample);
    });
  }

  static std::uint8_t* row(AVFrame& frame, int plane, std::size_t y) {
    return frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane];
  }

  InputOptions options_;
  VideoLadder video_;
  std::unique_ptr<AudioEncoder> audio_;
  std::vector<Tracks> renditions_;
  std::vector<std::uint8_t> luma_;
  std::array<std::vector<std::uint8_t>, 2> chroma_;
  std::vector<std::uint8_t> texture_;
};

}  // namespace

Result<std::unique_ptr<LiveInput>> open_test_pattern(const InputOptions& options) {
  if (options.width < 64 || options.height < 48 || options.width % 2 != 0 || options.height % 2 != 0) {
    return fail("The test pattern needs an even size of at least 64x48.");
  }
  auto video = VideoLadder::make({.width = options.width,
                                  .height = options.height,
                                  .frames_per_s = options.frames_per_s,
                                  .bits_per_s = options.video_bits_per_s,
                                  .qualities = options.qualities.empty() ? std::vector<Quality>{{}} : options.qualities});
  if (!video) return std::unexpected{video.error()};
  auto audio = AudioEncoder::make(options.audio_bits_per_s);
  if (!audio) return std::unexpected{audio.error()};
  return std::make_unique<TestPattern>(options, std::move(*video), std::move(*audio));
}

}  // namespace p2p::transcode
