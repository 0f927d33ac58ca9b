#include "recorder.hpp"

#include <algorithm>

namespace p2p::simulator {
namespace {

constexpr Duration kWarmUp = 5s;
constexpr Duration kDueAfterJoin = 1500ms;
/// A player that waits this long beyond a part's time stands still.
constexpr Duration kPlayhead = 2s;

double percentile(std::vector<double>& values, std::size_t percent) {
  if (values.empty()) return 0;
  const std::size_t index = std::min(values.size() - 1, values.size() * percent / 100);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(index), values.end());
  return values[index];
}

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

double ratio(std::int64_t part, std::int64_t whole) { return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

void Recorder::produced(std::int64_t captured_us, Instant now) { produced_[captured_us] = now; }

void Recorder::joined(std::uint32_t viewer, Instant now) { viewers_[viewer].joined = now; }

void Recorder::played(std::uint32_t viewer, const mesh::PlayPart& part, Instant now) {
  Viewer& who = viewers_[viewer];
  if (!who.has_frame) {
    who.has_frame = true;
    who.first_frame = now;
  }
  who.played[part.part.captured.time_since_epoch().count()] = now;
}

void Recorder::finish(const std::vector<mesh::EngineStats>& peers, Instant end, Figures& figures) const {
  std::vector<double> delays, first_frames, hops;
  std::int64_t due = 0, at_1s = 0, at_1_5s = 0, at_2s = 0, at_3s = 0, stalls = 0, calm = 0;
  for (const auto& [id, viewer] : viewers_) {
    if (viewer.has_frame) first_frames.push_back(milliseconds(viewer.first_frame - viewer.joined));
    std::int64_t viewer_stalls = 0;
    bool stalled = false;
    for (const auto& [captured_us, made] : produced_) {
      if (made < Instant{} + kWarmUp || made < viewer.joined + kDueAfterJoin || made > end - 3s) continue;
      ++due;
      const auto at = viewer.played.find(captured_us);
      const Duration delay = at == viewer.played.end() ? Duration::max() : at->second - made;
      if (at != viewer.played.end()) delays.push_back(milliseconds(delay));
      at_1s += delay <= 1s;
      at_1_5s += delay <= 1500ms;
      at_2s += delay <= 2s;
      at_3s += delay <= 3s;
      if (delay > kPlayhead && !stalled) ++viewer_stalls;
      stalled = delay > kPlayhead;
    }
    stalls += viewer_stalls;
    calm += viewer_stalls <= 1;
  }
  figures.virtual_s = static_cast<double>(end.time_since_epoch().count()) / 1e6;
  figures.delay_ms_p50 = percentile(delays, 50);
  figures.delay_ms_p95 = percentile(delays, 95);
  figures.delay_ms_p99 = percentile(delays, 99);
  figures.first_frame_ms_p50 = percentile(first_frames, 50);
  figures.first_frame_ms_p95 = percentile(first_frames, 95);
  figures.continuity_1s = ratio(at_1s, due);
  figures.continuity_1_5s = ratio(at_1_5s, due);
  figures.continuity_2s = ratio(at_2s, due);
  figures.continuity_3s = ratio(at_3s, due);
  figures.stalls_per_viewer = ratio(stalls, static_cast<std::int64_t>(viewers_.size()));
  figures.viewers_at_most_1_stall = ratio(calm, static_cast<std::int64_t>(viewers_.size()));

  std::int64_t from_peers = 0, from_source = 0, control = 0, duplicates = 0;
  std::uint64_t verified = 0, repaired = 0;
  for (std::size_t i = 1; i < peers.size(); ++i) {
    from_peers += peers[i].received_from_peers_bytes;
    from_source += peers[i].received_from_source_bytes;
    duplicates += peers[i].duplicate_bytes;
    verified += peers[i].pieces_verified;
    repaired += peers[i].pieces_repaired;
    hops.push_back(peers[i].hop);
  }
  for (const mesh::EngineStats& peer : peers) control += peer.control_sent_bytes;
  figures.share_from_peers = ratio(from_peers, from_peers + from_source);
  figures.source_copies = ratio(peers.front().given_bytes, peers.front().produced_bytes);
  figures.control_fraction = ratio(control, from_peers + from_source);
  figures.duplicate_fraction = ratio(duplicates, from_peers + from_source);
  figures.repair_fraction = ratio(static_cast<std::int64_t>(repaired), static_cast<std::int64_t>(verified));
  figures.hops_p50 = percentile(hops, 50);
  figures.hops_p95 = percentile(hops, 95);
}

}  // namespace p2p::simulator
