#include "media/track.hpp"

#include <array>

#include "media/h264.hpp"

namespace p2p::media {

Result<VideoTrack> video_track_from_avcc(BytesView avcc) {
  const auto config = parse_avcc(avcc);
  if (!config) return std::unexpected{config.error()};
  const auto sps = parse_sps(config->sps.front());
  if (!sps) return std::unexpected{sps.error()};
  return VideoTrack{.codec = avc_codec_string(*config),
                    .avcc = Bytes{avcc.begin(), avcc.end()},
                    .width = sps->width,
                    .height = sps->height};
}

AudioTrack opus_track(std::uint16_t channels, std::uint16_t pre_skip) {
  return {.format = AudioCodec::kOpus,
          .codec = "opus",
          .sample_rate = 48'000,
          .channels = channels,
          .opus_pre_skip = pre_skip};
}

Result<AudioTrack> audio_track_from_opus_head(BytesView head) {
  if (head.size() < 19 || as_text(head.first(8)) != "OpusHead") return fail("The Opus header is broken.");
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(head[i]); };
  if (at(8) >> 4 != 0) return fail("The Opus header has an unknown version.");
  const unsigned channels = at(9);
  if (channels < 1 || channels > 2 || at(18) != 0) return fail("Only mono and stereo Opus can be packaged as it is.");
  AudioTrack track = opus_track(static_cast<std::uint16_t>(channels), static_cast<std::uint16_t>(at(10) | at(11) << 8));
  track.opus_gain = static_cast<std::int16_t>(at(16) | at(17) << 8);
  return track;
}

Result<AudioTrack> audio_track_from_aac_config(BytesView config) {
  // ISO/IEC 14496-3, 1.6.2.1 and table 1.16.
  constexpr std::array<std::uint32_t, 13> kRates{96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                 22050, 16000, 12000, 11025, 8000,  7350};
  if (config.size() < 2 || config.size() > 64) return fail("The AAC configuration is broken.");
  std::size_t bit = 0;
  const auto read = [&](std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i, ++bit) {
      const std::uint32_t b = bit / 8 < config.size() ? std::to_integer<std::uint32_t>(config[bit / 8]) : 0;
      value = value << 1 | (b >> (7 - bit % 8) & 1);
    }
    return value;
  };
  const auto read_rate = [&]() -> std::uint32_t {
    const std::uint32_t index = read(4);
    if (index == 15) return read(24);
    return index < kRates.size() ? kRates[index] : 0;
  };
  std::uint32_t object = read(5);
  if (object == 31) object = 32 + read(6);
  std::uint32_t rate = read_rate();
  const std::uint32_t channels = read(4);
  const std::uint32_t declared = object;
  if (object == 5 || object == 29) {  // explicit SBR, PS: the sound comes out at the extension's rate
    rate = read_rate();
    object = read(5);
  }
  if (object != 2) return fail("Only AAC-LC and HE-AAC can be packaged as they are.");
  if (rate < 7350 || rate > 48'000) return fail("AAC above 48 kHz cannot be packaged as it is.");
  if (channels < 1 || channels > 2) return fail("Only mono and stereo AAC can be packaged as it is.");
  return AudioTrack{.format = AudioCodec::kAac,
                    .codec = "mp4a.40." + std::to_string(declared),
                    .sample_rate = rate,
                    .channels = static_cast<std::uint16_t>(channels),
                    .aac_config = Bytes{config.begin(), config.end()}};
}

}  // namespace p2p::media
