#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/digest.hpp"
#include "p2p-core/engine.hpp"

namespace p2p::mesh::testing {

inline PieceDigest digest_of(BytesView bytes) {
  RunningDigest digest;
  digest.mix(bytes);
  PieceDigest result{};
  const std::uint64_t value = digest.value();
  std::memcpy(result.data(), &value, sizeof value);
  return result;
}

inline Signature signature_of(BytesView message) {
  Signature signature{};
  const PieceDigest digest = digest_of(message);
  std::memcpy(signature.data(), digest.data(), digest.size());
  return signature;
}

/// A few engines whose messages arrive 10 ms later, in order; every dial that is accepted succeeds, if its signals arrive. Peer n has the
/// id n << 32.
class MiniSwarm {
 public:
  struct Peer {
    std::unique_ptr<Engine> engine;
    std::vector<PlayPart> played;
    std::vector<Misbehaved> misbehaved;
    std::vector<SetPlayback> playback;
    std::vector<PeerId> linked;
    std::map<PeerId, std::uint64_t> making;   // links on their way, ours and those that we accepted
    std::vector<TakeSignal> carried_here;
    std::vector<ChatMessage> chat;        // as shown, in order
    std::vector<ChatSent> chat_sent;
    std::vector<std::uint8_t> reactions;
    ChatRules chat_rules;
    bool has_rendition = false;
    std::vector<RenditionId> renditions;   // played, in turn
    Instant held_up_until{};       // nothing runs until then ...
    std::deque<Input> waiting;     // ... and what arrives waits
  };

  /// May change a message on its way (a hostile peer), or drop it by emptying it.
  std::function<void(PeerId from, PeerId to, Channel channel, Bytes& message)> on_the_way;
  /// What can be fetched over HTTP.
  std::function<Payload(PieceNumber)> edge;
  std::vector<Payload> made;   // the source's pieces, when it has one rendition
  std::vector<std::pair<PeerId, PieceNumber>> fetched;   // that engines asked the edge for
  bool directory_away = false;
  /// Of the renditions that the source makes.
  std::vector<std::uint32_t> bits_per_s{1'000'000};
  std::map<std::uint8_t, std::uint32_t> pauses_after;   // renditions, and the last segment that is made of them
  std::map<PeerId, std::uint32_t> network_of;   // as the server says; 0 of all others

  /// What one association of a link carries, one way; others carry everything.
  struct SlowLink {
    std::int64_t bits_per_s = 0;
    std::uint32_t associations = 1;
    Instant free_at{};
    std::int64_t waiting = 0;
  };
  std::map<std::pair<PeerId, PeerId>, SlowLink> slow_links;

  static PeerId id(std::uint64_t n) { return PeerId{n << 32}; }

  PeerId add_source(Engine::Options options = {}) {
    options.source = true;
    source_ = add(options);
    begin_source({});
    return source_;
  }

  /// The source's program dies and is started anew three seconds later, under its name; it goes on with the next segment.
  void restart_source(bool counts_on) {
    std::vector<PieceNumber> next_pieces;
    for (const RenditionStats& rendition : stats(source_).renditions) next_pieces.push_back(counts_on ? rendition.next_piece : 0);
    kill(source_);
    run_for(3s);
    peers[source_].engine = std::make_unique<Engine>(Engine::Options{.seed = 100, .source = true}, now);
    begin_source(next_pieces);
    for (auto& [id, peer] : peers) {
      if (id != source_) handle(id, Joined{.self = id, .source = source_});
    }
  }

  PeerId add_viewer(Engine::Options options = {}) {
    std::vector<PeerId> others;
    for (const auto& [other, peer] : peers) {
      if (other != source_) others.push_back(other);
    }
    return add_viewer_who_knows(others, options);
  }

  /// Of the source, if there is one, and of these.
  PeerId add_viewer_who_knows(const std::vector<PeerId>& others, Engine::Options options = {}) {
    const PeerId viewer = add(options);
    Joined joined{.self = viewer, .source = source_};
    for (const PeerId other : others) joined.candidates.push_back({.peer = other, .receiving = true});
    handle(viewer, joined);
    return viewer;
  }

  /// Makes parts of 200 ms at the clock's speed for that long and lets everything happen.
  void stream_for(Duration span) {
    const Instant end = now + span;
    while (now < end) {
      produce();
      run_for(200ms);
    }
  }

  /// The segment that is being made.
  [[nodiscard]] std::uint32_t segment() const { return static_cast<std::uint32_t>(produced_ / 10); }

