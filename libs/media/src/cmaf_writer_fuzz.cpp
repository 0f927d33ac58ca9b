#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "media/cmaf_writer.hpp"
#include "media/fmp4_reader.hpp"

// Timestamps reach the writer from publishers as they are. Each eight bytes are a frame: kind and key, steps of time, size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p;
  if (size < 1 || size > 4096) return 0;
  static const Bytes avcc = [] {
    const std::uint8_t raw[] = {1, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 0x1e, 1, 0, 2, 0x68, 0xce};
    return Bytes{reinterpret_cast<const std::byte*>(raw), reinterpret_cast<const std::byte*>(raw) + sizeof raw};
  }();
  media::CmafWriter::Options options;
  if (data[0] & 1 || !(data[0] & 2)) options.video = media::VideoTrack{"avc1.42c01e", avcc, 640, 360};
  if (data[0] & 2) options.audio = media::opus_track(2);
  media::CmafWriter writer{options};
  const auto init = media::read_init_segment(writer.init_segment());
  CHECK(init.has_value(), "an init segment of ours must be readable");
  std::int64_t segment = -1;
  std::int64_t index = 0;
  const auto check = [&](const std::vector<media::CmafPart>& parts) {
    for (const auto& part : parts) {
      CHECK(media::read_part(part.bytes, *init).has_value(), "a part of ours must be readable");
      const bool next = part.segment == segment && part.index == index + 1;
      CHECK(next || (part.index == 0 && part.segment == segment + 1), "parts and segments count by one");
      CHECK(part.duration >= 0s, "a part that runs backwards");
      segment = part.segment;
      index = part.index;
    }
  };
  const Bytes payload(300);
  std::int64_t clock[2] = {};
  for (std::size_t at = 1; at + 8 <= size; at += 8) {
    const std::uint8_t* b = data + at;
    std::int64_t& time = clock[b[0] & 1];
    std::int64_t step = (b[1] << 8 | b[2]) * (b[0] & 16 ? 1000 : 10);
    if (b[0] & 8) step = -step;
    if ((b[0] & 0xe0) == 0xe0) step *= 100'000;
    time += step;
    check(writer.push({.kind = b[0] & 1 ? media::TrackKind::kVideo : media::TrackKind::kAudio,
                       .dts = Duration{time},
                       .pts = Duration{time + static_cast<std::int8_t>(b[3]) * 10'000},
                       .duration = Duration{(b[4] << 8 | b[5]) * 20},
                       .key = (b[0] & 2) != 0,
                       .captured = {},
                       .data = BytesView{payload}.first(b[6])}));
  }
  check(writer.flush());
  return 0;
}
