#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"

namespace p2p::media {

// What an encoder says of its tracks, and its frames. All times here are media times in int64 microseconds (p2p::Duration)
// since an origin of the source's choice; that is fine enough to find back every tick of 90 kHz video and 48 kHz audio exactly.
// Out of scope: other codecs than H.264, Opus and AAC.

enum class TrackKind : std::uint8_t { kVideo, kAudio };

/// Ticks a second of video in fMP4; audio ticks are its sample rate.
inline constexpr std::uint32_t kVideoTimescale = 90'000;

/// Decoder configurations are some dozen bytes; a larger one is refused.
inline constexpr std::size_t kConfigSizeMax = 4096;

/// H.264 with length-prefixed NAL units.
struct VideoTrack {
  std::string codec;  ///< RFC 6381: "avc1.64001f"
  Bytes avcc;         ///< AVCDecoderConfigurationRecord (ISO/IEC 14496-15)
  std::uint16_t width = 0;
  std::uint16_t height = 0;
};

enum class AudioCodec : std::uint8_t { kOpus, kAac };

struct AudioTrack {
  AudioCodec format = AudioCodec::kOpus;
  std::string codec;                ///< RFC 6381: "opus" or "mp4a.40.2"
  std::uint32_t sample_rate = 0;    ///< of the decoded sound; 48000 for Opus always
  std::uint16_t channels = 0;       ///< 1 or 2
  std::uint16_t opus_pre_skip = 0;  ///< samples at 48 kHz that a decoder discards at the start
  std::int16_t opus_gain = 0;       ///< output gain, 1/256 dB
  Bytes aac_config;                 ///< AudioSpecificConfig (ISO/IEC 14496-3)
};

/// The track of an avcC record; the size of the picture comes from its sequence parameter set.
[[nodiscard]] Result<VideoTrack> video_track_from_avcc(BytesView avcc);

/// An Opus track; 312 is the pre-skip of libopus at 48 kHz.
[[nodiscard]] AudioTrack opus_track(std::uint16_t channels, std::uint16_t pre_skip = 312);

/// The track of an OpusHead packet (RFC 7845, section 5.1), mapping family 0.
[[nodiscard]] Result<AudioTrack> audio_track_from_opus_head(BytesView head);

/// The track of an AudioSpecificConfig: AAC with one or two channels.
[[nodiscard]] Result<AudioTrack> audio_track_from_aac_config(BytesView config);

/// One encoded frame. `data` is borrowed for the call.
struct Sample {
  TrackKind kind = TrackKind::kVideo;
  Duration dts{};       ///< when to decode; grows within a track, not below zero
  Duration pts{};       ///< when to show; differs from dts with B-frames
  Duration duration{};  ///< as far as the encoder knows
  bool key = false;     ///< an instantaneous decoder refresh (IDR); every audio frame is one
  WallTime captured{};  ///< when the camera, the screen or the clock of a file delivered it
  BytesView data;       ///< H.264: length-prefixed NAL units as the avcC says
};

/// Media time to ticks, to the nearest, without overflow for any time since 1970.
[[nodiscard]] constexpr std::int64_t to_ticks(Duration time, std::uint32_t timescale) {
  const std::int64_t us = time.count();
  const std::int64_t seconds = us / 1'000'000 - (us % 1'000'000 < 0 ? 1 : 0);
  const std::int64_t rest = us - seconds * 1'000'000;
  return seconds * timescale + (rest * timescale + 500'000) / 1'000'000;
}

/// Ticks to media time, to the nearest microsecond.
[[nodiscard]] constexpr Duration from_ticks(std::int64_t ticks, std::uint32_t timescale) {
  const std::int64_t scale = timescale;
  const std::int64_t seconds = ticks / scale - (ticks % scale < 0 ? 1 : 0);
  const std::int64_t rest = ticks - seconds * scale;
  return Duration{seconds * 1'000'000 + (rest * 1'000'000 + scale / 2) / scale};
}

}  // namespace p2p::media