  void run_for(Duration span) {
    const Instant end = now + span;
    for (;;) {
      Instant next = mail_.empty() ? kNever : mail_.begin()->first;
      for (auto& [id, peer] : peers) next = std::min(next, std::max({peer.engine->next_wake(), now, peer.held_up_until}));
      if (next > end) break;
      now = std::max(now, next);
      if (!mail_.empty() && mail_.begin()->first <= now) {
        auto deliver = std::move(mail_.begin()->second);
        mail_.erase(mail_.begin());
        deliver();
      } else {
        for (auto& [id, peer] : peers) {
          if (std::max(peer.engine->next_wake(), peer.held_up_until) <= now) handle(id, Wake{});
        }
      }
    }
    now = end;
  }

  void handle(PeerId to, const Input& input) {
    const auto at = peers.find(to);
    if (at == peers.end()) return;
    if (at->second.held_up_until > now || !at->second.waiting.empty()) {
      at->second.waiting.push_back(input);
      return;
    }
    at->second.engine->handle(now, input);
    drain(to);
  }

  /// As a busy machine holds up a page.
  void hold_up(PeerId peer, Duration span) {
    peers.at(peer).held_up_until = std::max(peers.at(peer).held_up_until, now + span);
    mail_.emplace(now + span, [this, peer] { go_on(peer); });
  }

  /// The link between two peers breaks; both are told.
  void cut(PeerId a, PeerId b) {
    unlink(a, b);
    handle(a, LinkDown{b});
    handle(b, LinkDown{a});
  }

  /// The peer is gone without a word.
  void kill(PeerId peer) {
    const std::vector<PeerId> linked = peers.at(peer).linked;
    peers.erase(peer);
    for (const PeerId other : linked) {
      std::erase(peers.at(other).linked, peer);
      handle(other, LinkDown{peer});
    }
  }

  /// Everybody notices at once.
  void lose_directory() {
    directory_away = true;
    for (const auto& [id, peer] : peers) handle(id, SignalingAway{});
  }
  void find_directory() {
    directory_away = false;
    for (const auto& [id, peer] : peers) handle(id, Joined{.self = id, .source = id == source_ ? std::nullopt : std::optional{source_}});
  }

  bool are_linked(PeerId a, PeerId b) const { return std::ranges::count(peers.at(a).linked, b) > 0; }

  EngineStats stats(PeerId peer) const { return peers.at(peer).engine->stats(); }

  std::map<PeerId, Peer> peers;
  Instant now{};

 private:
  void begin_source(const std::vector<PieceNumber>& first_pieces) {
    handle(source_, Joined{.self = source_});
    for (std::size_t i = 0; i < bits_per_s.size(); ++i) {
      handle(source_, RenditionProduced{{.id = RenditionId{static_cast<std::uint8_t>(i)}, .codecs = "avc1.64001f,opus", .width = 640, .height = 360,
                                         .bits_per_s = bits_per_s[i], .init = Payload::copy_of(as_bytes("header"))},
                                        i < first_pieces.size() ? first_pieces[i] : 0});
    }
  }

  void go_on(PeerId peer) {
    while (peers.contains(peer) && peers.at(peer).held_up_until <= now && !peers.at(peer).waiting.empty()) {
      const Input input = std::move(peers.at(peer).waiting.front());
      peers.at(peer).waiting.pop_front();
      peers.at(peer).engine->handle(now, input);
      drain(peer);
    }
  }

  PeerId add(Engine::Options options) {
    const PeerId peer = id(++added_);
    options.seed = added_;
    peers[peer].engine = std::make_unique<Engine>(options, now);
    return peer;
  }

  void produce() {
    for (std::size_t i = 0; i < bits_per_s.size(); ++i) {
      const auto rendition = static_cast<std::uint8_t>(i);
      if (!pauses_after.contains(rendition) || produced_ / 10 <= pauses_after[rendition]) produce(rendition);
    }
    ++produced_;
  }

  void produce(std::uint8_t rendition) {
    const auto part = static_cast<std::uint16_t>(produced_ % 10);
    const std::size_t share = bits_per_s[rendition] / 1'000;
    Bytes bytes((part == 0 ? 40 : 22) * share);
    for (std::size_t i = 0; i < bytes.size(); i += 64) bytes[i] = static_cast<std::byte>(produced_ + i / 64 + 101 * std::size_t{rendition});
    handle(source_, PartProduced{{.id = {RenditionId{rendition}, static_cast<std::uint32_t>(produced_ / 10), part},
                                  .independent = part == 0,
                                  .media_time = 200ms * produced_,
                                  .duration = 200ms,
                                  .captured = WallTime{now.time_since_epoch()},
                                  .bytes = Payload{std::move(bytes)},
                                  .segments_left = static_cast<std::uint8_t>(pauses_after.contains(rendition) ? pauses_after[rendition] - segment() + 1 : 0)}});
  }

