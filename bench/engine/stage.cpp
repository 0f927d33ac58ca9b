#include "stage.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/check.hpp"
#include "base/prng.hpp"
#include "transport/crypto.hpp"

namespace p2p::bench {
namespace {

constexpr PeerId kSource{0x1000000000000001};
constexpr PeerId kRelay{0x2000000000000002};
constexpr Duration kTrip = 10ms;
constexpr Duration kChildEvery = 250ms;    // how far their joins lie apart
constexpr Duration kAfterwards = 1s;       // for the last part to arrive everywhere

PeerId child(std::uint32_t number) { return PeerId{(std::uint64_t{0x30000000} + number) << 32 | number}; }

class Stage {
 public:
  explicit Stage(const StageOptions& options) : options_{options} {
    trace_.options = {.seed = kRelay.value, .upload_bits_per_s = 1'000'000'000};
    trace_.key = key_.public_key();
    trace_.measured_from = Instant{} + options.warm_up;
    add(kSource, {.seed = kSource.value, .source = true, .upload_bits_per_s = 1'000'000'000});
    add(kRelay, trace_.options);
  }

  Trace run() {
    tell(kSource, mesh::Joined{.self = kSource});
    tell(kSource, mesh::RenditionProduced{{.codecs = "avc1.64001f,opus", .width = 1280, .height = 720,
                                           .bits_per_s = static_cast<std::uint32_t>(options_.bits_per_s), .init = Payload{Bytes(700)}}});
    tell(kRelay, mesh::Joined{.self = kRelay, .source = kSource});
    const Instant last = Instant{} + options_.warm_up + options_.measured;
    for (Instant part_at{}; part_at < last; part_at += options_.part) {
      pass(part_at);
      produce();
      const auto joined = static_cast<std::uint32_t>(peers_.size()) - 2;
      if (joined < options_.children && now_ >= Instant{} + 2s + kChildEvery * joined) add_child(joined);
    }
    pass(last + kAfterwards);
    for (std::uint32_t i = 0; i < options_.children; ++i) {
      CHECK(peers_.at(child(i)).engine->stats().parts_skipped == 0, "a child missed parts: this is no steady state");
    }
    std::uint64_t due_bytes = 0;
    for (const auto& [media_time, bytes] : made_) {
      if (Instant{} + media_time >= trace_.measured_from) due_bytes += bytes * options_.children;
      if (media_time >= made_.rbegin()->first - trace_.options.window) trace_.piece_bytes_held += bytes;
    }
    CHECK(trace_.sent_bytes >= due_bytes, "the relay did not feed all of its children");
    return std::move(trace_);
  }

 private:
  struct Peer {
    std::unique_ptr<mesh::Engine> engine;
    std::set<PeerId> links;
    std::set<PeerId> sent_to;
  };
  struct Mail {
    PeerId to;
    mesh::Input input;
  };

  void add(PeerId id, mesh::Engine::Options options) { peers_[id].engine = std::make_unique<mesh::Engine>(options, now_); }

  void add_child(std::uint32_t number) {
    const PeerId id = child(number);
    add(id, {.seed = number + 1, .giving = false});
    tell(id, mesh::Joined{.self = id, .source = kSource, .candidates = {{.peer = kRelay, .score = 100, .role = mesh::Role::kRelay, .receiving = true}}});
  }

  void pass(Instant until) {
    for (;;) {
      Instant next = mail_.empty() ? kNever : mail_.begin()->first;
      for (const auto& [id, peer] : peers_) next = std::min(next, std::max(peer.engine->next_wake(), now_));
      if (next > until) break;
      now_ = next;
      while (!mail_.empty() && mail_.begin()->first <= now_) {
        const Mail mail = std::move(mail_.begin()->second);
        mail_.erase(mail_.begin());
        tell(mail.to, mail.input);
      }
      for (auto& [id, peer] : peers_) {
        if (peer.engine->next_wake() <= now_) tell(id, mesh::Wake{});
      }
    }
    now_ = until;
  }

  void produce() {
    const std::int64_t parts = options_.segment / options_.part;
    const std::int64_t segment_bytes = options_.bits_per_s / 8 * (options_.segment / 1ms) / 1000;
    const std::int64_t key_bytes = segment_bytes * options_.key_part_percent / 100;
    const std::int64_t number = produced_ % parts;
    Bytes bytes(static_cast<std::size_t>(number == 0 ? key_bytes : (segment_bytes - key_bytes) / (parts - 1)));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(content_.next());
    const Duration media_time = options_.part * produced_;
    made_[media_time] = bytes.size();
    tell(kSource, mesh::PartProduced{{.id = {{}, static_cast<std::uint32_t>(produced_ / parts), static_cast<std::uint16_t>(number)},
                                      .independent = number == 0,
                                      .media_time = media_time,
                                      .duration = options_.part,
                                      .captured = WallTime{now_.time_since_epoch()},
                                      .bytes = Payload{std::move(bytes)}}});
    ++produced_;
  }

  /// As the native driver does: everything that the engine asks is carried out, then it is told of what waits on its links.
  void tell(PeerId id, const mesh::Input& input) {
    Peer& peer = peers_.at(id);
    tell_once(id, peer, input);
    while (!peer.sent_to.empty()) {
      for (const PeerId other : std::exchange(peer.sent_to, {})) tell_once(id, peer, mesh::LinkBacklog{other, 0});
    }
  }

  void tell_once(PeerId id, Peer& peer, const mesh::Input& input) {
    if (id == kRelay) trace_.facts.push_back({now_, input});
    peer.engine->handle(now_, input);
    while (auto output = peer.engine->poll()) {
      std::visit([&](auto& wish) { carry_out(id, peer, wish); }, *output);
    }
  }

  void later(PeerId to, mesh::Input input) { mail_.emplace(now_ + kTrip, Mail{to, std::move(input)}); }

  void carry_out(PeerId id, Peer&, mesh::Dial& dial) {
    // Children reach the relay, the relay the source; nobody else answers.
    const bool there = dial.peer == kRelay || (id == kRelay && dial.peer == kSource);
    if (there) later(dial.peer, mesh::OfferReceived{id});
    else later(id, mesh::LinkDown{dial.peer});
  }
  void carry_out(PeerId id, Peer& peer, mesh::Accept& accept) {
    peer.links.insert(accept.peer);
    peers_.at(accept.peer).links.insert(id);
    later(id, mesh::LinkUp{.peer = accept.peer});
    later(accept.peer, mesh::LinkUp{.peer = id});
  }
  void carry_out(PeerId id, Peer&, mesh::Refuse& refuse) { later(refuse.peer, mesh::LinkDown{id}); }
  void carry_out(PeerId id, Peer& peer, mesh::HangUp& hang_up) {
    peer.links.erase(hang_up.peer);
    peers_.at(hang_up.peer).links.erase(id);
    later(hang_up.peer, mesh::LinkDown{id});
  }
  void carry_out(PeerId id, Peer& peer, mesh::Send& send) {
    if (!peer.links.contains(send.peer)) return;
    peer.sent_to.insert(send.peer);
    Bytes bytes = std::move(send.header);
    append(bytes, send.body.view());
    if (id == kRelay && now_ >= trace_.measured_from) trace_.sent_bytes += bytes.size();
    later(send.peer, mesh::MessageReceived{.from = id, .channel = send.channel, .bytes = Payload{std::move(bytes)}});
  }
  void carry_out(PeerId id, Peer& peer, mesh::HashPiece& question) {
    if (id == kRelay && now_ >= trace_.measured_from) ++trace_.pieces;
    peer.engine->handle(now_, mesh::PieceHashed{question.request, transport::piece_digest(question.bytes.view())});
  }
  void carry_out(PeerId, Peer& peer, mesh::Sign& question) {
    peer.engine->handle(now_, mesh::Signed{question.request, key_.sign(question.message)});
  }
  void carry_out(PeerId, Peer& peer, mesh::CheckSignature& question) {
    peer.engine->handle(now_, mesh::SignatureChecked{question.request, transport::verify(question.key.value_or(trace_.key), question.message, question.signature)});
  }
  void carry_out(PeerId id, Peer&, mesh::FindCandidates&) { later(id, mesh::CandidatesFound{}); }
  void carry_out(PeerId, Peer&, mesh::Misbehaved&) { CHECK(false, "nobody here misbehaves"); }
  void carry_out(PeerId, Peer&, mesh::PlayRendition&) {}
  void carry_out(PeerId, Peer&, mesh::PlayPart&) {}
  void carry_out(PeerId, Peer&, mesh::SendReport&) {}
  void carry_out(PeerId, Peer&, mesh::Decision&) {}
  void carry_out(PeerId, Peer&, mesh::ChatShown&) {}   // nobody talks
  void carry_out(PeerId, Peer&, mesh::ChatHidden&) {}
  void carry_out(PeerId, Peer&, mesh::ChatSent&) {}
  void carry_out(PeerId, Peer&, mesh::ChatRulesChanged&) {}
  void carry_out(PeerId, Peer&, mesh::ChatReacted&) {}
  void carry_out(PeerId, Peer&, mesh::SendSignal&) {}   // links here need none
  void carry_out(PeerId, Peer&, mesh::TakeSignal&) {}
  void carry_out(PeerId, Peer&, mesh::SetPlayback&) {}
  void carry_out(PeerId, Peer&, mesh::FetchPiece&) {}   // no edge is offered
  void carry_out(PeerId, Peer&, mesh::Widen&) {}   // every link here suffices

  StageOptions options_;
  transport::SigningKey key_ = transport::SigningKey::from_seed({});   // the same each time, so that traces are
  Trace trace_;
  Prng content_{1};
  std::map<PeerId, Peer> peers_;
  std::multimap<Instant, Mail> mail_;
  std::map<Duration, std::size_t> made_;
  Instant now_{};
  std::int64_t produced_ = 0;
};

}  // namespace

Trace record(const StageOptions& options) { return Stage{options}.run(); }

}  // namespace p2p::bench
