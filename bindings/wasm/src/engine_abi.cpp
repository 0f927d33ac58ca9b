#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abi.hpp"
#include "base/hex.hpp"
#include "json_writer.hpp"
#include "p2p-core/engine.hpp"

// The engine for JavaScript: one function an input, one that gives the next output. packages/p2p-client/src/engine/engine.ts is the
// other side; both change together.

namespace p2p::abi {
namespace {

using mesh::Engine;

/// What engine_poll points at: fixed places, little endian, read with a DataView.
struct OutputView {
  std::uint32_t kind = 0;       // 0: nothing; else 1 + index in mesh::Output
  std::uint32_t flag = 0;
  std::uint64_t peer = 0;
  std::uint64_t request = 0;
  View a;
  View b;
  double media_time_us = 0;
  double duration_us = 0;
  double captured_us = 0;
  std::uint32_t n1 = 0;
  std::uint32_t n2 = 0;
  std::uint32_t n3 = 0;
  std::uint32_t n4 = 0;
};
static_assert(sizeof(OutputView) == 80 && offsetof(OutputView, media_time_us) == 40 && offsetof(OutputView, n1) == 64);

struct Session {
  explicit Session(Engine::Options options, Instant now) : engine{options, now} {}
  Engine engine;
  std::vector<mesh::Candidate> candidates;   // for the next joined or candidates_found
  mesh::Receipts receipts;                   // for the next receipts
  std::optional<mesh::Output> output;        // what the view shows
  std::string text;
  Payload part;                              // what is played, in one place
  OutputView view;
};

void show(Session& session, const mesh::Dial& o) { session.view.peer = o.peer.value; }
void show(Session& session, const mesh::Accept& o) { session.view.peer = o.peer.value; }
void show(Session& session, const mesh::Refuse& o) {
  session.view.peer = o.peer.value;
  session.view.a = view_of(as_bytes(o.reason));
}
void show(Session& session, const mesh::HangUp& o) {
  session.view.peer = o.peer.value;
  session.view.a = view_of(as_bytes(o.reason));
}
void show(Session& session, const mesh::Send& o) {
  session.view.peer = o.peer.value;
  session.view.flag = static_cast<std::uint32_t>(o.channel);
  session.view.a = view_of(o.header);
  session.view.b = view_of(o.body.view());
}
void show(Session& session, const mesh::HashPiece& o) {
  session.view.request = o.request.value;
  session.view.a = view_of(o.bytes.view());
}
void show(Session& session, const mesh::Sign& o) {
  session.view.request = o.request.value;
  session.view.a = view_of(o.message);
}
void show(Session& session, const mesh::CheckSignature& o) {
  session.view.request = o.request.value;
  session.view.a = view_of(o.message);
  session.view.b = view_of(o.signature);
}
void show(Session& session, const mesh::PlayRendition& o) {
  session.view.a = view_of(as_bytes(o.rendition.codecs));
  session.view.b = view_of(o.rendition.init.view());
  session.view.n1 = o.rendition.id.value;
  session.view.n2 = o.rendition.width;
  session.view.n3 = o.rendition.height;
  session.view.n4 = o.rendition.bits_per_s;
}
void show(Session& session, const mesh::PlayPart& o) {
  session.view.flag = (o.part.independent ? 1u : 0u) | (o.discontinuous ? 2u : 0u);
  session.part = o.part.bytes.joined();
  session.view.a = view_of(session.part.view());
  session.view.media_time_us = microseconds(o.part.media_time);
  session.view.duration_us = microseconds(o.part.duration);
  session.view.captured_us = microseconds(o.part.captured.time_since_epoch());
  session.view.n1 = o.part.id.rendition.value;
  session.view.n2 = o.part.id.segment;
  session.view.n3 = o.part.id.part;
}
void show(Session& session, const mesh::FindCandidates& o) {
  JsonWriter json;
  json.open('{').key("exclude").open('[');
  for (const PeerId peer : o.exclude) json.text(to_text(peer));
  json.close(']');
  if (o.rendition) json.key("rendition").number(o.rendition->value);
  session.text = json.close('}').str();
  session.view.a = view_of(as_bytes(session.text));
}
void show(Session& session, const mesh::SendReport& o) {
  JsonWriter json;
  json.open('{').key("uploadBitsPerS").number(o.upload_bits_per_s).key("uploadUsedBitsPerS").number(o.upload_used_bits_per_s);
  json.key("latencyMs").number(o.latency_ms).key("bufferMs").number(o.buffer_ms).key("hop").number(o.hop);
  json.key("receiving").boolean(o.receiving);
  if (o.rendition) json.key("rendition").number(o.rendition->value);
  json.key("neighbors").open('[');
  for (const auto& neighbor : o.neighbors) {
    json.open('{').key("peerId").text(to_text(neighbor.peer)).key("receivedBytes").number(neighbor.received_bytes);
    json.key("failedPieces").number(neighbor.failed_pieces).key("rttMs").number(neighbor.rtt_ms).close('}');
  }
  session.text = json.close(']').close('}').str();
  session.view.a = view_of(as_bytes(session.text));
}
void show(Session& session, const mesh::Misbehaved& o) {
  session.view.peer = o.peer.value;
  session.view.a = view_of(as_bytes(o.what));
}
void show(Session& session, const mesh::Decision& o) { session.view.a = view_of(as_bytes(o.text)); }
void show(Session& session, const mesh::SendSignal& o) {
  session.view.peer = o.to.value;
  session.view.a = view_of(o.signal);
}
void show(Session& session, const mesh::TakeSignal& o) {
  session.view.peer = o.from.value;
  session.view.a = view_of(o.signal);
}
void show(Session& session, const mesh::FetchPiece& o) {
  session.view.n1 = o.rendition.value;
  session.view.n2 = o.piece;
}
void show(Session& session, const mesh::SetPlayback& o) {
  session.view.n1 = o.rate_permille;
  session.view.flag = o.jump_to ? 1 : 0;
  if (o.jump_to) session.view.duration_us = microseconds(*o.jump_to);
}
void show(Session& session, const mesh::Widen& o) {
  session.view.peer = o.peer.value;
  session.view.n1 = o.associations;
}

std::string_view name_of(mesh::Role role) {
  switch (role) {
    case mesh::Role::kLeaf: return "leaf";
    case mesh::Role::kRelay: return "relay";
    case mesh::Role::kSuperSeed: return "super-seed";
    case mesh::Role::kSource: return "source";
  }
  return "leaf";
}

std::string stats_text(const mesh::EngineStats& stats) {
  JsonWriter json;
  json.open('{').key("role").text(name_of(stats.role)).key("score").number(stats.score).key("hop").number(stats.hop);
  json.key("receivedFromPeersBytes").number(stats.received_from_peers_bytes);
  json.key("receivedFromSourceBytes").number(stats.received_from_source_bytes);
  json.key("receivedFromEdgeBytes").number(stats.received_from_edge_bytes);
  json.key("givenBytes").number(stats.given_bytes).key("duplicateBytes").number(stats.duplicate_bytes);
  json.key("controlSentBytes").number(stats.control_sent_bytes).key("producedBytes").number(stats.produced_bytes);
  json.key("uploadAllowedBitsPerS").number(stats.upload_allowed_bits_per_s).key("uploadUsedBitsPerS").number(stats.upload_used_bits_per_s);
  json.key("piecesVerified").number(static_cast<std::int64_t>(stats.pieces_verified));
  json.key("piecesRepaired").number(static_cast<std::int64_t>(stats.pieces_repaired));
  json.key("piecesFailed").number(static_cast<std::int64_t>(stats.pieces_failed));
  json.key("partsPlayed").number(static_cast<std::int64_t>(stats.parts_played));
  json.key("partsSkipped").number(static_cast<std::int64_t>(stats.parts_skipped));
  json.key("delayMs").number(stats.delay_ms).key("bufferMs").number(stats.buffer_ms);
  json.key("targetMs").number(stats.target_ms);
  json.key("liveEdgeMs").number(stats.live_edge.time_since_epoch() / 1ms).key("neighbors").open('[');
  for (const mesh::NeighborStats& neighbor : stats.neighbors) {
    json.open('{').key("peerId").text(to_text(neighbor.peer)).key("role").text(name_of(neighbor.role)).key("hop").number(neighbor.hop);
    json.key("stripesIn").number(neighbor.stripes_in).key("stripesOut").number(neighbor.stripes_out).key("rttMs").number(neighbor.rtt_ms);
    json.key("relayed").boolean(neighbor.relayed).key("receivedBytes").number(neighbor.received_bytes);
    json.key("givenBytes").number(neighbor.given_bytes).key("receivedBytes10s").number(neighbor.received_bytes_10s);
    json.key("givenBytes10s").number(neighbor.given_bytes_10s);
    json.key("heldUp").number(static_cast<std::int64_t>(neighbor.held_up)).close('}');
  }
  json.close(']').key("renditions").open('[');
  for (const mesh::RenditionStats& rendition : stats.renditions) {
    json.open('{').key("id").number(rendition.id.value).key("width").number(rendition.width).key("height").number(rendition.height);
    json.key("bitsPerS").number(rendition.bits_per_s).key("played").boolean(rendition.played);
    json.key("nextPiece").number(rendition.next_piece).close('}');
  }
  json.close(']').key("decisions").open('[');
  for (const mesh::DecisionStats& decision : stats.decisions) {
    json.open('{').key("agoMs").number(decision.ago / 1ms).key("text").text(decision.text).close('}');
  }
  return json.close(']').close('}').str();
}

}  // namespace
}  // namespace p2p::abi