  void drain(PeerId peer) {
    while (peers.contains(peer)) {
      auto output = peers.at(peer).engine->poll();
      if (!output) break;
      std::visit([&](auto& wish) { carry_out(peer, wish); }, *output);
    }
    if (peers.contains(peer)) peers.at(peer).engine->check_invariants();
  }

  void later(std::function<void()> what) { mail_.emplace(now + 10ms, std::move(what)); }

  void carry_out(PeerId self, Dial& dial) { make_link(self, dial.peer, "offer"); }
  void carry_out(PeerId self, Accept& accept) { make_link(self, accept.peer, "answer"); }
  void carry_out(PeerId self, Refuse& refuse) { peers.at(self).engine->handle(now, signal_to(refuse.peer, "bye")); }
  void carry_out(PeerId self, HangUp& hang_up) {
    const PeerId other = hang_up.peer;
    if (peers.at(self).making.erase(other) > 0) {
      later([this, self, other] { handle(self, LinkDown{other}); });
      return;
    }
    unlink(self, other);
    later([this, self, other] { handle(other, LinkDown{self}); });
  }
  void carry_out(PeerId self, SendSignal& signal) {
    later([this, self, to = signal.to, text = std::string{as_text(signal.signal)}] {
      if (peers.contains(to) && !directory_away) arrived(to, self, text);
      else give_up(self, to);
    });
  }
  void carry_out(PeerId self, FetchPiece& wish) {
    fetched.push_back({self, wish.piece});
    Payload bytes = edge ? edge(wish.piece) : Payload{};
    mail_.emplace(now + 50ms, [this, self, wish, bytes] { handle(self, PieceFetched{wish.rendition, wish.piece, bytes}); });
  }
  void carry_out(PeerId self, SetPlayback& wish) { peers.at(self).playback.push_back(wish); }
  void carry_out(PeerId self, TakeSignal& signal) {
    const std::string text{as_text(signal.signal)};
    peers.at(self).carried_here.push_back(signal);
    later([this, self, from = signal.from, text] { arrived(self, from, text); });
  }

  static SignalReady signal_to(PeerId to, std::string_view text) {
    const BytesView bytes = as_bytes(text);
    return {.to = to, .signal = {bytes.begin(), bytes.end()}};
  }

  void make_link(PeerId self, PeerId other, std::string_view text) {
    const std::uint64_t number = ++made_;
    peers.at(self).making[other] = number;
    mail_.emplace(now + 15s, [this, self, other, number] {
      if (peers.contains(self) && peers.at(self).making.contains(other) && peers.at(self).making.at(other) == number) give_up(self, other);
    });
    peers.at(self).engine->handle(now, signal_to(other, text));
  }

  void give_up(PeerId self, PeerId other) {
    if (peers.contains(self) && peers.at(self).making.erase(other) > 0) handle(self, LinkDown{other});
  }

