#include "signaling_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "log_line.hpp"
#include "net/stream_key.hpp"
#include "signaling_json.hpp"
#include "socketio/socket_packet.hpp"
#include "thumbnail.hpp"

namespace p2p::net {
namespace {

using directory::Outcome;
using directory::Refusal;

constexpr std::string_view kOk = R"({"ok":true})";

struct RefusalText {
  std::string_view code;
  std::string_view message;
};

RefusalText text_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBadRequest:
      return {"bad-request", "The request is not well-formed."};
    case Refusal::kNoSuchStream:
      return {"no-such-stream", "There is no such live stream. It may have ended; look at the list of live streams."};
    case Refusal::kNoSuchPeer:
      return {"no-such-peer", "That peer is not in this stream, or has left."};
    case Refusal::kNotAMember:
      return {"not-a-member", "Join a stream first."};
    case Refusal::kNotTheSource:
      return {"not-the-source", "Only the stream's source may do that."};
    case Refusal::kAlreadyAMember:
      return {"already-a-member", "This connection or peer is in a stream already; leave it first."};
    case Refusal::kRateLimited:
      return {"rate-limited", "Too many requests; wait a moment."};
    case Refusal::kFull:
      return {"full", "The server has no room for more. Try again later."};
  }
  return {"internal", "The server failed."};
}

std::string refused(Refusal refusal) {
  const RefusalText text = text_of(refusal);
  return error_json(text.code, text.message);
}

std::string bad_request(const Error& error) { return error_json("bad-request", "The request was not understood: " + error.text + "."); }

/// Of an answer of ours; empty if it is none.
std::string_view error_code_of(std::string_view answer) {
  constexpr std::string_view kHead = R"({"ok":false,"error":{"code":")";
  if (!answer.starts_with(kHead)) return {};
  answer.remove_prefix(kHead.size());
  return answer.substr(0, answer.find('"'));
}

std::uint64_t random_seed() {
  std::array<std::byte, 8> bytes{};
  fill_random(bytes);
  return read_big_endian(bytes, 0, 8);
}

directory::Directory::RequestKind kind_of(std::string_view event) {
  using enum directory::Directory::RequestKind;
  if (event == "signal") return kSignal;
  if (event == "stream:create") return kCreate;
  if (event == "stream:join") return kJoin;
  if (event == "mesh:sample") return kSample;
  return event == "streams:watch" ? kWatch : kOther;
}

Limit rate_of(directory::Directory::RequestKind kind) {
  using enum directory::Directory::RequestKind;
  if (kind == kSignal) return Limit::kSignalRate;
  if (kind == kCreate) return Limit::kCreateRate;
  return kind == kJoin ? Limit::kJoinRate : Limit::kEventRate;
}

WallTime wall_now() { return WallTime{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())}; }

std::string_view reason_text(directory::EndReason reason) { return reason == directory::EndReason::kEnded ? "ended" : "source-lost"; }

std::string packet_of(const directory::ListChanged& changed) { return socketio::event_packet("streams:delta", to_json(changed)); }
std::string packet_of(const directory::StreamEnded& ended) {
  return socketio::event_packet("stream:ended", fmt::format(R"({{"streamId":"{}","reason":"{}"}})", to_text(ended.stream), reason_text(ended.reason)));
}
std::string packet_of(const directory::SourceChanged& changed) {
  return socketio::event_packet("stream:source", fmt::format(R"({{"streamId":"{}","online":{},"sourcePeerId":"{}"}})", to_text(changed.stream),
                                                             changed.online, to_text(changed.source)));
}
std::string packet_of(const directory::Replaced& replaced) {
  return socketio::event_packet("stream:replaced", fmt::format(R"({{"streamId":"{}"}})", to_text(replaced.stream)));
}

}  // namespace

SignalingService::SignalingService(Options options, Driver driver)
    : options_{std::move(options)}, driver_{std::move(driver)}, directory_{options_.directory, random_seed()} {
  fill_random(nonce_key_);
}

