#include "stats_json.hpp"

#include "base/hex.hpp"
#include "json_writer.hpp"

namespace p2p::abi {

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

}  // namespace p2p::abi
