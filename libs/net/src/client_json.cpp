#include "client_json.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.hpp"
#include "json_fields.hpp"
#include "directory/category.hpp"
#include "socketio/json_text.hpp"
#include "stream_text.hpp"

namespace p2p::net {
namespace {

namespace json = boost::json;
using socketio::json_quoted;

constexpr std::size_t kTextMax = 2'048;
constexpr std::int64_t kNetworkMax = 0xffff'ffff;
constexpr std::int64_t kRenditionMax = 255;

template <typename T>
Result<T> checked(const JsonFields& fields, T value) {
  if (fields.error()) return fail("the server's message is not understood: " + fields.error()->text);
  return value;
}

PeerId take_peer(JsonFields& fields, std::string_view name) {
  const std::optional<PeerId> peer = parse_peer_id(fields.text(name, 16));
  if (!peer) fields.refuse(name, "is no peer id");
  return peer.value_or(PeerId{});
}

std::vector<SignalingCandidate> take_candidates(JsonFields& outer) {
  std::vector<SignalingCandidate> candidates;
  for (const json::value& item : outer.list("candidates", 256)) {
    JsonFields fields{&item};
    candidates.push_back({.peer = take_peer(fields, "peerId"),
                          .score = static_cast<std::uint8_t>(fields.number("score", 100)),
                          .role = std::string{fields.text("role", 32)},
                          .receiving = fields.flag("receiving", false),
                          .network = static_cast<std::uint32_t>(fields.number("network", kNetworkMax)),
                          .rendition = {}});
    if (fields.has("rendition")) candidates.back().rendition = static_cast<std::uint8_t>(fields.number("rendition", kRenditionMax));
    if (fields.error()) outer.refuse("candidates:", fields.error()->text);
  }
  return candidates;
}

IceServer take_ice_server(JsonFields& outer, const json::value& value) {
  JsonFields fields{&value};
  IceServer server;
  for (const json::value& url : fields.list("urls", 16)) {
    const json::string* string = url.if_string();
    if (string == nullptr) fields.refuse("urls", "must be strings");
    if (string != nullptr) server.urls.emplace_back(string->data(), string->size());
  }
  if (fields.has("username")) server.username = fields.text("username", kTextMax);
  if (fields.has("credential")) server.credential = fields.text("credential", kTextMax);
  if (fields.error()) outer.refuse("iceServers:", fields.error()->text);
  return server;
}

std::string details_fields(const SignalingDetails& details) {
  std::string tags;
  for (const std::string& tag : details.tags) tags.append(tags.empty() ? "" : ",").append(json_quoted(tag));
  return fmt::format(R"("title":{},"category":{},"tags":[{}],"language":{},"listed":{})", json_quoted(details.title),
                     json_quoted(details.category.empty() ? directory::to_text(directory::kOtherCategory) : std::string_view{details.category}), tags,
                     json_quoted(details.language), details.listed);
}

}  // namespace

Result<void> check_details(const SignalingDetails& details) {
  const auto said = [](const Error& error) { return fail("The " + error.text + "."); };
  if (const auto title = read_title(details.title); !title) return said(title.error());
  if (const auto category = details.category.empty() ? Result<directory::Category>{directory::kOtherCategory} : read_category(details.category); !category) return said(category.error());
  if (const auto tags = read_tags({details.tags.begin(), details.tags.end()}); !tags) return said(tags.error());
  if (const auto language = details.language.empty() ? Result<std::string>{std::string{}} : read_language(details.language); !language) return said(language.error());
  return {};
}

std::string create_json(const StreamKey& key, std::string_view nonce, const SignalingDetails& details, const PeerSecret& secret) {
  return fmt::format(R"({{"publicKey":"{}","signature":"{}",{},"peerSecret":"{}"}})", to_hex(key.public_key()),
                     to_hex(key.sign(as_bytes(create_message(nonce)))), details_fields(details), to_hex(secret));
}

std::string join_json(std::string_view stream_id, const PeerSecret& secret, bool giving) {
  return fmt::format(R"({{"streamId":{},"peerSecret":"{}","giving":{}}})", json_quoted(stream_id), to_hex(secret), giving);
}

std::string update_json(const SignalingDetails& details) { return "{" + details_fields(details) + "}"; }

std::string_view thumbnail_json() { return R"({"image":{"_placeholder":true,"num":0}})"; }

std::string signal_json(PeerId to, std::string_view data_json) {
  return fmt::format(R"({{"to":"{}","data":{}}})", to_text(to), data_json);
}

std::string report_json(const SignalingReport& report) {
  constexpr std::size_t kNeighborsMax = 32;
  std::string neighbors;
  for (std::size_t i = 0; i < std::min(kNeighborsMax, report.neighbors.size()); ++i) {
    const SignalingReport::Neighbor& neighbor = report.neighbors[i];
    neighbors.append(i > 0 ? "," : "")
        .append(fmt::format(R"({{"peerId":"{}","receivedBytes":{},"failedPieces":{},"rttMs":{}}})", to_text(neighbor.peer), neighbor.received_bytes,
                            neighbor.failed_pieces, neighbor.rtt_ms));
  }
  return fmt::format(
      R"({{"uploadBitsPerS":{},"uploadUsedBitsPerS":{},"latencyMs":{},"bufferMs":{},"hop":{},"receiving":{}{},"neighbors":[{}]}})",
      report.upload_bits_per_s, report.upload_used_bits_per_s, report.latency_ms, report.buffer_ms, report.hop, report.receiving,
      report.rendition ? fmt::format(R"(,"rendition":{})", *report.rendition) : "", neighbors);
}

std::string exclude_json(const std::vector<PeerId>& exclude, std::optional<std::uint8_t> rendition) {
  constexpr std::size_t kExcludeMax = 64;
  std::string ids;
  for (std::size_t i = 0; i < std::min(kExcludeMax, exclude.size()); ++i) ids.append(i > 0 ? ",\"" : "\"").append(to_text(exclude[i])).append("\"");
  return fmt::format(R"({{"exclude":[{}]{}}})", ids, rendition ? fmt::format(R"(,"rendition":{})", *rendition) : "");
}

std::optional<Refused> refusal_in(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  if (fields.flag("ok", false) && !fields.error()) return std::nullopt;
  JsonFields error{fields.value("error")};
  Refused refused{.code = std::string{error.text("code", 64)}, .message = std::string{error.text("message", kTextMax)}};
  if (error.error()) return Refused{.code = "internal", .message = "The server's answer is not understood."};
  return refused;
}

Result<Hello> parse_hello(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  Hello hello;
  if (fields.number("version", 1'000'000) != 1) fields.refuse("version", "is not one that this program speaks");
  hello.nonce = to_hex(fields.hex<32>("nonce"));
  for (const json::value& server : fields.list("iceServers", 64)) hello.ice_servers.push_back(take_ice_server(fields, server));
  return checked(fields, std::move(hello));
}

Result<std::optional<SignalingIceServers>> parse_ice_answer(std::string_view text) {
  constexpr std::int64_t kLifetimeMaxS = 1'000'000'000;
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  if (!fields.has("iceServers")) return std::nullopt;
  SignalingIceServers ice;
  for (const json::value& server : fields.list("iceServers", 64)) ice.servers.push_back(take_ice_server(fields, server));
  if (fields.has("iceLifetimeS")) ice.lifetime = std::chrono::seconds{fields.number("iceLifetimeS", kLifetimeMaxS)};
  return checked(fields, std::optional{std::move(ice)});
}

Result<SignalingCreated> parse_created(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  SignalingCreated created{
      .stream_id = to_hex(fields.hex<10>("streamId")), .self = take_peer(fields, "peerId"), .resumed = fields.flag("resumed", false)};
  return checked(fields, std::move(created));
}

Result<SignalingJoined> parse_joined(std::string_view text, std::string_view stream_id) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  SignalingJoined joined;
  joined.self = take_peer(fields, "peerId");
  joined.public_key = fields.hex<32>("publicKey");
  const PeerId source = take_peer(fields, "sourcePeerId");
  joined.candidates = take_candidates(fields);
  JsonFields stream{fields.value("stream")};
  joined.title = stream.text("title", kTextMax);
  joined.viewers = static_cast<std::uint32_t>(stream.number("viewers", 1'000'000'000));
  if (stream.flag("sourceOnline", true)) joined.source = source;
  if (stream.error()) fields.refuse("stream:", stream.error()->text);
  if (!fields.error() && stream_id_of(joined.public_key) != stream_id) fields.refuse("publicKey", "is not that of the stream that was asked for");
  return checked(fields, std::move(joined));
}

Result<std::vector<SignalingCandidate>> parse_candidate_list(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  std::vector<SignalingCandidate> candidates = take_candidates(fields);
  return checked(fields, std::move(candidates));
}

Result<SignalingStanding> parse_standing(std::string_view text) {
  constexpr std::int64_t kBitsPerSMax = 1'000'000'000'000'000;
  JsonDocument document;
  JsonFields outer{document.parse(text)};
  SignalingStanding standing{.score = static_cast<std::uint8_t>(outer.number("score", 100)), .receipts = {}};
  for (const json::value& item : outer.list("receipts", 64)) {
    JsonFields fields{&item};
    standing.receipts.push_back({.peer = take_peer(fields, "peerId"), .bits_per_s = fields.number("bitsPerS", kBitsPerSMax)});
    if (fields.error()) outer.refuse("receipts:", fields.error()->text);
  }
  return checked(outer, std::move(standing));
}

Result<SignalFrom> parse_signal_from(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  SignalFrom from{.from = take_peer(fields, "from"), .network = static_cast<std::uint32_t>(fields.number("network", kNetworkMax))};
  const json::value* data = fields.value("data");
  if (data == nullptr || !data->is_object()) {
    fields.refuse("data", "must be an object");
  } else {
    from.data_json = json::serialize(*data);
  }
  return checked(fields, std::move(from));
}

Result<SourceNews> parse_source_news(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  SourceNews news{.online = fields.flag("online", false)};
  if (fields.has("sourcePeerId")) news.source = take_peer(fields, "sourcePeerId");
  return checked(fields, news);
}

Result<std::string> parse_end_reason(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  std::string reason{fields.text("reason", 64)};
  return checked(fields, std::move(reason));
}

Result<Duration> parse_back_within(std::string_view text) {
  JsonDocument document;
  JsonFields fields{document.parse(text)};
  constexpr std::int64_t kLongestMs = 60'000;  // a server that asks for more is not obeyed
  const Duration back_within = fields.number("backWithinMs", kLongestMs) * 1ms;
  return checked(fields, back_within);
}

}  // namespace p2p::net