bool SignalingService::connected(ConnectionId id, Instant now) {
  if (!directory_.connect(id, now)) {
    driver_.send(id, socketio::connect_error_packet("/", text_of(Refusal::kFull).message));
    return false;
  }
  // The public id of this Socket.IO session: derived, so that it tells nothing of the transport's secret one.
  const auto sid = hmac_sha256(nonce_key_, as_bytes(fmt::format("sid {}", id.value)));
  driver_.send(id, socketio::connect_packet(fmt::format(R"({{"sid":"{}"}})", to_hex(BytesView{sid}.first(10)))));
  driver_.send(id, socketio::event_packet("hello", fmt::format(R"({{"version":1,"nonce":"{}","iceServers":{},"consent":"{}"}})", nonce_of(id),
                                                        options_.ice_servers.for_anybody(driver_.host(id)), options_.consent)));
  return true;
}

void SignalingService::disconnected(ConnectionId id, Instant now) {
  directory_.disconnect(id, now);
  send_notices();
}

void SignalingService::heard(ConnectionId id, Instant now) {
  directory_.heard(id, now);
  send_notices();
}

void SignalingService::handle_event(ConnectionId id, const socketio::SocketEvent& event, Instant now) {
  options_.gate->metrics.count_event(event.name);
  const Answer json = admit(id, event.name, now) ? answer(id, event, now) : refused(Refusal::kRateLimited);
  if (const std::string_view code = error_code_of(json); !code.empty()) options_.gate->metrics.count_error(code);
  // The answer goes before what it caused: a viewer knows its own name before anybody signals it.
  if (event.ack_id) driver_.send(id, socketio::ack_packet(*event.ack_id, json));
  send_notices();
}

bool SignalingService::admit(ConnectionId id, std::string_view event, Instant now) {
  const directory::Directory::RequestKind kind = kind_of(event);
  if (!directory_.admit(id, kind, now)) return false;
  const IpAddress client = driver_.client(id);
  if (options_.gate->admission.take(client, rate_of(kind), now)) return true;
  options_.gate->note_limit(rate_of(kind), client, now);
  return false;
}

void SignalingService::handle_time(Instant now) {
  directory_.handle_time(now);
  send_notices();
  send_news();
}

SignalingService::Answer SignalingService::answer(ConnectionId id, const socketio::SocketEvent& request, Instant now) {
  const std::string_view event = request.name;
  const std::string_view json = request.json;
  const auto plain = [](const Outcome<void>& outcome) { return outcome ? Answer{kOk} : refused(outcome.error()); };
  if (event == "signal") return signal(id, json);
  if (event == "report") return report(id, json, now);
  if (event == "candidates") return candidates(id, json);
  if (event == "stream:join") return join(id, json, now);
  if (event == "stream:create") return create(id, json, now);
  if (event == "ice:servers") return ice_servers(id);
  if (event == "stream:leave") return plain(directory_.leave(id, now));
  if (event == "stream:end") return plain(directory_.end(id, now));
  if (event == "stream:update") return update(id, json, now);
  if (event == "stream:thumbnail") return take_thumbnail(id, request, now);
  if (event == "streams:watch") return watch(id, json, now);
  if (event == "mesh:sample") return sample(id, now);
  if (event == "streams:unwatch") {
    directory_.unwatch(id);
    return Answer{kOk};
  }
  log_debug("an unknown event", {{"connection", driver_.number(id)}});
  return error_json("unknown-event", "This server does not know that request.");
}

SignalingService::Answer SignalingService::report(ConnectionId id, std::string_view json, Instant now) {
  const Result<directory::Report> report = parse_report(json);
  if (!report) return bad_request(report.error());
  const Outcome<directory::Standing> standing = directory_.report(id, *report, now);
  if (!standing) return refused(standing.error());
  return fmt::format(R"({{"ok":true,"score":{},"role":"{}","receipts":{}}})", standing->score, scoring::to_text(standing->role), to_json(standing->receipts));
}

SignalingService::Answer SignalingService::candidates(ConnectionId id, std::string_view json) {
  const Result<CandidatesBody> wish = parse_candidates(json);
  if (!wish) return bad_request(wish.error());
  const Outcome<std::vector<directory::Candidate>> candidates = directory_.candidates(id, wish->exclude, wish->rendition);
  if (!candidates) return refused(candidates.error());
  return fmt::format(R"({{"ok":true,"candidates":{}}})", to_json(*candidates));
}

