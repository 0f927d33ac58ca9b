#include "recorder.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "network.hpp"
#include "percentiles.hpp"

namespace p2p::simulator {
namespace {

constexpr Duration kDueAfterJoin = 1500ms;
constexpr Duration kGrace = 3s;         ///< a part that is younger at the end, or at a viewer's leave, is not due

constexpr Duration kStall = 100ms;      ///< less than this nobody sees
constexpr Duration kStallCountsAgain = 5s;

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

}  // namespace

std::uint64_t content_of(BytesView bytes) {
  RunningDigest digest;
  digest.mix(bytes.size());
  digest.mix(bytes.first(std::min<std::size_t>(bytes.size(), 16)));
  digest.mix(bytes.last(std::min<std::size_t>(bytes.size(), 16)));
  return digest.value();
}

Recorder::Recorder(const World& world)
    : world_{world}, measured_until_{Instant{} + (world.measured_until > 0s ? std::min(world.measured_until, world.length) : world.length)} {
  viewers_.resize(1);
}

void Recorder::produced(std::uint32_t rendition, std::int64_t bytes, Instant captured, Instant now) {
  if (rendition == 0) parts_.push_back({.captured = captured});
  cells_.push_back({.bytes = bytes});
  if (measuring(now)) produced_bytes_ += bytes;
}

void Recorder::cut(std::uint64_t content, std::int64_t bytes) {
  CHECK(cutting_ < cells_.size(), "a piece of a part that was not produced");
  Cell& cell = cells_[cutting_];
  pieces_.insert_or_assign(content, Piece{static_cast<std::uint32_t>(cutting_ / world_.renditions), cell.pieces, pieces_cut_++});
  ++cell.pieces;
  cell.cut_bytes += bytes;
  if (cell.cut_bytes >= cell.bytes) ++cutting_;
}

std::optional<Recorder::Piece> Recorder::piece(std::uint64_t content) const {
  const auto found = pieces_.find(content);
  if (found == pieces_.end()) return std::nullopt;
  return found->second;
}

void Recorder::joined(std::uint32_t viewer, bool counted, Instant now) {
  CHECK(viewer == viewers_.size(), "viewers are numbered as they come");
  viewers_.push_back({.joined = now, .counted = counted, .first_part = static_cast<std::uint32_t>(parts_.size())});
}

void Recorder::left(std::uint32_t viewer, Instant now) {
  viewers_[viewer].left = now;
  viewers_[viewer].begun = {};
}

void Recorder::verified(std::uint32_t viewer, const Piece& piece, std::uint8_t depth, Instant now) {
  Viewer& who = viewers_[viewer];
  if (measuring(now) && who.counted) ++depths_[piece.number % kStripes][std::min<std::size_t>(depth, kDepths - 1)];
  if (world_.renditions > 1) return;   // what counts is what is played
  if (piece.part < who.first_part || piece.part >= parts_.size()) return;
  auto begun = std::ranges::find(who.begun, piece.part, &Begun::part);
  if (begun == who.begun.end()) {
    if (who.begun.size() >= kBegunMax) who.begun.erase(who.begun.begin());
    begun = who.begun.insert(who.begun.end(), Begun{.part = piece.part});
  }
  std::uint64_t& word = begun->mask[std::min<std::size_t>(piece.index / 64, 2)];
  const std::uint64_t bit = std::uint64_t{1} << (piece.index % 64);
  if ((word & bit) != 0) return;
  word |= bit;
  const Cell& cell = cells_[piece.part];
  if (++begun->pieces < cell.pieces || cell.cut_bytes < cell.bytes) return;
  who.begun.erase(begun);
  complete(viewer, piece.part, now);
}

void Recorder::complete(std::uint32_t viewer, std::uint32_t part, Instant now) {
  Viewer& who = viewers_[viewer];
  if (part < who.first_part || part >= parts_.size()) return;
  const std::size_t place = part - who.first_part;
  if (place >= who.delays_ms.size()) who.delays_ms.resize(place + 1, kNotCome);
  if (who.delays_ms[place] != kNotCome) return;
  who.delays_ms[place] = static_cast<std::uint16_t>(std::min<std::int64_t>((now - parts_[part].captured) / 1ms, kNotCome - 1));
}

void Recorder::played(std::uint32_t viewer, Instant now) {
  if (viewers_[viewer].first_frame == Instant::max()) viewers_[viewer].first_frame = now;
}

void Recorder::stands(std::uint32_t viewer, Instant since, Instant now) {
  Viewer& who = viewers_[viewer];
  if (now - since < kStall) return;
  const bool new_one = who.stall_counted < since;
  // One that lasts counts again.
  if (!new_one && now - who.stall_counted < kStallCountsAgain) return;
  who.stall_counted = now;
  if (measuring(now)) ++who.stalls;
}

void Recorder::watched(std::uint32_t viewer, Duration behind_live, Duration buffered, bool stands, Instant now) {
  if (!viewers_[viewer].counted) return;
  if (viewer <= kPlotted) {
    const auto second = static_cast<std::size_t>(now.time_since_epoch() / 1s);
    if (second >= buffers_ms_.size()) buffers_ms_.resize(second + 1);
    buffers_ms_[second].push_back(static_cast<float>(milliseconds(buffered)));
  }
  if (!measuring(now)) return;
  ++looks_;
  looks_standing_ += stands ? 1 : 0;
  ++behind_live_[std::min(static_cast<std::size_t>(std::max<Duration>(behind_live, 0ms) / kBehindBin), kBehindBins - 1)];
}

void Recorder::quality(std::uint32_t viewer, std::int64_t bits_per_s, std::int64_t oracle_bits_per_s, bool changed, Instant now) {
  if (!measuring(now) || !viewers_[viewer].counted) return;
  quality_bits_per_s_ += bits_per_s;
  oracle_bits_per_s_ += oracle_bits_per_s;
  ++quality_parts_;
  quality_changes_ += changed ? 1 : 0;
}

void Recorder::payload(std::uint32_t to, bool from_source, bool hostile, std::int64_t bytes, Instant now) {
  const auto second = static_cast<std::size_t>(now.time_since_epoch() / 1s);
  if (second >= flows_.size()) flows_.resize(second + 1);
  (from_source ? flows_[second].from_source : flows_[second].from_peers) += bytes;
  if (!measuring(now)) return;
  // A hostile receiver's feed counts as the source's load, but not in what viewers got.
  if (from_source) from_source_ += bytes;
  else if (!hostile && to != 0) from_peers_ += bytes;
}

void Recorder::control(std::int64_t bytes, Instant now) {
  if (!measuring(now)) return;
  control_bytes_ += bytes;
  control_packets_ += packets_of(bytes);
}

Duration Recorder::delay_of(const Viewer& viewer, std::size_t part) const {
  if (part < viewer.first_part || part - viewer.first_part >= viewer.delays_ms.size()) return Duration::max();
  const std::uint16_t delay = viewer.delays_ms[part - viewer.first_part];
  return delay == kNotCome ? Duration::max() : Duration{std::chrono::milliseconds{delay}};
}

Recorder::Lately Recorder::lately(Duration length, Instant now) const {
  constexpr Duration kInTime = 2s;
  Lately lately;
  std::size_t first = parts_.size();
  while (first > 0 && parts_[first - 1].captured > now - kInTime - length) --first;
  for (std::size_t part = first; part < parts_.size() && parts_[part].captured <= now - kInTime; ++part) {
    for (std::size_t i = 0; i < world_.renditions; ++i) lately.produced += cells_[part * world_.renditions + i].bytes;
  }
  for (std::size_t v = 1; v < viewers_.size(); ++v) {
    const Viewer& viewer = viewers_[v];
    if (!viewer.counted || viewer.left <= now) continue;
    for (std::size_t part = first; part < parts_.size() && parts_[part].captured <= now - kInTime; ++part) {
      if (parts_[part].captured < viewer.joined + kDueAfterJoin) continue;
      ++lately.due;
      const Duration delay = delay_of(viewer, part);
      lately.in_time += delay <= kInTime;
      if (delay != Duration::max()) lately.delays_ms.push_back(static_cast<std::uint32_t>(delay / 1ms));
    }
  }
  // Whole seconds, of the same time.
  const auto end = static_cast<std::size_t>(std::max<std::int64_t>((now - kInTime).time_since_epoch() / 1s, 0));
  const auto seconds = static_cast<std::size_t>(length / 1s);
  for (std::size_t second = end > seconds ? end - seconds : 0; second < std::min(end, flows_.size()); ++second) {
    lately.from_source += flows_[second].from_source;
    lately.from_peers += flows_[second].from_peers;
  }
  return lately;
}

struct Recorder::Tally {
  std::vector<float> delays, first_frames;
  std::uint64_t due = 0, at_1s = 0, at_1_5s = 0, at_2s = 0, at_3s = 0, stalls = 0, calm = 0, counted = 0, there = 0, never = 0;
};

void Recorder::count_viewer(const Viewer& viewer, Instant end, Tally& tally) const {
  const Instant last = std::min(end, viewer.left);
  if (last - viewer.joined >= 5s) {
    ++tally.there;
    if (viewer.first_frame == Instant::max()) ++tally.never;
  }
  // Who waited in vain waited at least until he went.
  if (viewer.first_frame != Instant::max()) tally.first_frames.push_back(static_cast<float>(milliseconds(viewer.first_frame - viewer.joined)));
  else if (last - viewer.joined >= 5s) tally.first_frames.push_back(static_cast<float>(milliseconds(last - viewer.joined)));
  std::uint64_t due = 0;
  for (std::size_t part = viewer.first_part; part < parts_.size(); ++part) {
    const Instant captured = parts_[part].captured;
    if (!measuring(captured) || captured < viewer.joined + kDueAfterJoin || captured > last - kGrace) continue;
    ++due;
    const Duration delay = delay_of(viewer, part);
    if (delay != Duration::max()) tally.delays.push_back(static_cast<float>(milliseconds(delay)));
    tally.at_1s += delay <= 1s;
    tally.at_1_5s += delay <= 1500ms;
    tally.at_2s += delay <= 2s;
    tally.at_3s += delay <= 3s;
  }
  if (due == 0) return;
  tally.due += due;
  // Who never saw a frame stood all the time.
  const bool never = viewer.first_frame == Instant::max();
  const std::uint64_t stalls = never ? 1 + static_cast<std::uint64_t>((last - viewer.joined) / kStallCountsAgain) : viewer.stalls;
  tally.stalls += stalls;
  tally.calm += stalls <= 1 && !never;
  ++tally.counted;
}

void Recorder::finish(Instant end, Outcome& outcome) const {
  Tally tally;
  for (std::size_t i = 1; i < viewers_.size(); ++i) {
    if (viewers_[i].counted) count_viewer(viewers_[i], end, tally);
  }
  Figures& figures = outcome.figures;
  const auto due = static_cast<double>(tally.due);
  const auto counted = static_cast<double>(tally.counted);
  figures.virtual_s = static_cast<double>(end.time_since_epoch().count()) / 1e6;
  figures.viewers = static_cast<std::uint32_t>(tally.counted);
  figures.delay_ms_p50 = percentile(tally.delays, 50);
  figures.delay_ms_p95 = percentile(tally.delays, 95);
  figures.delay_ms_p99 = percentile(tally.delays, 99);
  figures.first_frame_ms_p50 = percentile(tally.first_frames, 50);
  figures.first_frame_ms_p95 = percentile(tally.first_frames, 95);
  figures.continuity_1s = ratio(static_cast<double>(tally.at_1s), due);
  figures.continuity_1_5s = ratio(static_cast<double>(tally.at_1_5s), due);
  figures.continuity_2s = ratio(static_cast<double>(tally.at_2s), due);
  figures.continuity_3s = ratio(static_cast<double>(tally.at_3s), due);
  figures.stalls_per_viewer = ratio(static_cast<double>(tally.stalls), counted);
  figures.viewers_at_most_1_stall = ratio(static_cast<double>(tally.calm), counted);
  const auto behind_at = [&](std::uint64_t percent) {
    std::uint64_t passed = 0;
    std::size_t bin = 0;
    while (bin + 1 < kBehindBins && (passed += behind_live_[bin]) * 100 <= looks_ * percent) ++bin;
    return milliseconds(kBehindBin * static_cast<int>(bin));
  };
  if (looks_ > 0) {
    figures.behind_live_ms_p50 = behind_at(50);
    figures.behind_live_ms_p95 = behind_at(95);
    figures.stalled_fraction = ratio(static_cast<double>(looks_standing_), static_cast<double>(looks_));
  }
  figures.rendition_over_oracle = quality_parts_ == 0 ? 1 : ratio(static_cast<double>(quality_bits_per_s_), static_cast<double>(oracle_bits_per_s_));
  const double played_min = static_cast<double>(quality_parts_) * static_cast<double>(world_.part / 1ms) / 60'000;
  figures.rendition_changes_per_min = ratio(static_cast<double>(quality_changes_), played_min);
  figures.never_played = static_cast<double>(tally.never);
  const auto payload = static_cast<double>(measured_payload());
  figures.share_from_peers = ratio(static_cast<double>(from_peers_), payload);
  figures.source_copies = ratio(static_cast<double>(from_source_), static_cast<double>(produced_bytes_));
  figures.control_fraction = ratio(static_cast<double>(control_bytes_), payload);
  figures.control_fraction_with_headers = ratio(static_cast<double>(control_bytes_ + control_packets_ * kPacketOverhead), payload);
  std::array<std::uint64_t, kDepths> depths{};
  std::uint64_t pieces = 0;
  for (const auto& stripe : depths_) {
    for (std::size_t depth = 0; depth < kDepths; ++depth) {
      depths[depth] += stripe[depth];
      pieces += stripe[depth];
    }
  }
  const auto hops_at = [&](std::uint64_t percent) {
    std::uint64_t passed = 0;
    std::size_t depth = 0;
    while (depth + 1 < kDepths && (passed += depths[depth]) * 100 <= pieces * percent) ++depth;
    return static_cast<double>(depth);
  };
  if (pieces > 0) {
    figures.hops_p50 = hops_at(50);
    figures.hops_p95 = hops_at(95);
  }
  outcome.plots.delay_ms = distribution(std::move(tally.delays));
  outcome.plots.first_frame_ms = distribution(std::move(tally.first_frames));
  plot(end, outcome.plots);
}

void Recorder::plot(Instant end, Plots& plots) const {
  const auto seconds = static_cast<std::size_t>(end.time_since_epoch() / 1s);
  std::vector<std::vector<float>> delays(seconds);
  for (std::size_t i = 1; i < viewers_.size(); ++i) {
    const Viewer& viewer = viewers_[i];
    if (!viewer.counted) continue;
    const Instant last = std::min(end, viewer.left);
    for (std::size_t part = viewer.first_part; part < parts_.size(); part += 2) {
      if (parts_[part].captured < viewer.joined + kDueAfterJoin || parts_[part].captured > last - kGrace) continue;
      const Duration delay = std::min<Duration>(delay_of(viewer, part), 10s);
      delays[std::min(seconds - 1, static_cast<std::size_t>(parts_[part].captured.time_since_epoch() / 1s))].push_back(static_cast<float>(milliseconds(delay)));
    }
  }
  for (std::size_t i = 0; i < seconds; ++i) {
    Second second{.due = static_cast<std::uint32_t>(delays[i].size())};
    second.delay_ms_p50 = percentile(delays[i], 50);
    second.delay_ms_p95 = percentile(delays[i], 95);
    if (i < buffers_ms_.size()) {
      std::vector<float> buffers = buffers_ms_[i];
      second.buffer_ms_p50 = percentile(buffers, 50);
      second.buffer_ms_p5 = percentile(buffers, 5);
    }
    if (i < flows_.size()) {
      second.source_mbit_per_s = static_cast<float>(flows_[i].from_source * 8) / 1e6F;
      second.share_from_peers = static_cast<float>(
          ratio(static_cast<double>(flows_[i].from_peers), static_cast<double>(flows_[i].from_peers + flows_[i].from_source)));
    }
    const Instant at = Instant{} + std::chrono::seconds{i};
    for (std::size_t v = 1; v < viewers_.size(); ++v) second.viewers += viewers_[v].joined <= at && viewers_[v].left > at;
    plots.seconds.push_back(second);
  }
  for (const auto& stripe : depths_) {
    std::uint64_t pieces = 0;
    for (const std::uint64_t count : stripe) pieces += count;
    std::vector<float>& shares = plots.depth_by_stripe.emplace_back();
    for (const std::uint64_t count : stripe) shares.push_back(static_cast<float>(ratio(static_cast<double>(count), static_cast<double>(pieces))));
    while (!shares.empty() && shares.back() == 0) shares.pop_back();
  }
}

double Recorder::playing_at(Instant end, Duration there_for) const {
  std::uint64_t there = 0, playing = 0;
  for (std::size_t i = 1; i < viewers_.size(); ++i) {
    const Viewer& viewer = viewers_[i];
    if (!viewer.counted || viewer.left < end || end - viewer.joined < there_for) continue;
    ++there;
    bool came = false;
    for (std::size_t part = parts_.size(); part-- > viewer.first_part && end - parts_[part].captured <= 5s;) {
      came |= end - parts_[part].captured >= 2s && delay_of(viewer, part) != Duration::max();
    }
    playing += came;
  }
  return there == 0 ? 1 : static_cast<double>(playing) / static_cast<double>(there);
}

}  // namespace p2p::simulator
