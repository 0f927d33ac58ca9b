#include "signaling_json.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include "base/hex.hpp"
#include "json_fields.hpp"
#include "socketio/json_text.hpp"
#include "stream_text.hpp"

namespace p2p::net {
namespace {

namespace json = boost::json;
using socketio::json_quoted;

// docs/signaling.md, "Limits".
constexpr std::size_t kExcludeMax = 64;
constexpr std::size_t kNeighborsMax = 32;
constexpr std::int64_t kRenditionMax = 255;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

/// What a reader made of a field's text, or its refusal.
template <typename T>
std::optional<T> noted(JsonFields& fields, Result<T> read) {
  if (read) return std::move(*read);
  fields.refuse(read.error().text);
  return std::nullopt;
}

std::vector<std::string_view> take_texts(JsonFields& fields, std::string_view name, std::size_t items_max) {
  std::vector<std::string_view> texts;
  for (const json::value& item : fields.list(name, items_max)) {
    const json::string* string = item.if_string();
    if (string == nullptr) fields.refuse(name, "must be strings");
    texts.push_back(string == nullptr ? std::string_view{} : view(*string));
  }
  return texts;
}

constexpr std::size_t kWordBytesMax = 32;   // a category's, a language's

DetailsBody take_details(JsonFields& fields) {
  DetailsBody details;
  if (fields.has("title")) details.title = noted(fields, read_title(fields.text("title", 4 * kTitleCharactersMax)));
  if (fields.has("category")) details.category = noted(fields, read_category(fields.text("category", kWordBytesMax)));
  if (fields.has("tags")) details.tags = noted(fields, read_tags(take_texts(fields, "tags", kTagsMax)));
  if (fields.has("language")) {
    const std::string_view language = fields.text("language", kWordBytesMax);
    details.language = language.empty() ? std::string{} : noted(fields, read_language(language));
  }
  if (fields.has("listed")) details.listed = fields.flag("listed", true);
  return details;
}

PeerId take_peer_id(JsonFields& fields, std::string_view name) {
  const std::optional<PeerId> peer = parse_peer_id(fields.text(name, 16));
  if (!peer) fields.refuse(name, "must be 16 lower-case hex digits");
  return peer.value_or(PeerId{});
}

/// Of a stream with several renditions.
std::optional<std::uint8_t> take_rendition(JsonFields& fields) {
  if (!fields.has("rendition")) return std::nullopt;
  return static_cast<std::uint8_t>(fields.integer("rendition", kRenditionMax));
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
  if (const std::int64_t association = data.integer("association", kAssociationMax); association > 0) {
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
  body.details = take_details(fields);
  if (!body.details.title) fields.refuse("title", "must be there");
  body.peer_secret = fields.hex<32>("peerSecret");
  return checked(fields, std::move(body));
}

Result<DetailsBody> parse_update(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  DetailsBody body = take_details(fields);
  if (!body.title && !body.category && !body.tags && !body.language && !body.listed) {
    fields.refuse("title, category, tags, language or listed", "must be there");
  }
  return checked(fields, std::move(body));
}

directory::StreamDetails DetailsBody::applied_to(directory::StreamDetails details) const {
  if (title) details.title = *title;
  if (category) details.category = *category;
  if (tags) details.tags = *tags;
  if (language) details.language = *language;
  if (listed) details.listed = *listed;
  details.search_text = search_text_of(details);
  return details;
}

Result<directory::StreamFilter> parse_watch(std::string_view text) {
  constexpr std::int64_t kAbsurd = 1'000'000;   // what is above the limit is worded by read_filter
  JsonDocument document;
  JsonFields fields{document.parse(text.empty() ? "{}" : text)};
  FilterText filter;
  if (fields.has("category")) filter.category = fields.text("category", kWordBytesMax);
  if (fields.has("language")) filter.language = fields.text("language", kWordBytesMax);
  filter.tags = take_texts(fields, "tags", kTagsMax);
  if (fields.has("search")) filter.search = fields.text("search", 4 * kSearchCharactersMax);
  if (fields.has("sort")) filter.sort = fields.text("sort", kWordBytesMax);
  if (fields.has("limit")) filter.limit = fields.integer("limit", kAbsurd);
  if (fields.error()) return std::unexpected{*fields.error()};
  return read_filter(filter);
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
  constexpr std::int64_t kHopMax = 1'000;
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  directory::Report report;
  report.upload_bits_per_s = fields.number("uploadBitsPerS", kBitsPerSMax);
  report.upload_used_bits_per_s = fields.number("uploadUsedBitsPerS", kBitsPerSMax);
  report.latency_ms = fields.number("latencyMs", kMsMax);
  report.hop = static_cast<std::uint16_t>(fields.number("hop", kHopMax));
  report.receiving = fields.flag("receiving", false);
  report.rendition = take_rendition(fields);
  fields.number("bufferMs", kMsMax);   // checked; nobody asks for it yet
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
  const directory::StreamDetails& details = *stream.details;
  const auto started_ms = std::chrono::duration_cast<std::chrono::milliseconds>(stream.started_at.time_since_epoch()).count();
  std::string out = fmt::format(R"({{"id":"{}","title":{},"category":"{}","tags":[)", to_text(stream.id), json_quoted(details.title),
                                directory::to_text(details.category));
  for (const std::string& tag : details.tags) out.append(out.back() == '[' ? "" : ",").append(json_quoted(tag));
  out.push_back(']');
  if (!details.language.empty()) out.append(fmt::format(R"(,"language":"{}")", details.language));
  out.append(fmt::format(R"(,"startedAt":{},"viewers":{},"sourceOnline":{})", started_ms, stream.viewers, stream.source_online));
  if (stream.thumbnail_at) out.append(fmt::format(R"(,"thumbnailAt":{})", stream.thumbnail_at->time_since_epoch() / 1ms));
  return out + "}";
}

std::string to_json(const std::vector<directory::StreamInfo>& streams) {
  std::string out = "[";
  for (const directory::StreamInfo& stream : streams) out.append(out.size() > 1 ? "," : "").append(to_json(stream));
  return out + "]";
}

std::string list_fields(const std::vector<directory::StreamInfo>& streams, std::uint32_t total) {
  return fmt::format(R"("streams":{},"total":{})", to_json(streams), total);
}

std::string sample_fields(const directory::MeshSample& sample) {
  std::string out = R"("peers":[)";
  for (const directory::MeshPeer& one : sample.peers) {
    out.append(out.back() == '[' ? "" : ",")
        .append(fmt::format(R"({{"peerId":"{}","role":"{}","score":{},"hop":{},"latencyMs":{},"receivedBitsPerS":{},"givenBitsPerS":{},"parents":[)",
                            to_text(one.peer), scoring::to_text(one.role), one.score, one.hop, one.latency_ms, one.received_bits_per_s, one.given_bits_per_s));
    for (const auto& [peer, bits_per_s] : one.parents) {
      out.append(out.back() == '[' ? "" : ",").append(fmt::format(R"({{"peerId":"{}","bitsPerS":{}}})", to_text(peer), bits_per_s));
    }
    out.append("]}");
  }
  return out + fmt::format(R"(],"total":{})", sample.total);
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
  return fmt::format(R"({{"added":{},"updated":{},"removed":[{}],"total":{}}})", to_json(changed.added), to_json(changed.updated), removed, changed.total);
}

std::string error_json(std::string_view code, std::string_view message) {
  return fmt::format(R"({{"ok":false,"error":{{"code":"{}","message":{}}}}})", code, json_quoted(message));
}

}  // namespace p2p::net