SignalingService::Answer SignalingService::update(ConnectionId id, std::string_view json, Instant now) {
  const Result<DetailsBody> body = parse_update(json);
  if (!body) return bad_request(body.error());
  const auto details = directory_.details(id);
  if (!details) return refused(details.error());
  const Outcome<void> updated = directory_.update(id, body->applied_to(**details), now);
  return updated ? Answer{kOk} : refused(updated.error());
}

SignalingService::Answer SignalingService::take_thumbnail(ConnectionId id, const socketio::SocketEvent& event, Instant now) {
  Result<directory::Thumbnail> thumbnail = read_thumbnail(event.json, event.attachments);
  if (!thumbnail) return bad_request(thumbnail.error());
  thumbnail->taken_at = wall_now();
  const Outcome<void> taken = directory_.set_thumbnail(id, std::move(*thumbnail), now);
  return taken ? Answer{kOk} : refused(taken.error());
}

SignalingService::Answer SignalingService::watch(ConnectionId id, std::string_view json, Instant now) {
  const Result<directory::StreamFilter> filter = parse_watch(json);
  if (!filter) return bad_request(filter.error());
  const Outcome<directory::StreamList::Listing> listing = directory_.watch(id, *filter, now);
  if (!listing) return refused(listing.error());
  return fmt::format(R"({{"ok":true,{}}})", list_fields(listing->streams, listing->total));
}

std::string SignalingService::streams_json(const directory::StreamFilter& filter) const {
  constexpr std::size_t kKeptMax = 256;   // of up to 200 KB; embedders ask for a few
  if (std::exchange(lists_revision_, directory_.list_revision()) != directory_.list_revision() || lists_.size() >= kKeptMax) lists_.clear();
  const auto [kept, is_new] = lists_.try_emplace(filter);
  if (is_new) {
    const directory::StreamList::Listing listing = directory_.look(filter);
    kept->second = fmt::format(R"({{"ok":true,{}}})", list_fields(listing.streams, listing.total));
  }
  return kept->second;
}

SignalingService::Answer SignalingService::sample(ConnectionId id, Instant now) {
  const auto sample = directory_.mesh_sample(id, now);
  if (!sample) return refused(sample.error());
  return fmt::format(R"({{"ok":true,{}}})", sample_fields(**sample));
}

SignalingService::Answer SignalingService::create(ConnectionId id, std::string_view json, Instant now) {
  Result<CreateBody> body = parse_create(json);
  if (!body) return bad_request(body.error());
  if (!verify(body->public_key, as_bytes(create_message(nonce_of(id))), body->signature)) {
    return error_json("bad-signature", "The signature does not fit the stream's key and this connection's nonce.");
  }
  const auto digest = sha256(body->public_key);
  directory::CreateRequest request{.public_key = body->public_key, .details = body->details.applied_to({}), .peer = peer_id_of(body->peer_secret)};
  std::copy_n(digest.begin(), request.stream.bytes.size(), request.stream.bytes.begin());
  request.wall_now = wall_now();
  const IpAddress client = driver_.client(id);
  request.place = is_loopback(client) ? 0 : key_of(host_of(client));
  const Outcome<directory::Created> created = directory_.create(id, request, now);
  if (!created) return refused(created.error());
  log_info(created->resumed ? "a stream was resumed" : "a stream is live", {{"connection", driver_.number(id)}, {"stream", to_text(request.stream)}});
  return fmt::format(R"({{"ok":true,"streamId":"{}","peerId":"{}","resumed":{},{}}})", to_text(request.stream), to_text(request.peer), created->resumed,
                     ice_fields(id, request.peer));
}

SignalingService::Answer SignalingService::join(ConnectionId id, std::string_view json, Instant now) {
  const Result<JoinBody> body = parse_join(json);
  if (!body) return bad_request(body.error());
  const PeerId peer = peer_id_of(body->peer_secret);
  directory::JoinRequest request{.stream = body->stream, .peer = peer, .giving = body->giving};
  if (const IpAddress client = driver_.client(id); !is_private(client)) {   // a home or an office is no crowd
    request.network = name_of(site_of(client), "network", body->stream);
    request.region = name_of(region_of(client), "region", body->stream);
  }
  const Outcome<directory::Joined> joined = directory_.join(id, request, now);
  if (!joined) return refused(joined.error());
  return fmt::format(R"({{"ok":true,"peerId":"{}","publicKey":"{}","sourcePeerId":"{}","stream":{},"candidates":{},{}}})", to_text(peer),
                     to_hex(joined->public_key), to_text(joined->source), to_json(joined->stream), to_json(joined->candidates), ice_fields(id, peer));
}

