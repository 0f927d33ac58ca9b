#include "baseline.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"

namespace p2p::simulator {
namespace {

constexpr Duration kTick = 200ms;
constexpr Duration kServeTick = 50ms;
constexpr Duration kDialEvery = 1s;
constexpr Duration kBusyFor = 400ms;
constexpr Duration kFetchTimeout = 4s;   ///< without progress
constexpr std::size_t kBlockBytes = 12 * 1024;
constexpr std::uint32_t kBacklogMax = 96 * 1024;

}  // namespace

Baseline::Baseline(Options options, Instant now)
    : options_{options}, prng_{options.seed}, now_{now}, tick_at_{now + kTick}, credited_at_{now} {}

void Baseline::handle(Instant now, const mesh::Input& input) {
  now_ = now;
  std::visit([&](const auto& fact) { on(fact); }, input);
  if (next_wake() > now_) return;
  tick_at_ = now_ + kTick;
  if (leaving_) return;
  dial_more();
  plan();
  serve();
}

std::optional<mesh::Output> Baseline::poll() {
  if (out_.empty()) return std::nullopt;
  mesh::Output output = std::move(out_.front());
  out_.pop_front();
  digest_.mix(output.index());
  if (const auto* sent = std::get_if<mesh::Send>(&output)) {
    digest_.mix(sent->peer.value);
    digest_.mix(sent->header);
  }
  return output;
}

Instant Baseline::next_wake() const { return served_.empty() ? tick_at_ : std::min(tick_at_, credited_at_ + kServeTick); }

void Baseline::on(const mesh::Joined& input) {
  self_ = input.self;
  source_ = input.source;
  learn(input.candidates);
  dial_at_ = now_;
  dial_more();
}

void Baseline::on(const mesh::OfferReceived& input) {
  const bool room = options_.source || neighbors_.size() + dialing_.size() < options_.connections_max;
  if (leaving_ || (!room && !dialing_.contains(input.from))) {
    out_.emplace_back(mesh::Refuse{input.from, "full"});
    return;
  }
  dialing_.insert(input.from);
  out_.emplace_back(mesh::Accept{input.from});
}

void Baseline::on(const mesh::LinkUp& input) {
  dialing_.erase(input.peer);
  neighbors_[input.peer] = {};
  for (const auto& [number, segment] : segments_) say(input.peer, Say::kHave, number);
}

void Baseline::on(const mesh::LinkDown& input) {
  dialing_.erase(input.peer);
  neighbors_.erase(input.peer);
  std::erase_if(under_way_, [&](const auto& fetch) { return fetch.second.from == input.peer; });
  std::erase_if(served_, [&](const Serving& serving) { return serving.to == input.peer; });
  if (!leaving_) plan();
}

void Baseline::on(const mesh::LinkBacklog& input) {
  if (const auto neighbor = neighbors_.find(input.peer); neighbor != neighbors_.end()) neighbor->second.backlog = input.bytes;
}

void Baseline::on(const mesh::Leave&) {
  leaving_ = true;
  served_.clear();
}

void Baseline::on(const mesh::PartProduced& input) {
  const mesh::Part& part = input.part;
  const Payload bytes = part.bytes.joined();
  produced_ += static_cast<std::int64_t>(bytes.size());
  if (part.id.segment != growing_number_ && !growing_.empty()) {
    for (Block& block : growing_) block.header.blocks = static_cast<std::uint32_t>(growing_.size());
    keep(growing_number_, std::exchange(growing_, {}));
  }
  growing_number_ = part.id.segment;
  for (std::size_t offset = 0; offset < bytes.size(); offset += kBlockBytes) {
    const std::size_t size = std::min(kBlockBytes, bytes.size() - offset);
    growing_.push_back({{.segment = part.id.segment,
                         .block = static_cast<std::uint32_t>(growing_.size()),
                         .blocks = 0,
                         .part = part.id.part,
                         .last = offset + size == bytes.size(),
                         .media_time_us = part.media_time.count(),
                         .duration_us = part.duration.count(),
                         .captured_us = part.captured.time_since_epoch().count()},
                        bytes.slice(offset, size)});
  }
}

void Baseline::on(const mesh::MessageReceived& input) {
  const auto neighbor = neighbors_.find(input.from);
  if (neighbor == neighbors_.end()) return;
  if (input.channel == mesh::Channel::kPieces) return on_block(input.from, input);
  if (input.bytes.size() != 5) return;
  std::uint32_t segment = 0;
  std::memcpy(&segment, input.bytes.view().data() + 1, sizeof segment);
  heard(input.from, neighbor->second, static_cast<Say>(input.bytes.view().front()), segment);
}

void Baseline::heard(PeerId from, Neighbor& neighbor, Say what, std::uint32_t segment) {
  switch (what) {
    case Say::kHave:
      neighbor.has.insert(segment);
      if (neighbor.has.size() > kKept) neighbor.has.erase(neighbor.has.begin());
      if (!newest_ || segment > *newest_) newest_ = segment;
      return plan();
    case Say::kWant:
      if (!segments_.contains(segment) || served_.size() >= served_max() || (!options_.giving && !options_.source) || leaving_) {
        return say(from, Say::kBusy, segment);
      }
      served_.push_back({from, segment, 0});
      if (served_.size() == 1) credited_at_ = now_;
      return serve();
    case Say::kBusy: {
      neighbor.busy_until = now_ + kBusyFor + Duration{prng_.between(0, kBusyFor.count())};
      const auto fetch = under_way_.find(segment);
      if (fetch != under_way_.end() && fetch->second.from == from) under_way_.erase(fetch);
      return plan();
    }
    case Say::kCancel:
      std::erase_if(served_, [&](const Serving& serving) { return serving.to == from && serving.segment == segment; });
      return;
  }
}

void Baseline::on_block(PeerId from, const mesh::MessageReceived& message) {
  BlockHeader header;
  if (message.bytes.size() != sizeof header) return;
  std::memcpy(&header, message.bytes.view().data(), sizeof header);
  const auto bytes = static_cast<std::int64_t>(message.body.size());
  (from == source_ ? from_source_ : from_peers_) += bytes;
  const auto at = under_way_.find(header.segment);
  if (at == under_way_.end() || header.blocks > 10'000 || header.block >= header.blocks) {
    duplicates_ += bytes;
    return;
  }
  Fetch& fetch = at->second;
  fetch.blocks.resize(header.blocks);
  if (fetch.blocks[header.block]) {
    duplicates_ += bytes;
    return;
  }
  fetch.blocks[header.block] = Block{header, message.body};
  fetch.until = now_ + kFetchTimeout;
  if (++fetch.received < header.blocks) return;
  Segment segment;
  std::int64_t bits = 0;
  for (auto& block : fetch.blocks) {
    bits += static_cast<std::int64_t>(block->bytes.size()) * 8;
    segment.push_back(std::move(*block));
  }
  neighbors_.at(from).bits_per_s = bits * 1'000 / std::max<std::int64_t>((now_ - fetch.asked) / 1ms, 1);
  under_way_.erase(at);
  keep(header.segment, std::move(segment));
  play();
  plan();
}

void Baseline::learn(const std::vector<mesh::Candidate>& candidates) {
  for (const mesh::Candidate& candidate : candidates) {
    if (candidate.peer == self_ || candidate.peer == source_ || std::ranges::count(known_, candidate.peer) > 0) continue;
    if (known_.size() >= kKnownMax) known_.erase(known_.begin());
    known_.push_back(candidate.peer);
  }
}

/// One after the other would multiply copies soonest, were links not slower than uplinks. A peer that has less than half a stream to
/// give would only hold its askers up.
std::size_t Baseline::served_max() const {
  if (bits_per_s_ == 0) return 1;
  const std::int64_t streams = (options_.upload_bits_per_s * 9 / 10 + bits_per_s_ / 2) / bits_per_s_;
  return static_cast<std::size_t>(std::clamp<std::int64_t>((streams + 1) / 2, 0, kServedMax));
}

void Baseline::keep(std::uint32_t number, Segment segment) {
  std::int64_t bytes = 0, duration_us = 0;
  for (const Block& block : segment) {
    bytes += static_cast<std::int64_t>(block.bytes.size());
    if (block.header.last != 0) duration_us += block.header.duration_us;
  }
  bits_per_s_ = bytes * 8'000'000 / std::max<std::int64_t>(duration_us, 1);
  segments_[number] = std::move(segment);
  if (segments_.size() > kKept) segments_.erase(segments_.begin());
  if (!newest_ || number > *newest_) newest_ = number;
  for (const auto& [peer, neighbor] : neighbors_) say(peer, Say::kHave, number);
}

void Baseline::play() {
  while (wanted_ && segments_.contains(*wanted_)) {
    Rope bytes;
    for (const Block& block : segments_.at(*wanted_)) {
      bytes.append(block.bytes);
      if (block.header.last == 0) continue;
      const BlockHeader& header = block.header;
      out_.emplace_back(mesh::PlayPart{.part = {.id = {{}, header.segment, header.part},
                                             .independent = header.part == 0,
                                             .media_time = Duration{header.media_time_us},
                                             .duration = Duration{header.duration_us},
                                             .captured = WallTime{Duration{header.captured_us}},
                                             .bytes = std::exchange(bytes, {})},
                                    .discontinuous = std::exchange(jumped_, false)});
      ++played_;
    }
    ++*wanted_;
  }
}

void Baseline::plan() {
  if (options_.source || leaving_ || !newest_) return;
  if (!wanted_) wanted_ = newest_;
  if (*newest_ > *wanted_ + kBehindMax) {
    wanted_ = *newest_ - 1;
    jumped_ = true;
  }
  for (auto fetch = under_way_.begin(); fetch != under_way_.end();) {
    const bool useless = fetch->first < *wanted_ || fetch->second.until <= now_;
    if (useless) say(fetch->second.from, Say::kCancel, fetch->first);
    fetch = useless ? under_way_.erase(fetch) : std::next(fetch);
  }
  for (std::uint32_t segment = *wanted_; segment <= *newest_ && under_way_.size() < kUnderWayMax; ++segment) {
    if (!segments_.contains(segment) && !under_way_.contains(segment)) fetch(segment);
  }
}

void Baseline::fetch(std::uint32_t segment) {
  std::vector<PeerId> holders;
  bool origin = false;
  for (const auto& [peer, neighbor] : neighbors_) {
    if (!neighbor.has.contains(segment) || neighbor.busy_until > now_) continue;
    if (peer == source_) origin = true;
    else holders.push_back(peer);
  }
  if (holders.empty() && !origin) return;
  // Who was not tried yet counts as fast.
  const auto speed = [&](PeerId peer) { return neighbors_.at(peer).bits_per_s == 0 ? INT64_MAX : neighbors_.at(peer).bits_per_s; };
  PeerId from = source_.value_or(PeerId{});
  if (!holders.empty()) {
    from = holders[static_cast<std::size_t>(prng_.below(holders.size()))];
    const PeerId second = holders[static_cast<std::size_t>(prng_.below(holders.size()))];
    if (speed(second) > speed(from)) from = second;
  }
  under_way_[segment] = {.from = from, .asked = now_, .until = now_ + kFetchTimeout};
  say(from, Say::kWant, segment);
}

void Baseline::serve() {
  // A tenth is left for headers and control.
  const std::int64_t rate = options_.upload_bits_per_s * 9 / 10 / 8;
  credit_bytes_ = std::min(credit_bytes_ + rate * std::min<Duration>(now_ - credited_at_, 1s).count() / 1'000'000,
                           std::max<std::int64_t>(rate * kServeTick.count() / 1'000'000, 2 * static_cast<std::int64_t>(kBlockBytes)));
  credited_at_ = now_;
  std::size_t blocked = 0;
  while (!served_.empty() && credit_bytes_ > 0 && blocked < served_.size()) {
    Serving serving = served_.front();
    served_.pop_front();
    const auto segment = segments_.find(serving.segment);
    const auto neighbor = neighbors_.find(serving.to);
    if (segment == segments_.end() || neighbor == neighbors_.end()) continue;
    if (neighbor->second.backlog > kBacklogMax) {
      ++blocked;
      served_.push_back(serving);
      continue;
    }
    blocked = 0;
    const Block& block = segment->second[serving.next];
    BlockHeader header = block.header;
    header.blocks = static_cast<std::uint32_t>(segment->second.size());
    Bytes bytes(sizeof header);
    std::memcpy(bytes.data(), &header, sizeof header);
    const auto size = static_cast<std::int64_t>(block.bytes.size());
    credit_bytes_ -= size;
    given_ += size;
    neighbor->second.backlog += static_cast<std::uint32_t>(size);
    out_.emplace_back(mesh::Send{.peer = serving.to, .channel = mesh::Channel::kPieces, .header = std::move(bytes), .body = block.bytes});
    if (++serving.next < segment->second.size()) served_.push_back(serving);
  }
}

void Baseline::dial_more() {
  if (options_.source || !self_ || now_ < dial_at_) return;
  dial_at_ = now_ + kDialEvery;
  const auto dial = [&](PeerId peer) {
    if (neighbors_.contains(peer) || dialing_.contains(peer)) return;
    dialing_.insert(peer);
    out_.emplace_back(mesh::Dial{peer});
  };
  if (source_) dial(*source_);
  prng_.shuffle(known_);
  for (const PeerId peer : known_) {
    if (neighbors_.size() + dialing_.size() > kNeighborsWanted) break;
    dial(peer);
  }
  if (neighbors_.size() < kNeighborsWanted / 2) out_.emplace_back(mesh::FindCandidates{});
}

void Baseline::say(PeerId to, Say what, std::uint32_t segment) {
  if (!neighbors_.contains(to)) return;
  Bytes bytes(5);
  bytes[0] = static_cast<std::byte>(what);
  std::memcpy(bytes.data() + 1, &segment, sizeof segment);
  control_ += static_cast<std::int64_t>(bytes.size());
  out_.emplace_back(mesh::Send{.peer = to, .channel = mesh::Channel::kControl, .header = std::move(bytes)});
}

mesh::EngineStats Baseline::stats() const {
  return {.received_from_peers_bytes = from_peers_,
          .received_from_source_bytes = from_source_,
          .given_bytes = given_,
          .duplicate_bytes = duplicates_,
          .control_sent_bytes = control_,
          .produced_bytes = produced_,
          .upload_allowed_bits_per_s = options_.upload_bits_per_s,
          .parts_played = played_};
}

void Baseline::check_invariants() const {
  CHECK(segments_.size() <= kKept && known_.size() <= kKnownMax, "more is kept than may be");
  CHECK(served_.size() <= kServedMax && under_way_.size() <= kUnderWayMax, "more is under way than may be");
}

}  // namespace p2p::simulator
