#include <algorithm>
#include <tuple>
#include <vector>

#include "base/hex.hpp"
#include "engine_impl.hpp"

// What the line and the links carry, who may have how much of it, and which links are worth having.
namespace p2p::mesh {
namespace {

/// Below this a single piece is on the line for so long that everybody behind it suffers: such a peer feeds nobody.
constexpr std::int64_t kRelayBitsPerSMin = 800'000;
/// Of what a peer receives it sends about a twentieth back as acknowledgements (measured, docs/links.md).
constexpr std::int64_t kReturnPercent = 5;
/// What it says to its neighbors is paid when it is said; so much of the line is not promised to children.
constexpr std::int64_t kTalkBitsPerS = 60'000;
/// The source acknowledges no pieces, but each have-delta of its neighbors, with a packet of 93 bytes: five a second a link.
constexpr std::int64_t kReturnBitsPerSALink = 4'000;
/// A line that is filled beyond this loses packets to its own queue, which SCTP sends again, unpaid: it then stays full (ADR 25).
constexpr std::int64_t kLinePercentSource = 91;
/// Of the upload that goes into promises to children; the rest is for repairs and bursts.
constexpr std::int64_t kPromisePercent = 80;
constexpr std::int64_t kPromisePercentSource = 85;   ///< of the source, which answers each request twice at most (Track::others_have)
constexpr std::int64_t kPromisePercentLast = 97;   ///< of the source's, before a stripe is refused to who has nobody for it
/// Payload and its headers.
constexpr std::int64_t kOnLinePercent = 107;
/// A link is new, or was needed a moment ago: its use has yet to show.
constexpr Duration kLinkTrial = 4s;
/// Of what others are known to have received of a peer: that was a few seconds ago, and it may have won a child since.
constexpr std::int64_t kAttestedPercent = 125;
/// A viewer that holds one of the source's links for so long without passing much on may have to make room.
constexpr Duration kSourceTrial = 15s;
constexpr Duration kSourceRoomEvery = 2s;
constexpr std::int64_t kGoodLinkStripes = 3;
/// With so many the source gives three copies of each stripe; when some of them have gone it goes on until there are only some left.
constexpr std::size_t kManyLinks = 14;
constexpr std::size_t kSomeLinks = 10;
/// A driver gives up to set up an association after 15 s; few take more than a second or two.
constexpr Duration kWidenTime = 5s;
constexpr Duration kWidenAgain = 60s;
/// The queue that was there drains first.
constexpr Duration kWidenSettles = 2s;
/// So many links of ours say what to expect of another.
constexpr std::size_t kLinksTypical = 3;
constexpr Duration kLinkFullFor = 15s;                 ///< then it is tried again: losses come and go
/// More links than this cost more control messages than they help.
constexpr std::size_t kLinksEnough = 11;
constexpr Duration kSurplusEvery = 2s;

}  // namespace

/// What one association with it carries: as measured, or as with others.
std::optional<std::int64_t> Engine::Impl::association_bits_per_s(const Neighbor& neighbor) const {
  if (const auto carries = uplink_.link_bits_per_s(neighbor.peer)) return *carries / neighbor.associations;
  std::vector<std::int64_t> known;
  for (const auto& [peer, other] : neighbors_) {
    if (const auto carries = uplink_.link_bits_per_s(peer)) known.push_back(*carries / other.associations);
  }
  if (known.size() < kLinksTypical) return std::nullopt;
  std::sort(known.begin(), known.end());
  return known[known.size() / 2];
}

/// Sees to it that a link carries so much. True while it is about to.
bool Engine::Impl::widen(Neighbor& neighbor, std::int64_t bits_per_s) {
  const auto one = association_bits_per_s(neighbor);
  if (!one) return false;
  const std::int64_t each = std::max<std::int64_t>(*one * kLinkLoadPercent / 100, 1);
  const std::int64_t needed = (bits_per_s + each - 1) / each;
  if (needed <= neighbor.associations) return false;
  const bool under_way = neighbor.associations < neighbor.widened_to;
  if (now_ < neighbor.widen_at) return under_way;
  if (under_way) {
    neighbor.widened_to = neighbor.associations;
    neighbor.widen_at = now_ + kWidenAgain;
    return false;
  }
  if (now_ - neighbor.widened_at < kWidenSettles) return true;
  if (neighbor.associations >= kAssociationsMax) return false;
  neighbor.widened_to = static_cast<std::uint32_t>(std::min<std::int64_t>(needed, kAssociationsMax));
  neighbor.widen_at = now_ + kWidenTime;
  out_.push_back(Widen{neighbor.peer, neighbor.widened_to});
  return true;
}

bool Engine::Impl::link_carries(PeerId to, std::int64_t bits_per_s) const {
  constexpr std::int64_t kLinkLoadPercentMax = 75;   // beyond it a link queues without end
  const auto carries = uplink_.link_bits_per_s(to);
  return !carries || bits_per_s <= *carries * kLinkLoadPercentMax / 100;
}

/// A further stripe over a link may not fill it beyond what keeps its queue short.
bool Engine::Impl::link_carries_more(const Track& track, PeerId to, std::size_t tree) const {
  const auto carries = uplink_.link_bits_per_s(to);
  if (!carries || tree == kManifestTree || track.children.is_child(to, tree)) return true;
  const std::int64_t promised = promised_bits_per_s(to);
  const bool any_will_do = promised == 0 && !(options_.source && neighbors_.size() > kStripes);
  return any_will_do || promised + track.unit_bits_per_s() <= *carries * kLinkLoadPercent / 100;
}

void Engine::Impl::link_is_full(const Track& track, Neighbor& from, std::size_t to_go) {
  NeighborTrack& there = from.in(track.id());
  there.trees_max = std::max(track.feeds.trees_fed_by(from.peer), to_go + 1) - to_go;
  there.trees_max_until = now_ + kLinkFullFor;
}

/// Of the source, so that its copies do not come and go with a few links: a copy that is taken back costs hundreds below it a change.
void Engine::Impl::count_links() {
  if (membership_.links() > kManyLinks) seen_many_ = true;
  else if (membership_.links() <= kSomeLinks) seen_many_ = false;
}

void Engine::Impl::relieve_links() {
  for (auto& [peer, neighbor] : neighbors_) {
    // One stripe is left to a viewer that may have no better link; not by the source, whose other neighbors wait for it.
    const std::uint32_t least = options_.source && neighbors_.size() > kStripes ? 1 : 2;
    const std::uint32_t stripes = stripes_given(peer);
    const std::int64_t promised = promised_bits_per_s(peer);
    if (neighbor.link_missed) widen(neighbor, promised + unit_bits_per_s(neighbor.told));
    if (link_carries(peer, promised) || widen(neighbor, promised) || stripes < least) continue;
    for (auto& track : tracks_) {
      const auto tree = track->children.hard_stripe(peer);
      if (!tree) continue;
      evict(*track, {peer, *tree}, PeerId{}, track->log.end() + track->pieces_in(kGrace), true);
      break;
    }
  }
}

std::int64_t Engine::Impl::unit_bits_per_s(RenditionId rendition) const {
  for (const auto& track : tracks_) {
    if (track->id() == rendition) return track->unit_bits_per_s();
  }
  return main().unit_bits_per_s();
}

/// What pauses is about to be left, and takes no room from what its children go to.
std::int64_t Engine::Impl::promised_bits_per_s(PeerId peer) const {
  std::int64_t promised = 0;
  for (const auto& track : tracks_) promised += track->pauses() ? 0 : std::int64_t{track->children.stripes_given(peer)} * track->unit_bits_per_s();
  return promised;
}

std::uint32_t Engine::Impl::stripes_given(PeerId peer) const {
  std::uint32_t stripes = 0;
  for (const auto& track : tracks_) stripes += track->children.stripes_given(peer);
  return stripes;
}

std::uint32_t Engine::Impl::slots_used() const {
  std::uint32_t used = 0;
  for (const auto& track : tracks_) used += track->children.slots_used();
  return used;
}

bool Engine::Impl::carries_alone(PeerId peer) const {
  return std::any_of(tracks_.begin(), tracks_.end(), [&](const auto& track) { return track->children.carries_alone(peer); });
}

std::int64_t Engine::Impl::upload_bits_per_s() const {
  std::int64_t line = options_.upload_bits_per_s;
  if (upload_cap_bits_per_s_ > 0) line = std::min(line, upload_cap_bits_per_s_);
  std::int64_t received = 0;
  for (const auto& track : tracks_) received += track->bits_per_s;
  const auto links = static_cast<std::int64_t>(membership_.links());
  const std::int64_t returned = options_.source ? links * kReturnBitsPerSALink : received * kReturnPercent / 100;
  const std::int64_t percent = options_.source ? kLinePercentSource : kLinePercent;
  return std::max(line * percent / 100 - returned, kUploadBitsPerSMin);
}

/// Of several renditions the source gives one copy of each, and what is left of its upload to the best that somebody has: most end there.
bool Engine::Impl::best_of_all(const Track& track) const {
  return std::ranges::all_of(tracks_, [&](const auto& other) { return other->bits_per_s <= track.bits_per_s || !other->children.any(); });
}

/// Stripes of so many bits that our upload would pay for, if we gave nothing else.
std::uint32_t Engine::Impl::slots_for(std::int64_t unit_bits_per_s) const {
  const std::int64_t upload = uplink_.budget().bits_per_s() - kTalkBitsPerS;
  if (!giving() || upload < kRelayBitsPerSMin) return 0;
  return static_cast<std::uint32_t>(upload * kPromisePercent / kOnLinePercent / unit_bits_per_s);
}

/// In other renditions. The source keeps a copy of each for who may come.
std::int64_t Engine::Impl::promised_elsewhere(const Track& track) const {
  std::int64_t promised = 0;
  for (const auto& other : tracks_) {
    if (other.get() == &track || other->pauses()) continue;
    const std::int64_t stripes = std::max<std::int64_t>(other->children.slots_used(), options_.source ? kStripes : 0);
    promised += stripes * other->unit_bits_per_s();
  }
  return promised;
}

Children::Capacity Engine::Impl::capacity(const Track& track) const {
  const std::int64_t upload = uplink_.budget().bits_per_s() - (options_.source ? 0 : kTalkBitsPerS);
  const bool feeds = giving() && !leaving_ && upload >= kRelayBitsPerSMin;
  const std::int64_t elsewhere = promised_elsewhere(track);
  const auto paid_by = [&](std::int64_t percent) {
    return static_cast<std::uint32_t>(std::max<std::int64_t>(upload * percent / kOnLinePercent - elsewhere, 0) / track.unit_bits_per_s());
  };
  const std::uint32_t slots = feeds ? paid_by(options_.source ? kPromisePercentSource : kPromisePercent) : 0;
  const PieceNumber grace_until = track.log.end() + track.pieces_in(kGrace);
  if (!options_.source) {
    Children::Capacity room{.slots = slots, .grace_until = grace_until};
    for (std::size_t tree = 0; tree < kStripes; ++tree) {
      if (track.feeds.rooted(tree)) room.hops[tree] = static_cast<std::uint8_t>(track.feeds.feed(tree).path.size());
    }
    return room;
  }
  const std::size_t links = membership_.links();
  return {.slots = slots,
          .reserve = feeds && links <= kFewLinks ? paid_by(kPromisePercentLast) - slots : 0,   // among many somebody else is found
          .copies_max = links <= kFewLinks || !best_of_all(track) ? 1u : links <= (seen_many_ ? kSomeLinks : kManyLinks) ? 2u : 3u,
          .grace_until = grace_until};
}

/// What a peer says that it passes on is believed as far as those who receive it say so, too. Of what it could pass on a quarter is
/// believed beforehand, up to a stream's worth, and hardly anything once it had its time to show it; kbit/s.
std::int64_t Engine::Impl::believed(std::uint32_t slots, std::int64_t unit_bits_per_s, std::uint32_t gives_kbit_per_s,
                                    std::optional<std::uint32_t> attested_kbit_per_s) {
  const std::int64_t could = std::min<std::int64_t>(slots, 4 * kStripes) * unit_bits_per_s / 1000 / 4;
  const std::int64_t claimed = std::max<std::int64_t>(gives_kbit_per_s, could);
  if (!attested_kbit_per_s) return std::min(claimed, unit_bits_per_s * static_cast<std::int64_t>(kStripes) / 1000);
  return std::min(claimed, std::int64_t{*attested_kbit_per_s} * kAttestedPercent / 100 + could / 8);
}

std::int64_t Engine::Impl::weight_of(PeerId peer) const {
  const auto at = neighbors_.find(peer);
  if (at == neighbors_.end() || !at->second.giving) return 0;
  const Neighbor& neighbor = at->second;
  const std::int64_t unit = unit_bits_per_s(neighbor.told);
  const std::int64_t weight = believed(neighbor.in(neighbor.told).slots, unit, neighbor.gives_kbit_per_s, neighbor.attested_kbit_per_s);
  // What it passes on hangs on the link to it.
  const auto carries = uplink_.link_bits_per_s(peer);
  return carries && *carries < kGoodLinkStripes * unit ? weight / 8 : weight;
}

bool Engine::Impl::of_use(const Neighbor& neighbor) const {
  if (neighbor.role == Role::kSource) return true;
  for (const auto& track : tracks_) {
    if (track->feeds.needs(neighbor.peer)) return true;
    for (std::size_t tree = 0; tree < kStripes; ++tree) {
      if (track->children.is_child(neighbor.peer, tree)) return true;
    }
  }
  return now_ - neighbor.up_at < kLinkTrial;
}

/// `network`: among its peers only; 0: among all, those first who are here in numbers.
Neighbor* Engine::Impl::least_useful(std::uint32_t network) {
  Neighbor* least = nullptr;
  const auto use = [&](const Neighbor& n) {
    return std::tuple{!n.leaving, -static_cast<std::int64_t>(membership_.companions(n.peer)), n.giving, weight_of(n.peer)};
  };
  const auto worse = [&](const Neighbor& a, const Neighbor& b) { return use(a) < use(b); };
  for (auto& [peer, neighbor] : neighbors_) {
    if (network != 0 && membership_.network_of(peer) != network) continue;
    // Of the source's few links none is for those who only receive, once others want them: or all could end in leaves.
    const bool leaf = options_.source && neighbor.greeted && !neighbor.giving;
    if (of_use(neighbor) && !neighbor.leaving && !leaf) continue;
    if (!least || worse(neighbor, *least)) least = &neighbor;
  }
  if (least || !options_.source || now_ < source_room_at_) return least;
  // The source's few links go to those who pass on more than they get. The weakest of the others had its time: it is to find other
  // parents, and then to make room. Not the one through whom everybody has a stripe: whoever comes after it starts with nothing.
  for (auto& [peer, neighbor] : neighbors_) {
    if (network != 0 && membership_.network_of(peer) != network) continue;
    const std::int64_t whole_bits_per_s = unit_bits_per_s(neighbor.told) * static_cast<std::int64_t>(kStripes);
    if (now_ - neighbor.up_at < kSourceTrial || carries_alone(peer) || weight_of(peer) * 1000 >= whole_bits_per_s) continue;
    if (!least || worse(neighbor, *least)) least = &neighbor;
  }
  if (!least) return nullptr;
  source_room_at_ = now_ + kSourceRoomEvery;
  evict_everywhere(least->peer);
  return nullptr;
}

void Engine::Impl::drop_surplus_link() {
  if (options_.source || now_ < surplus_at_ || membership_.links() <= kLinksEnough) return;
  surplus_at_ = now_ + kSurplusEvery;
  Neighbor* least = least_useful();
  if (!least) return;
  const PeerId peer = least->peer;
  decide("hangs up on " + short_name(peer) + ": links enough without it", Topic::kLink);
  out_.push_back(HangUp{peer, "surplus"});
  drop_neighbor(peer);
}

}  // namespace p2p::mesh
