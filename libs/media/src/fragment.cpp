#include "fragment.hpp"

#include <algorithm>

#include "box_writer.hpp"

namespace p2p::media {
namespace {

// ISO/IEC 14496-12, 8.8.3.1: what depends on what, and whether decoding may start here.
constexpr std::uint32_t kKeyFlags = 0x02000000;
constexpr std::uint32_t kDeltaFlags = 0x01010000;

constexpr std::uint32_t kDataOffset = 0x1;
constexpr std::uint32_t kFirstSampleFlags = 0x4;
constexpr std::uint32_t kDurations = 0x100;
constexpr std::uint32_t kSizes = 0x200;
constexpr std::uint32_t kFlags = 0x400;
constexpr std::uint32_t kCompositionOffsets = 0x800;

constexpr std::uint32_t flags_of(bool key) { return key ? kKeyFlags : kDeltaFlags; }

/// Writes one `traf`; returns where its data offset waits to be filled in.
std::size_t write_track(BoxWriter& w, const Run& run) {
  const auto& samples = run.samples;
  const bool rest_is_key = !samples.empty() && samples.back().key;
  const bool rest_agrees =
      samples.size() < 2 ||
      std::all_of(samples.begin() + 1, samples.end(), [&](const RunSample& s) { return s.key == rest_is_key; });
  const bool first_differs = !samples.empty() && samples.front().key != rest_is_key;
  const bool offsets =
      std::any_of(samples.begin(), samples.end(), [](const RunSample& s) { return s.composition_offset != 0; });
  std::uint32_t parts = kDataOffset | kDurations | kSizes;
  if (!rest_agrees) parts |= kFlags;
  if (rest_agrees && first_differs) parts |= kFirstSampleFlags;
  if (offsets) parts |= kCompositionOffsets;

  std::size_t offset_at = 0;
  w.box("traf", [&] {
    w.full_box("tfhd", 0, 0x020020, [&] {  // default-base-is-moof, default flags
      w.u32(run.track_id);
      w.u32(flags_of(rest_is_key));
    });
    w.full_box("tfdt", 1, 0, [&] { w.u64(run.decode_time); });
    w.full_box("trun", 1, parts, [&] {  // version 1: composition offsets are signed
      w.u32(static_cast<std::uint32_t>(samples.size()));
      offset_at = w.size();
      w.u32(0);
      if (parts & kFirstSampleFlags) w.u32(flags_of(samples.front().key));
      for (const RunSample& s : samples) {
        w.u32(s.duration);
        w.u32(s.size);
        if (parts & kFlags) w.u32(flags_of(s.key));
        if (offsets) w.u32(static_cast<std::uint32_t>(s.composition_offset));
      }
    });
  });
  return offset_at;
}

}  // namespace

Bytes write_fragment(std::uint32_t sequence, const std::vector<Run>& runs) {
  std::size_t data_size = 0;
  std::size_t count = 0;
  for (const Run& run : runs) {
    data_size += run.data.size();
    count += run.samples.size();
  }
  Bytes out;
  out.reserve(data_size + 16 * count + 256);
  BoxWriter w{out};
  std::vector<std::size_t> offsets_at;
  w.box("moof", [&] {
    w.full_box("mfhd", 0, 0, [&] { w.u32(sequence); });
    for (const Run& run : runs) offsets_at.push_back(write_track(w, run));
  });
  w.box("mdat", [&] {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      w.patch_u32(offsets_at[i], static_cast<std::uint32_t>(w.size()));
      w.bytes(runs[i].data);
    }
  });
  return out;
}

}  // namespace p2p::media