using namespace p2p;
using abi::instant;
using abi::Session;

/// The buffer holds the 10 bytes of the stream's id.
P2P_EXPORT(engine_new)
Session* engine_new(double now_us, std::uint64_t seed, std::uint32_t source, std::uint32_t giving, std::uint32_t connections_max,
                    double upload_bits_per_s, double patience_us) {
  mesh::Engine::Options options{.seed = seed,
                                .source = source != 0,
                                .giving = giving != 0,
                                .connections_max = static_cast<std::uint16_t>(connections_max),
                                .upload_bits_per_s = static_cast<std::int64_t>(upload_bits_per_s),
                                .patience = abi::duration(patience_us)};
  const Bytes stream = abi::take_buffer();
  std::memcpy(options.stream.data(), stream.data(), std::min(stream.size(), options.stream.size()));
  return new Session{options, instant(now_us)};
}
P2P_EXPORT(engine_free) void engine_free(Session* s) { delete s; }

P2P_EXPORT(engine_candidate)
void engine_candidate(Session* s, std::uint64_t peer, std::uint32_t score, std::uint32_t role, std::uint32_t receiving, std::uint32_t network,
                      std::int32_t rendition) {   // below 0: not known
  s->candidates.push_back({.peer = PeerId{peer}, .score = static_cast<std::uint8_t>(std::min(score, 100u)),
                           .role = static_cast<mesh::Role>(std::min(role, 3u)), .receiving = receiving != 0, .network = network, .rendition = {}});
  if (rendition >= 0 && rendition <= 0xff) s->candidates.back().rendition = mesh::RenditionId{static_cast<std::uint8_t>(rendition)};
}
P2P_EXPORT(engine_joined)
void engine_joined(Session* s, double now, std::uint64_t self, std::uint32_t has_source, std::uint64_t source) {
  mesh::Joined joined{.self = PeerId{self}, .candidates = std::exchange(s->candidates, {})};
  if (has_source != 0) joined.source = PeerId{source};
  s->engine.handle(instant(now), joined);
}
P2P_EXPORT(engine_candidates_found) void engine_candidates_found(Session* s, double now) {
  s->engine.handle(instant(now), mesh::CandidatesFound{std::exchange(s->candidates, {})});
}
P2P_EXPORT(engine_signaling_away) void engine_signaling_away(Session* s, double now) {
  s->engine.handle(instant(now), mesh::SignalingAway{});
}
P2P_EXPORT(engine_offer) void engine_offer(Session* s, double now, std::uint64_t peer, std::uint32_t network) {
  s->engine.handle(instant(now), mesh::OfferReceived{PeerId{peer}, network});
}
P2P_EXPORT(engine_link_up) void engine_link_up(Session* s, double now, std::uint64_t peer, std::uint32_t relayed) {
  s->engine.handle(instant(now), mesh::LinkUp{PeerId{peer}, relayed != 0});
}
P2P_EXPORT(engine_link_down) void engine_link_down(Session* s, double now, std::uint64_t peer) {
  s->engine.handle(instant(now), mesh::LinkDown{PeerId{peer}});
}
P2P_EXPORT(engine_link_widened) void engine_link_widened(Session* s, double now, std::uint64_t peer, std::uint32_t associations) {
  s->engine.handle(instant(now), mesh::LinkWidened{PeerId{peer}, associations});
}
P2P_EXPORT(engine_message) void engine_message(Session* s, double now, std::uint64_t peer, std::uint32_t channel) {
  s->engine.handle(instant(now), mesh::MessageReceived{PeerId{peer}, channel == 0 ? mesh::Channel::kControl : mesh::Channel::kPieces,
                                                       Payload{abi::take_buffer()}});
}
P2P_EXPORT(engine_backlog) void engine_backlog(Session* s, double now, std::uint64_t peer, std::uint32_t bytes) {
  s->engine.handle(instant(now), mesh::LinkBacklog{PeerId{peer}, bytes});
}
P2P_EXPORT(engine_hashed) void engine_hashed(Session* s, double now, std::uint64_t request) {
  mesh::PieceHashed hashed{.request = mesh::RequestId{request}, .digest = {}};
  const Bytes digest = abi::take_buffer();
  std::memcpy(hashed.digest.data(), digest.data(), std::min(digest.size(), hashed.digest.size()));
  s->engine.handle(instant(now), hashed);
}
P2P_EXPORT(engine_signed) void engine_signed(Session* s, double now, std::uint64_t request) {
  mesh::Signed answer{.request = mesh::RequestId{request}, .signature = {}};
  const Bytes signature = abi::take_buffer();
  std::memcpy(answer.signature.data(), signature.data(), std::min(signature.size(), answer.signature.size()));
  s->engine.handle(instant(now), answer);
}
P2P_EXPORT(engine_signature_checked) void engine_signature_checked(Session* s, double now, std::uint64_t request, std::uint32_t valid) {
  s->engine.handle(instant(now), mesh::SignatureChecked{mesh::RequestId{request}, valid != 0});
}
P2P_EXPORT(engine_playhead)
void engine_playhead(Session* s, double now, double media_time_us, double buffered_us, std::uint32_t playing, std::uint32_t stalled) {
  s->engine.handle(instant(now), mesh::Playhead{abi::duration(media_time_us), abi::duration(buffered_us), playing != 0, stalled != 0});
}
P2P_EXPORT(engine_latency) void engine_latency(Session* s, double now, std::uint32_t balanced) {
  s->engine.handle(instant(now), mesh::LatencyChosen{balanced != 0 ? mesh::Latency::kBalanced : mesh::Latency::kLow});
}
/// Below 0: as the engine sees fit.
P2P_EXPORT(engine_quality) void engine_quality(Session* s, double now, std::int32_t rendition) {
  mesh::ChooseQuality choice;
  if (rendition >= 0 && rendition <= 0xff) choice.rendition = mesh::RenditionId{static_cast<std::uint8_t>(rendition)};
  s->engine.handle(instant(now), choice);
}
P2P_EXPORT(engine_to_live) void engine_to_live(Session* s, double now) { s->engine.handle(instant(now), mesh::ReturnToLive{}); }
P2P_EXPORT(engine_sharing) void engine_sharing(Session* s, double now, std::uint32_t giving, double upload_bits_per_s_max) {
  s->engine.handle(instant(now), mesh::SharingChanged{giving != 0, static_cast<std::int64_t>(upload_bits_per_s_max)});
}
P2P_EXPORT(engine_receipt) void engine_receipt(Session* s, std::uint64_t peer, double bits_per_s) {
  s->receipts.given.push_back({PeerId{peer}, static_cast<std::int64_t>(bits_per_s)});
}
P2P_EXPORT(engine_receipts) void engine_receipts(Session* s, double now, std::uint32_t score) {
  s->receipts.score = static_cast<std::uint8_t>(std::min(score, 100u));
  s->engine.handle(instant(now), std::exchange(s->receipts, {}));
}
/// The buffer holds the signal's text.
P2P_EXPORT(engine_signal) void engine_signal(Session* s, double now, std::uint64_t to) {
  s->engine.handle(instant(now), mesh::SignalReady{PeerId{to}, abi::take_buffer()});
}
P2P_EXPORT(engine_leave) void engine_leave(Session* s, double now) { s->engine.handle(instant(now), mesh::Leave{}); }
P2P_EXPORT(engine_wake) void engine_wake(Session* s, double now) { s->engine.handle(instant(now), mesh::Wake{}); }

