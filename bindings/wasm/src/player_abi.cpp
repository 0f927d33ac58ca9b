#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "abi.hpp"
#include "media/cmaf_filler.hpp"
#include "media/fmp4_reader.hpp"
#include "media/hls_playlist.hpp"

// What hls.js is fed with: the playlist of the parts that the engine handed over, and fillers for those it gave up.

namespace p2p::abi {
namespace {

struct Player {
  struct Span {
    Duration start{};
    Duration duration{};
  };
  /// Parts remembered to place a filler between its neighbors: some more than the playlist lists.
  static constexpr std::size_t kSpansMax = 512;

  explicit Player(media::HlsPlaylist::Options options) : playlist{options} {}

  media::HlsPlaylist playlist;
  std::map<std::uint8_t, media::InitSegment> inits;   // by rendition
  std::map<std::pair<std::uint32_t, std::uint32_t>, Span> spans;
  std::string text;
  Bytes filler;
  std::uint32_t fillers = 0;
  View view;
};

}  // namespace
}  // namespace p2p::abi

using namespace p2p;
using abi::Player;

P2P_EXPORT(player_new)
Player* player_new(double part_us, double segment_us, std::uint32_t hold_back_parts, std::uint32_t segments_max) {
  return new Player{{.part_target = abi::duration(part_us),
                     .segment_target = abi::duration(segment_us),
                     .hold_back_parts = static_cast<int>(hold_back_parts),
                     .segments_max = segments_max,
                     .split_first = true}};
}
P2P_EXPORT(player_free) void player_free(Player* p) { delete p; }

/// The buffer holds a rendition's CMAF header. 0: it is none that can be played.
P2P_EXPORT(player_init) std::uint32_t player_init(Player* p, std::uint32_t rendition) {
  auto init = media::read_init_segment(abi::take_buffer());
  if (!init) return 0;
  p->inits.insert_or_assign(static_cast<std::uint8_t>(rendition), std::move(*init));
  return 1;
}

/// 0: it is not listed; 1: it is; 2: it is, and the playlist begins anew with it.
P2P_EXPORT(player_add)
std::uint32_t player_add(Player* p, std::uint32_t rendition, std::uint32_t segment, std::uint32_t part, std::uint32_t independent, double start_us,
                         double duration_us, double captured_us) {
  const media::HlsPlaylist::Part listed{.segment = segment,
                                        .index = static_cast<std::uint16_t>(part),
                                        .independent = independent != 0,
                                        .start = abi::duration(start_us),
                                        .duration = abi::duration(duration_us),
                                        .captured = WallTime{abi::duration(captured_us)},
                                        .rendition = static_cast<std::uint8_t>(rendition)};
  p->spans[{segment, part}] = {listed.start, listed.duration};
  if (p->spans.size() > Player::kSpansMax) p->spans.erase(p->spans.begin());
  return static_cast<std::uint32_t>(p->playlist.add(listed));
}
P2P_EXPORT(player_end) void player_end(Player* p) { p->playlist.end(); }
P2P_EXPORT(player_has) std::uint32_t player_has(Player* p, std::uint32_t segment, std::uint32_t part) {
  return p->playlist.has(segment, part) ? 1 : 0;
}
/// The same in the playlist's numbers, for a blocking reload.
P2P_EXPORT(player_has_listed) std::uint32_t player_has_listed(Player* p, std::uint32_t sequence, std::uint32_t part) {
  return p->playlist.has_listed(sequence, part) ? 1 : 0;
}

P2P_EXPORT(player_playlist) const abi::View* player_playlist(Player* p) {
  p->text = p->playlist.text();
  p->view = abi::view_of(as_bytes(p->text));
  return &p->view;
}

/// A part that plays as silence and a standing picture, for one that is listed but was given up; nothing (0) when it is not missing.
P2P_EXPORT(player_filler) const abi::View* player_filler(Player* p, std::uint32_t segment, std::uint32_t part) {
  const auto init = p->inits.find(p->playlist.rendition_of(segment).value_or(0));
  if (init == p->inits.end() || !p->playlist.is_missing(segment, static_cast<std::uint16_t>(part))) return nullptr;
  const auto next = p->spans.upper_bound({segment, part});
  if (next == p->spans.end() || next == p->spans.begin()) return nullptr;
  const auto previous = std::prev(next);
  // The lost parts share the time between their neighbors evenly; only its own segment's indices can be counted.
  const Duration from = previous->second.start + previous->second.duration;
  const Duration gap = next->second.start - from;
  if (gap <= Duration{}) return nullptr;
  const std::uint32_t first = previous->first.first == segment ? previous->first.second + 1 : 0;
  const std::uint32_t last = next->first.first == segment ? next->first.second : part + 1;
  const std::uint32_t count = last > first ? last - first : 1;
  const Duration each = gap / count;
  p->filler = media::make_filler_part(init->second, {.sequence = ++p->fillers, .start = from + each * (part - first), .duration = each});
  p->view = abi::view_of(p->filler);
  return &p->view;
}
