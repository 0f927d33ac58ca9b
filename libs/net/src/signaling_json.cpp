#include "signaling_json.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.hpp"
#include "json_fields.hpp"
#include "socketio/json_text.hpp"

namespace p2p::net {
namespace {

namespace json = boost::json;
using socketio::json_quoted;

// docs/signaling.md, "Limits".
constexpr std::size_t kTitleCharactersMax = 120;
constexpr std::size_t kExcludeMax = 64;
constexpr std::size_t kNeighborsMax = 32;
constexpr std::int64_t kRenditionMax = 255;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;  // U+0080 to U+009F
  }
  return false;
}

std::string take_title(JsonFields& fields) {
  const std::string_view title = fields.text("title", 4 * kTitleCharactersMax);
  const auto characters = static_cast<std::size_t>(std::ranges::count_if(title, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  if (characters < 1 || characters > kTitleCharactersMax) fields.refuse("title", "must have 1 to 120 characters");
  if (has_control_characters(title)) fields.refuse("title", "must not have control characters");
  return std::string{title};
}

PeerId take_peer_id(JsonFields& fields, std::string_view name) {
  const std::optional<PeerId> peer = parse_peer_id(fields.text(name, 16));
  if (!peer) fields.refuse(name, "must be 16 lower-case hex digits");
  return peer.value_or(PeerId{});
}

/// Of a stream with several renditions.
std::optional<std::uint8_t> take_rendition(JsonFields& fields) {
  if (!fields.has("rendition")) return std::nullopt;
  return static_cast<std::uint8_t>(fields.number("rendition", kRenditionMax));
}

template <typename Body>
Result<Body> checked(const JsonFields& fields, Body body) {
  if (fields.error()) return std::unexpected{*fields.error()};
  return body;
}

/// The known fields of a signal, as JSON.
std::string take_signal_data(JsonFields& outer) {
  JsonFields data{outer.value("data")};
  const std::string_view type = data.text("type", 16);
  std::string text;
  if (type == "offer" || type == "answer") {
    text = fmt::format(R"({{"type":"{}","sdp":{})", type, json_quoted(data.text("sdp", kSdpBytesMax)));
  } else if (type == "candidate") {
    text = fmt::format(R"({{"type":"candidate","candidate":{},"mid":{})", json_quoted(data.text("candidate", kCandidateBytesMax)),
                       json_quoted(data.text("mid", kMidBytesMax)));
  } else if (type == "bye") {
    text = fmt::format(R"({{"type":"bye","reason":{})", json_quoted(data.text("reason", kReasonBytesMax)));
  } else {
    data.refuse("type", "must be offer, answer, candidate or bye");
  }
  if (const std::int64_t association = data.number("association", kAssociationMax); association > 0) {
    text += fmt::format(R"(,"association":{})", association);
  }
  if (data.error()) outer.refuse("data:", data.error()->text);
  return text + "}";
}

}  // namespace

Result<CreateBody> parse_create(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  CreateBody body;
  body.public_key = fields.hex<32>("publicKey");
  body.signature = fields.hex<64>("signature");
  body.title = take_title(fields);
  body.peer_secret = fields.hex<32>("peerSecret");
  return checked(fields, std::move(body));
}

Result<std::string> parse_update(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  std::string title = take_title(fields);
  return checked(fields, std::move(title));
}

Result<JoinBody> parse_join(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  JoinBody body;
  body.stream.bytes = fields.hex<10>("streamId");
  body.peer_secret = fields.hex<32>("peerSecret");
  body.giving = fields.flag("giving", true);
  return checked(fields, body);
}

Result<CandidatesBody> parse_candidates(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text.empty() ? "{}" : text)};
  CandidatesBody body;
  body.rendition = take_rendition(fields);
  for (const json::value& item : fields.list("exclude", kExcludeMax)) {
    const json::string* string = item.if_string();
    const std::optional<PeerId> peer = string == nullptr ? std::nullopt : parse_peer_id(view(*string));
    if (!peer) fields.refuse("exclude", "must hold peer ids of 16 lower-case hex digits");
    body.exclude.push_back(peer.value_or(PeerId{}));
  }
  return checked(fields, std::move(body));
}

