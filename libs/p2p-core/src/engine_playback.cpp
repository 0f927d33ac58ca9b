#include <algorithm>
#include <string>
#include <utility>

#include "engine_impl.hpp"

// The player: where it starts, what it is handed, how near to live it is kept, and what it does not wait for any longer.
namespace p2p::mesh {
namespace {

/// Who waits so long sees more of the stream from the next segment on, when that is here.
constexpr Duration kStandsMax = 500ms;
/// In balanced mode a part is waited for until the playhead has long passed.
constexpr Duration kPatienceBeyond = 2s;
constexpr Duration kLookAgain = 100ms;
/// What the player must have before it goes on after it stood.
constexpr Duration kRebufferMin = 1s;
constexpr Duration kRebufferMax = 2'400ms;
constexpr Duration kRebufferFor = 3s;        ///< at most, as long as there is anything
constexpr Duration kStallsRemembered = 20s;
constexpr Duration kStandsLeast = 50ms;      ///< the player is told of parts a little later than they are handed over
constexpr Duration kAskAhead = 900ms;   ///< of a newcomer's backlog: so long before it is played
/// A newcomer's first second says nothing of how late parts come: it has just begun to be fed.
constexpr Duration kSettling = 1s;

/// A part may be waited for for 7.5 s, and in balanced mode for 12.
constexpr Duration kWindowLeaf = 10s;
constexpr Duration kWindowLeafBalanced = 16s;
constexpr Duration kWindowRelay = 16s;

}  // namespace

void Engine::Impl::start_playback(Track& track) {
  if (options_.source || track.playout.started() || track.joining || !renditions_.contains(track.id())) return;
  const ManifestLog::Entry* start = track.best_start(neighbors_);
  if (!start) return;
  track.playout.start_at(start->part.first);
  playback_began_ = now_;
  track.repair.forget_before(start->part.first);
  track.backlog_end = track.log.end();
  want_known(track);
}

void Engine::Impl::play(Track& track) {
  if (options_.source || &track != &main()) return;
  // A player that has yet to show its first picture is not dry.
  if (shown_ && !paused() && played_ > 0 && now_ > runs_dry_at_ + kStandsLeast && !track.playout.rebuffering()) rebuffer(track);
  while (!track.held()) {
    auto part = track.playout.take(track.log, track.store, now_);
    if (!part) break;
    ++played_;
    runs_dry_at_ = std::max(runs_dry_at_, now_) + part->part.duration;
    handed_over_ = part->part.media_time + part->part.duration;
    if (played_ == 1) rebuffer(track);
    const Instant made = source_clock_.made_at(part->part.captured, now_);
    if (made > playback_began_ + kSettling) {
      pace_.part_came(now_ - made, part->part.duration, now_);
      quality_.part_came(now_ - made, now_);
    }
    out_.push_back(std::move(*part));
  }
}

/// The player has nothing more to show. The more often it happened lately, the longer it waits before it goes on.
void Engine::Impl::rebuffer(Track& track) {
  if (!playhead_) return;   // what is only written does not stand
  std::erase_if(stalls_, [&](Instant at) { return now_ - at >= kStallsRemembered; });
  const Duration need = std::min(kRebufferMin * static_cast<int>(1 + stalls_.size()), kRebufferMax);
  stalls_.push_back(now_);
  // Who has just come may be at the newest part: then he need not wait for what is not made yet.
  track.playout.rebuffer(need, played_ == 1, now_ + kRebufferFor);
}

void Engine::Impl::on(const Playhead& input) {
  playhead_ = input;
  shown_ |= input.playing;
  if (played_ == 0 || !shown_) return;
  // What it was handed may still be on its way into its buffer.
  runs_dry_at_ = now_ + std::max(handed_over_ - input.media_time, input.buffered);
  Track& track = main();
  track.playout.needed_at(paused() ? kNever : runs_dry_at_);
  if (track.playout.rebuffering()) play(track);   // it may have waited for long enough
  if (!input.stalled) stands_since_.reset();
  else if (!stands_since_) stands_since_ = now_;
  const bool waited = stands_since_ && now_ - *stands_since_ >= kStandsMax && pace_.latency() == Latency::kLow;
  if (waited && track.playout.could_go_on(track.log, track.store)) skip_missing(track);
  set_playback(pace_.look(seen_of_player(), now_));
}

void Engine::Impl::on(const LatencyChosen& input) {
  pace_.choose(input.latency);
  for (auto& track : tracks_) track->playout.set_patience(patience());
}

void Engine::Impl::on(const ReturnToLive&) {
  if (playhead_) set_playback(pace_.to_live(seen_of_player()));
}

Duration Engine::Impl::patience() const {
  return pace_.latency() == Latency::kBalanced ? std::max(options_.patience, Pace::kBalancedTarget + kPatienceBeyond) : options_.patience;
}

/// What is kept, by role: for those below a super-seed who lost a parent, for a relay's children, or for the own player only.
Duration Engine::Impl::window() const {
  const bool balanced = pace_.latency() == Latency::kBalanced;
  if (!giving() && !options_.source) return std::min(options_.window, balanced ? kWindowLeafBalanced : kWindowLeaf);
  return role() == Role::kSource || role() == Role::kSuperSeed ? options_.window : std::min(options_.window, kWindowRelay);
}

/// What the player comes to soon is asked for first; what it must have in hand before it goes on belongs to that.
PieceNumber Engine::Impl::backlog_to_ask(const Track& track) const {
  std::optional<Duration> playhead;
  if (played_ > 0) playhead = paused() ? playhead_->media_time : handed_over_ - std::max<Duration>(runs_dry_at_ - now_, 0ms);
  return track.backlog_to_ask(playhead, std::max(kAskAhead, track.playout.need() + kAskAhead / 2));
}

Pace::Seen Engine::Impl::seen_of_player() const {
  // Media time and capture run at the same pace: any part tells what was captured when.
  const ManifestLog::Entry* newest = main().log.newest();
  Pace::Seen seen{.buffered = playhead_->buffered, .playing = playhead_->playing, .stalled = playhead_->stalled};
  if (newest) {
    const Duration shown_before = Duration{newest->part.media_time_us + newest->part.duration_us} - playhead_->media_time;
    seen.behind = now_ - made_at(newest->part) + shown_before;
  }
  return seen;
}

void Engine::Impl::set_playback(Pace::Verdict verdict) {
  if (!verdict.jump_to && verdict.rate_permille == rate_permille_) return;
  rate_permille_ = verdict.rate_permille;
  if (verdict.jump_to) decide("jumps to " + std::to_string(*verdict.jump_to / 1ms) + " ms before the newest part", Topic::kPlay);
  out_.push_back(SetPlayback{verdict.rate_permille, verdict.jump_to});
}

/// To give up what has nearly come for something that is not there either would only begin the wait anew.
void Engine::Impl::skip_overdue(Track& track) {
  if (track.playout.next_due(track.log) > now_) return;
  if (track.playout.could_go_on(track.log, track.store) || track.playout.hopeless(track.log, now_)) skip_missing(track);
  else track.playout.wait_until(now_ + kLookAgain);
}

void Engine::Impl::skip_missing(Track& track) {
  const std::string missing = track.what_is_missing(neighbors_);
  const std::uint32_t skipped = track.playout.skip(track.log, track.store);
  if (skipped == 0) return;
  decide("skips " + std::to_string(skipped) + " parts: " + missing, Topic::kPlay);
  skipped_ += skipped;
  track.repair.forget_before(track.playout.cursor());
  play(track);
}

}  // namespace p2p::mesh