  void arrived(PeerId at, PeerId from, const std::string& text) {
    if (!peers.contains(at)) return;
    if (text == "offer") handle(at, OfferReceived{from, network_of.contains(from) ? network_of.at(from) : 0});
    if (text == "bye") give_up(at, from);
    if (text != "answer") return;
    if (!peers.contains(from) || !peers.at(at).making.contains(from) || !peers.at(from).making.contains(at)) return;
    for (const auto& [one, other] : {std::pair{from, at}, std::pair{at, from}}) {
      peers.at(one).making.erase(other);
      peers.at(one).linked.push_back(other);
    }
    handle(from, LinkUp{at});
    handle(at, LinkUp{from});
  }
  void carry_out(PeerId self, Send& message) {
    if (std::ranges::count(peers.at(self).linked, message.peer) == 0) return;
    Bytes bytes = message.header;
    append(bytes, message.body.view());
    if (on_the_way) on_the_way(self, message.peer, message.channel, bytes);
    if (bytes.empty()) return;
    const auto size = static_cast<std::int64_t>(bytes.size());
    auto deliver = [this, self, to = message.peer, channel = message.channel, payload = Payload{std::move(bytes)}] {
      if (!peers.contains(to) || std::ranges::count(peers.at(to).linked, self) == 0) return;
      handle(to, MessageReceived{self, channel, payload});
    };
    const auto slow = slow_links.find({self, message.peer});
    if (slow == slow_links.end() || message.channel == Channel::kControl) {
      later(std::move(deliver));
      if (slow == slow_links.end()) peers.at(self).engine->handle(now, LinkBacklog{message.peer, 0});
      return;
    }
    SlowLink& link = slow->second;
    link.free_at = std::max(link.free_at, now) + Duration{size * 8'000'000 / (link.bits_per_s * link.associations)};
    link.waiting += size;
    mail_.emplace(link.free_at, [this, self, to = message.peer, size] {
      SlowLink& drained = slow_links.at({self, to});
      drained.waiting -= size;
      handle(self, LinkBacklog{to, static_cast<std::uint32_t>(drained.waiting)});
    });
    mail_.emplace(link.free_at + 10ms, std::move(deliver));
    peers.at(self).engine->handle(now, LinkBacklog{message.peer, static_cast<std::uint32_t>(link.waiting)});
  }
  void carry_out(PeerId self, HashPiece& question) {
    if (self == source_) made.push_back(question.bytes);
    peers.at(self).engine->handle(now, PieceHashed{question.request, digest_of(question.bytes.view())});
  }
  void carry_out(PeerId self, Sign& question) {
    peers.at(self).engine->handle(now, Signed{question.request, signature_of(question.message)});
  }
  void carry_out(PeerId self, CheckSignature& question) {
    peers.at(self).engine->handle(now, SignatureChecked{question.request, question.signature == signature_of(question.message)});
  }
  void carry_out(PeerId self, PlayRendition& play) {
    peers.at(self).has_rendition = true;
    peers.at(self).renditions.push_back(play.rendition.id);
  }
  void carry_out(PeerId self, PlayPart& part) { peers.at(self).played.push_back(std::move(part)); }
  void carry_out(PeerId self, FindCandidates&) {
    if (directory_away) return;
    CandidatesFound found;
    for (const auto& [other, peer] : peers) {
      if (other != self && other != source_) found.candidates.push_back({.peer = other, .receiving = true});
    }
    later([this, self, found] { handle(self, found); });
  }
  void carry_out(PeerId, SendReport&) {}
  void carry_out(PeerId self, Misbehaved& misbehaved) { peers.at(self).misbehaved.push_back(std::move(misbehaved)); }
  void carry_out(PeerId, Decision&) {}
  void carry_out(PeerId self, Widen& widen) {
    later([this, self, other = widen.peer, associations = widen.associations] {
      if (!peers.contains(self) || std::ranges::count(peers.at(self).linked, other) == 0) return;
      for (const auto& [from, to] : {std::pair{self, other}, std::pair{other, self}}) {
        if (const auto slow = slow_links.find({from, to}); slow != slow_links.end()) slow->second.associations = associations;
        handle(from, LinkWidened{to, associations});
      }
    });
  }

  void carry_out(PeerId self, ChatShown& shown) {
    auto& chat = peers.at(self).chat;
    const auto key = [](const ChatMessage& message) { return std::tuple{message.time_ms, message.counter, message.id}; };
    chat.insert(std::ranges::lower_bound(chat, key(shown.message), {}, key), std::move(shown.message));
  }
  void carry_out(PeerId self, ChatHidden& hidden) {
    std::erase_if(peers.at(self).chat, [&](const ChatMessage& message) { return std::ranges::count(hidden.ids, message.id) > 0; });
  }
  void carry_out(PeerId self, ChatSent& sent) { peers.at(self).chat_sent.push_back(sent); }
  void carry_out(PeerId self, ChatRulesChanged& changed) { peers.at(self).chat_rules = std::move(changed.rules); }
  void carry_out(PeerId self, ChatReacted& reacted) { peers.at(self).reactions.push_back(reacted.kind); }

  void unlink(PeerId a, PeerId b) {
    if (peers.contains(a)) std::erase(peers.at(a).linked, b);
    if (peers.contains(b)) std::erase(peers.at(b).linked, a);
  }

  std::multimap<Instant, std::function<void()>> mail_;
  PeerId source_{};
  std::uint64_t added_ = 0;
  std::uint64_t made_ = 0;
  std::int64_t produced_ = 0;
};

}  // namespace p2p::mesh::testing
