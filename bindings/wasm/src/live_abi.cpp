#include <algorithm>
#include <optional>
#include <string>

#include "abi.hpp"
#include "base/hex.hpp"
#include "json_writer.hpp"
#include "simulator/live_simulation.hpp"
#include "stats_json.hpp"

// The live simulation for the debug page: apps/web/src/features/debug/simulation/module.ts is the other side; both change together.

namespace p2p::abi {
namespace {

using namespace p2p::simulator;

std::int64_t us(Instant at) { return at.time_since_epoch().count(); }

/// A text of the call at hand, which lies here until the next one.
const View* shown(std::string text) {
  static std::string kept;
  static View view;
  kept = std::move(text);
  view = view_of(as_bytes(kept));
  return &view;
}

void write(JsonWriter& json, const LiveTotals& totals) {
  json.key("totals").open('{').key("viewers").number(totals.viewers).key("poisoners").number(totals.poisoners);
  json.key("playing").number(totals.playing).key("standing").number(totals.standing);
  json.key("delayMsP50").number(totals.delay_ms_p50).key("delayMsP95").number(totals.delay_ms_p95);
  json.key("continuity").fraction(totals.continuity).key("shareFromPeers").fraction(totals.share_from_peers);
  json.key("sourceCopies").fraction(totals.source_copies).key("duplicates").fraction(totals.duplicates).key("repairs").fraction(totals.repairs);
  json.key("piecesFailed").number(static_cast<std::int64_t>(totals.pieces_failed));
  json.key("badPiecesPlayed").number(static_cast<std::int64_t>(totals.bad_pieces_played));
  json.key("accused").number(static_cast<std::int64_t>(totals.accused));
  json.key("honestAccused").number(static_cast<std::int64_t>(totals.honest_accused)).close('}');
}

void write(JsonWriter& json, const PeerView& peer) {
  json.open('{').key("number").number(peer.number).key("id").text(to_text(peer.id)).key("role").text(name_of(peer.role));
  json.key("state").text(kPeerStateNames[static_cast<std::size_t>(peer.state)]).key("poisons").boolean(peer.poisons);
  json.key("score").number(peer.score).key("hop").number(peer.hop).key("stripeHops").open('[');
  for (const std::uint8_t hop : peer.stripe_hops) json.number(hop == PeerView::kUnfed ? -1 : hop);
  json.close(']').key("delayMs").number(peer.delay_ms).key("bufferMs").number(peer.buffer_ms).key("behindMs").number(peer.behind_ms);
  json.key("receivedBitsPerS").number(peer.received_bits_per_s).key("fromSourceBitsPerS").number(peer.from_source_bits_per_s);
  json.key("givenBitsPerS").number(peer.given_bits_per_s).key("lineUpBitsPerS").number(peer.line_up_bits_per_s);
  json.key("lineDownBitsPerS").number(peer.line_down_bits_per_s).close('}');
}

void write(JsonWriter& json, const FeedView& feed) {
  json.open('{').key("from").number(feed.from).key("to").number(feed.to).key("stripes").number(feed.stripes);
  json.key("relayed").boolean(feed.relayed).key("bitsPerS").number(feed.bits_per_s).close('}');
}

std::string view_text(const LiveSimulation& live) {
  const LiveView view = live.view();
  JsonWriter json;
  json.open('{').key("atUs").number(us(view.now)).key("atEnd").boolean(live.at_end()).key("events").number(static_cast<std::int64_t>(view.events));
  json.key("serverAway").boolean(view.server_away).key("streamBitsPerS").number(view.stream_bits_per_s).key("settings").open('[');
  const auto kinds = live_change_kinds();
  for (std::size_t i = 0; i < kinds.size() && kinds[i].lasting; ++i) json.number(live.setting(static_cast<LiveChange::Kind>(i)));
  json.close(']');
  write(json, view.totals);
  json.key("peers").open('[');
  for (const PeerView& peer : view.peers) write(json, peer);
  json.close(']').key("feeds").open('[');
  for (const FeedView& feed : view.feeds) write(json, feed);
  return json.close(']').close('}').str();
}

}  // namespace
}  // namespace p2p::abi

using namespace p2p;
using simulator::LiveChange;
using simulator::LiveSimulation;

/// What can be changed, by the number that live_apply takes: a list of {name, min, max, initial, lasting, ofPeer}.
P2P_EXPORT(live_kinds) const abi::View* live_kinds() {
  abi::JsonWriter json;
  json.open('[');
  for (const simulator::LiveChangeKind& kind : simulator::live_change_kinds()) {
    json.open('{').key("name").text(kind.name).key("min").number(kind.min).key("max").number(kind.max).key("initial").number(kind.initial);
    json.key("lasting").boolean(kind.lasting).key("ofPeer").boolean(kind.of_peer).close('}');
  }
  return abi::shown(json.close(']').str());
}

P2P_EXPORT(live_new) LiveSimulation* live_new(std::uint64_t seed) { return new LiveSimulation{seed}; }
P2P_EXPORT(live_free) void live_free(LiveSimulation* live) { delete live; }
P2P_EXPORT(live_advance) void live_advance(LiveSimulation* live, double us) { live->advance(abi::duration(us)); }

/// Why it was not done, empty when it was.
P2P_EXPORT(live_apply) const abi::View* live_apply(LiveSimulation* live, std::uint32_t kind, double value, std::uint32_t peer) {
  if (kind >= LiveChange::kKinds) return abi::shown("There is no such change.");
  return abi::shown(live->apply({.kind = static_cast<LiveChange::Kind>(kind), .value = static_cast<std::int64_t>(value), .peer = peer}));
}

P2P_EXPORT(live_changes) const abi::View* live_changes(const LiveSimulation* live) {
  abi::JsonWriter json;
  json.open('[');
  for (const LiveChange& change : live->changes()) {
    json.open('{').key("atUs").number(abi::us(change.at)).key("kind").text(simulator::live_change_kinds()[static_cast<std::size_t>(change.kind)].name);
    json.key("value").number(change.value).key("peer").number(change.peer).close('}');
  }
  return abi::shown(json.close(']').str());
}

P2P_EXPORT(live_view) const abi::View* live_view(const LiveSimulation* live) { return abi::shown(abi::view_text(*live)); }
P2P_EXPORT(live_digest) std::uint64_t live_digest(const LiveSimulation* live) { return live->digest(); }

/// An engine's own figures; "null" when the peer is not there.
P2P_EXPORT(live_engine) const abi::View* live_engine(const LiveSimulation* live, std::uint32_t peer) {
  const auto stats = live->engine(peer);
  return abi::shown(stats ? abi::stats_text(*stats) : "null");
}

/// 0: nobody, for the source has no player.
P2P_EXPORT(live_follow) void live_follow(LiveSimulation* live, std::uint32_t peer) { live->follow(peer == 0 ? std::nullopt : std::optional{peer}); }

/// Lines after the one of that number, as [number, atUs, kind, peer, id, text].
P2P_EXPORT(live_log) const abi::View* live_log(const LiveSimulation* live, double after, std::uint32_t lines_max) {
  abi::JsonWriter json;
  json.open('[');
  for (const simulator::LogLine& line : live->log(static_cast<std::uint64_t>(after), lines_max)) {
    json.open('[').number(static_cast<std::int64_t>(line.number)).number(abi::us(line.at));
    json.text(simulator::kLogKindNames[static_cast<std::size_t>(line.kind)]).number(line.peer).text(to_text(line.id)).text(line.text).close(']');
  }
  return abi::shown(json.close(']').str());
}