/// Source only. The buffer holds the codecs (`codecs_size` bytes of text) and then the CMAF header.
P2P_EXPORT(engine_rendition)
std::uint32_t engine_rendition(Session* s, double now, std::uint32_t rendition, std::uint32_t codecs_size, std::uint32_t width, std::uint32_t height,
                               std::uint32_t bits_per_s, std::uint32_t first_piece) {
  const Bytes buffer = abi::take_buffer();
  if (rendition >= mesh::kRenditionsMax) return 0;
  if (codecs_size > buffer.size() || buffer.size() - codecs_size > mesh::kInitBytesMax || codecs_size > 128) return 0;
  const BytesView bytes{buffer};
  s->engine.handle(instant(now), mesh::RenditionProduced{{.id = mesh::RenditionId{static_cast<std::uint8_t>(rendition)},
                                                          .codecs = std::string{as_text(bytes.first(codecs_size))},
                                                          .width = static_cast<std::uint16_t>(width),
                                                          .height = static_cast<std::uint16_t>(height),
                                                          .bits_per_s = bits_per_s,
                                                          .init = Payload::copy_of(bytes.subspan(codecs_size))},
                                                         first_piece});
  return 1;
}
/// Source only. The buffer holds the part.
P2P_EXPORT(engine_part)
std::uint32_t engine_part(Session* s, double now, std::uint32_t rendition, std::uint32_t segment, std::uint32_t part, std::uint32_t independent,
                          double media_time_us, double duration_us, double captured_us, std::uint32_t segments_left) {
  Bytes bytes = abi::take_buffer();
  if (rendition >= mesh::kRenditionsMax || bytes.empty() || bytes.size() > mesh::kPartBytesMax) return 0;
  s->engine.handle(instant(now), mesh::PartProduced{{.id = {mesh::RenditionId{static_cast<std::uint8_t>(rendition)}, segment, static_cast<std::uint16_t>(part)},
                                                     .independent = independent != 0,
                                                     .media_time = abi::duration(media_time_us),
                                                     .duration = abi::duration(duration_us),
                                                     .captured = WallTime{abi::duration(captured_us)},
                                                     .bytes = Payload{std::move(bytes)},
                                                     .segments_left = static_cast<std::uint8_t>(std::min(segments_left, 255u))}});
  return 1;
}

/// Where the next output is described, or 0 when there is none. What it points at lives until the next call of engine_poll.
P2P_EXPORT(engine_poll) const abi::OutputView* engine_poll(Session* s) {
  s->output = s->engine.poll();
  if (!s->output) return nullptr;
  s->view = {};
  s->view.kind = 1 + static_cast<std::uint32_t>(s->output->index());
  std::visit([&](const auto& output) { show(*s, output); }, *s->output);
  return &s->view;
}
P2P_EXPORT(engine_next_wake) double engine_next_wake(Session* s) { return abi::microseconds(s->engine.next_wake().time_since_epoch()); }

/// JSON: `size` bytes at `data`.
P2P_EXPORT(engine_stats) const abi::View* engine_stats(Session* s) {
  static abi::View view;
  s->text = abi::stats_text(s->engine.stats());
  view = abi::view_of(as_bytes(s->text));
  return &view;
}
P2P_EXPORT(engine_digest) std::uint64_t engine_digest(Session* s) { return s->engine.digest(); }