Result<SignalBody> parse_signal(std::string_view text) {
  if (std::optional<SignalBody> plain = read_plain_signal(text)) return std::move(*plain);
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  SignalBody body;
  body.to = take_peer_id(fields, "to");
  body.data = take_signal_data(fields);
  return checked(fields, std::move(body));
}

Result<directory::Report> parse_report(std::string_view text) {
  constexpr std::int64_t kBitsPerSMax = 100'000'000'000;
  constexpr std::int64_t kBytesMax = 1'000'000'000'000;
  constexpr std::int64_t kMsMax = 3'600'000;
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  directory::Report report;
  report.upload_bits_per_s = fields.number("uploadBitsPerS", kBitsPerSMax);
  report.latency_ms = fields.number("latencyMs", kMsMax);
  report.receiving = fields.flag("receiving", false);
  report.rendition = take_rendition(fields);
  // Checked and not used by the directory: they are for people who look at the room.
  fields.number("uploadUsedBitsPerS", kBitsPerSMax);
  fields.number("bufferMs", kMsMax);
  fields.number("hop", 1'000);
  for (const json::value& item : fields.list("neighbors", kNeighborsMax)) {
    JsonFields neighbor{&item};
    report.neighbors.push_back({.peer = take_peer_id(neighbor, "peerId"),
                                .received_bytes = neighbor.number("receivedBytes", kBytesMax),
                                .failed_pieces = neighbor.number("failedPieces", 1'000'000),
                                .rtt_ms = neighbor.number("rttMs", kMsMax)});
    if (neighbor.error()) fields.refuse("neighbors:", neighbor.error()->text);
  }
  return checked(fields, std::move(report));
}

std::string to_text(const directory::StreamId& id) { return to_hex(id.bytes); }

std::string to_json(const directory::StreamInfo& stream) {
  const auto started_ms = std::chrono::duration_cast<std::chrono::milliseconds>(stream.started_at.time_since_epoch()).count();
  return fmt::format(R"({{"id":"{}","title":{},"startedAt":{},"viewers":{},"sourceOnline":{}}})", to_text(stream.id), json_quoted(stream.title),
                     started_ms, stream.viewers, stream.source_online);
}

std::string to_json(const std::vector<directory::StreamInfo>& streams) {
  std::string out = "[";
  for (const directory::StreamInfo& stream : streams) out.append(out.size() > 1 ? "," : "").append(to_json(stream));
  return out + "]";
}

std::string to_json(const std::vector<directory::Candidate>& candidates) {
  std::string out = "[";
  for (const directory::Candidate& candidate : candidates) {
    out.append(out.size() > 1 ? "," : "")
        .append(fmt::format(R"({{"peerId":"{}","score":{},"role":"{}","receiving":{},"network":{})", to_text(candidate.peer), candidate.score,
                            scoring::to_text(candidate.role), candidate.receiving, candidate.network))
        .append(candidate.rendition ? fmt::format(R"(,"rendition":{}}})", *candidate.rendition) : "}");
  }
  return out + "]";
}

std::string to_json(const std::vector<directory::Standing::Receipt>& receipts) {
  std::string out = "[";
  for (const auto& [peer, bits_per_s] : receipts) {
    out.append(out.size() > 1 ? "," : "").append(fmt::format(R"({{"peerId":"{}","bitsPerS":{}}})", to_text(peer), bits_per_s));
  }
  return out + "]";
}

std::string to_json(const directory::ListChanged& changed) {
  std::string removed;
  for (const directory::StreamId& id : changed.removed) removed.append(removed.empty() ? "\"" : ",\"").append(to_text(id)).append("\"");
  return fmt::format(R"({{"added":{},"updated":{},"removed":[{}]}})", to_json(changed.added), to_json(changed.updated), removed);
}

std::string error_json(std::string_view code, std::string_view message) {
  return fmt::format(R"({{"ok":false,"error":{{"code":"{}","message":{}}}}})", code, json_quoted(message));
}

}  // namespace p2p::net
