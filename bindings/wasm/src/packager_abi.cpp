#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "abi.hpp"
#include "media/cmaf_writer.hpp"
#include "media/track.hpp"

// The CMAF writer for a source in the browser: frames of WebCodecs go in, parts come out.

namespace p2p::abi {
namespace {

struct Packager {
  media::CmafWriter::Options options;
  std::optional<media::CmafWriter> writer;
  std::string codecs;
  std::deque<media::CmafPart> parts;
  media::CmafPart shown;
};

/// What packager_take points at.
struct PartView {
  View bytes;
  std::uint32_t segment = 0;
  std::uint32_t part = 0;
  std::uint32_t independent = 0;
  std::uint32_t reserved = 0;
  double start_us = 0;
  double duration_us = 0;
  double captured_us = 0;
};
static_assert(sizeof(PartView) == 48);

void keep(Packager& packager, std::vector<media::CmafPart> parts) {
  for (media::CmafPart& part : parts) packager.parts.push_back(std::move(part));
}

}  // namespace
}  // namespace p2p::abi

using namespace p2p;
using abi::Packager;

P2P_EXPORT(packager_new) Packager* packager_new(double part_us, double segment_us, std::uint32_t first_segment) {
  return new Packager{.options = {.part_target = abi::duration(part_us), .segment_target = abi::duration(segment_us),
                                  .first_segment = first_segment}};
}
P2P_EXPORT(packager_free) void packager_free(Packager* p) { delete p; }

/// The buffer holds the avcC record that the encoder gave. 0: it is none.
P2P_EXPORT(packager_video) std::uint32_t packager_video(Packager* p) {
  auto track = media::video_track_from_avcc(abi::take_buffer());
  if (!track) return 0;
  p->options.video = std::move(*track);
  return 1;
}
P2P_EXPORT(packager_opus) void packager_opus(Packager* p, std::uint32_t channels, std::uint32_t pre_skip) {
  p->options.audio = media::opus_track(static_cast<std::uint16_t>(channels), static_cast<std::uint16_t>(pre_skip));
}
/// The buffer holds the AudioSpecificConfig. 0: it is none.
P2P_EXPORT(packager_aac) std::uint32_t packager_aac(Packager* p) {
  auto track = media::audio_track_from_aac_config(abi::take_buffer());
  if (!track) return 0;
  p->options.audio = std::move(*track);
  return 1;
}

/// After the tracks: the CMAF header; 0 when there is no track.
P2P_EXPORT(packager_start) const abi::View* packager_start(Packager* p) {
  static abi::View view;
  if (!p->options.video && !p->options.audio) return nullptr;
  p->writer.emplace(p->options);
  view = abi::view_of(p->writer->init_segment());
  return &view;
}
/// The codecs for the rendition: "avc1.64001f,opus".
P2P_EXPORT(packager_codecs) const abi::View* packager_codecs(Packager* p) {
  static abi::View view;
  p->codecs.clear();
  if (p->options.video) p->codecs = p->options.video->codec;
  if (p->options.audio) p->codecs += (p->codecs.empty() ? "" : ",") + p->options.audio->codec;
  view = abi::view_of(as_bytes(p->codecs));
  return &view;
}
/// Width in the upper, height in the lower 16 bits; 0 without video.
P2P_EXPORT(packager_size) std::uint32_t packager_size(Packager* p) {
  return p->options.video ? std::uint32_t{p->options.video->width} << 16 | p->options.video->height : 0;
}

/// The buffer holds the frame, video as length-prefixed NAL units. 0: not started.
P2P_EXPORT(packager_push)
std::uint32_t packager_push(Packager* p, std::uint32_t video, std::uint32_t key, double dts_us, double pts_us, double duration_us,
                            double captured_us) {
  const Bytes data = abi::take_buffer();
  if (!p->writer) return 0;
  abi::keep(*p, p->writer->push({.kind = video != 0 ? media::TrackKind::kVideo : media::TrackKind::kAudio,
                                 .dts = abi::duration(dts_us),
                                 .pts = abi::duration(pts_us),
                                 .duration = abi::duration(duration_us),
                                 .key = key != 0,
                                 .captured = WallTime{abi::duration(captured_us)},
                                 .data = data}));
  return 1;
}
P2P_EXPORT(packager_flush) void packager_flush(Packager* p) {
  if (p->writer) abi::keep(*p, p->writer->flush());
}

/// The next finished part, or 0. It lives until the next call of packager_take.
P2P_EXPORT(packager_take) const abi::PartView* packager_take(Packager* p) {
  static abi::PartView view;
  if (p->parts.empty()) return nullptr;
  p->shown = std::move(p->parts.front());
  p->parts.pop_front();
  view = {.bytes = abi::view_of(p->shown.bytes),
          .segment = p->shown.segment,
          .part = p->shown.index,
          .independent = p->shown.independent ? 1u : 0u,
          .start_us = abi::microseconds(p->shown.start),
          .duration_us = abi::microseconds(p->shown.duration),
          .captured_us = abi::microseconds(p->shown.captured.time_since_epoch())};
  return &view;
}