SignalingService::Answer SignalingService::ice_servers(ConnectionId id) const {
  const Outcome<PeerId> peer = directory_.member(id);
  if (!peer) return refused(peer.error());
  return fmt::format(R"({{"ok":true,{}}})", ice_fields(id, *peer));
}

std::string SignalingService::ice_fields(ConnectionId id, PeerId peer) const {
  std::string fields = R"("iceServers":)" + options_.ice_servers.for_member(driver_.host(id), peer, wall_now());
  if (const auto lifetime = options_.ice_servers.lifetime()) {
    fields += fmt::format(R"(,"iceLifetimeS":{})", std::chrono::duration_cast<std::chrono::seconds>(*lifetime).count());
  }
  return fields;
}

SignalingService::Answer SignalingService::signal(ConnectionId id, std::string_view json) {
  const Result<SignalBody> body = parse_signal(json);
  if (!body) return bad_request(body.error());
  const Outcome<directory::SignalRoute> route = directory_.route_signal(id, body->to);
  if (!route) return refused(route.error());
  std::string event = "{\"from\":\"";
  event.reserve(body->data.size() + 64);
  event.append(to_text(route->from)).append("\",\"network\":").append(std::to_string(route->from_network)).append(",\"data\":").append(body->data).append("}");
  driver_.send(route->to, socketio::event_packet("signal", event));
  return Answer{kOk};
}

std::string SignalingService::leaving_packet(Duration back_within) {
  return socketio::event_packet("server:leaving", fmt::format(R"({{"backWithinMs":{}}})", back_within / 1ms));
}

std::string SignalingService::nonce_of(ConnectionId id) const {
  return to_hex(hmac_sha256(nonce_key_, as_bytes(fmt::format("nonce {}", id.value))));
}

/// Equal for those in the block, and of no use to find out which it is: keyed anew with each run of the server, and other in each stream.
std::uint32_t SignalingService::name_of(const AddressBlock& block, std::string_view purpose, const directory::StreamId& stream) const {
  const auto digest = hmac_sha256(nonce_key_, as_bytes(fmt::format("{} {} {}", purpose, to_text(stream), to_text(block))));
  return std::max(static_cast<std::uint32_t>(read_big_endian(digest, 0, 4)), 1U);
}

void SignalingService::send_notices() {
  while (const std::optional<directory::Notice> notice = directory_.poll()) {
    if (const auto* ended = std::get_if<directory::StreamEnded>(&notice->event)) {
      log_info("a stream ended", {{"stream", to_text(ended->stream)}, {"why", reason_text(ended->reason)}});
    }
    if (std::holds_alternative<directory::ListChanged>(notice->event)) {
      news_.push_back({*notice, {}});
      directory_.hold_list(true);
      continue;
    }
    const std::string packet = std::visit([](const auto& event) { return packet_of(event); }, notice->event);
    for (const ConnectionId to : notice->to) driver_.send(to, packet);
    if (std::holds_alternative<directory::Replaced>(notice->event)) {
      for (const ConnectionId to : notice->to) {
        // Told to leave, stock clients do not come back by themselves and take the stream over in their turn.
        driver_.send(to, socketio::disconnect_packet());
        driver_.close(to);
      }
    }
  }
}

/// A part of it, and the next with the next tick: thousands of watchers would hold up the signals of everybody else.
void SignalingService::send_news() {
  constexpr std::size_t kAtOnce = 100;
  for (std::size_t sent = 0; sent < kAtOnce && !news_.empty();) {
    News& news = news_.front();
    const auto& change = std::get<directory::ListChanged>(news.notice.event);
    if (news.next == news.notice.to.size()) {
      news_.pop_front();
      continue;
    }
    const ConnectionId to = news.notice.to[news.next++];
    ++sent;
    // Whoever went, looks no longer, or asked anew meanwhile has no use for it.
    const std::optional<std::uint64_t> seen = directory_.list_seen(to);
    if (!seen || *seen >= change.revision) continue;
    if (news.packet.empty()) news.packet = packet_of(change);
    driver_.send(to, news.packet);
  }
  directory_.hold_list(!news_.empty());
}

}  // namespace p2p::net
