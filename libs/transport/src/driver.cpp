#include "transport/driver.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <utility>

#include "base/check.hpp"
#include "driver_queue.hpp"
#include "wide_links.hpp"

namespace p2p::transport {
namespace {

using Clock = DriverQueue::Clock;

constexpr Duration kFarewell = 2s;            // for the neighbors to switch to others and for the last bytes to go out
constexpr Duration kIdleWait = 1h;            // wait_until dislikes the end of time
constexpr std::size_t kMessagesPerTurn = 256; // before the engine's outputs are carried out

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

class Driver::Impl {
 public:
  Impl(Options options, Host& host)
      : host_{host},
        stream_key_{options.stream_key},
        signing_key_{std::move(options.signing_key)},
        author_key_{std::move(options.author_key)},
        signal_text_{options.signal_text},
        tamper_{std::move(options.tamper)},
        queue_{options.inputs_max},
        links_{with_wake(std::move(options.links))},
        engine_{options.engine, Instant{}} {
    CHECK(!options.engine.source || signing_key_.has_value(), "a source signs what it makes");
    thread_ = std::thread{[this] { run(); }};
  }

  ~Impl() { stop(); }

  bool post(DriverQueue::Item item) { return queue_.put(std::move(item)); }

  mesh::EngineStats stats() {
    if (std::this_thread::get_id() == thread_id_) return engine_.stats();
    DriverQueue::StatsWanted wanted;
    auto answer = wanted.answer.get_future();
    if (queue_.put(std::move(wanted))) {
      // A promise that the thread's end left unkept reports itself broken; the last figures are there by then.
      answer.wait();
      try {
        return answer.get();
      } catch (const std::future_error&) {
      }
    }
    const std::lock_guard lock{stats_mutex_};
    return last_stats_;
  }

  void stop() {
    const std::lock_guard lock{stop_mutex_};
    queue_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Links::Options with_wake(Links::Options options) {
    options.wake = [this] { queue_.poke(); };
    return options;
  }

  [[nodiscard]] Instant now() const { return Instant{std::chrono::duration_cast<Duration>(Clock::now() - start_)}; }

  void run() {
    thread_id_ = std::this_thread::get_id();
    for (;;) {
      auto [items, stopping] = queue_.take(wake_at());
      now_ = now();
      for (DriverQueue::Item& item : items) take_in(std::move(item));
      turn();
      if (stopping) break;
    }
    say_goodbye();
    const std::lock_guard lock{stats_mutex_};
    last_stats_ = engine_.stats();
  }

  [[nodiscard]] Clock::time_point wake_at() const {
    if (more_) return Clock::time_point::min();
    const Instant next = std::min({engine_.next_wake(), links_.next_wake(), now_ + kIdleWait});
    return start_ + next.time_since_epoch();
  }

  void take_in(DriverQueue::Item item) {
    std::visit(Overloaded{[&](const mesh::Input& input) { engine_.handle(now_, input); },
                          [&](const DriverQueue::SignalIn& in) { links_.handle(in.from, in.signal, now_); },
                          [&](const DriverQueue::IceServersIn& in) { links_.use_ice_servers(in.servers); },
                          [&](DriverQueue::StatsWanted& wanted) { wanted.answer.set_value(engine_.stats()); }},
               item);
    carry_out_all();
  }

  // One instant of the engine: what the links report, the timer, and everything that follows from them.
  void turn() {
    more_ = false;
    std::size_t taken = 0;
    while (auto event = links_.poll(now_)) {
      take_in(std::move(*event));
      if (++taken < kMessagesPerTurn) continue;
      more_ = true;
      break;
    }
    if (engine_.next_wake() <= now_) engine_.handle(now_, mesh::Wake{});
    carry_out_all();
    tell_backlogs();
  }

  void take_in(WideLinks::Event event) {
    std::visit(Overloaded{[&](const Links::SignalOut& out) { take_in(out); },
                          [&](const Links::OfferIn& offer) { engine_.handle(now_, mesh::OfferReceived{offer.from, offer.network}); },
                          [&](const Links::Up& up) {
                            host_.link_changed(up.peer, true, up.relayed ? "through a relay" : "direct");
                            engine_.handle(now_, mesh::LinkUp{up.peer, up.relayed});
                          },
                          [&](const Links::Down& down) {
                            host_.link_changed(down.peer, false, down.why);
                            engine_.handle(now_, mesh::LinkDown{down.peer});
                          },
                          [&](Links::Message& message) {
                            engine_.handle(now_, mesh::MessageReceived{message.from, message.channel, Payload{std::move(message.bytes)}});
                          },
                          [&](const Links::Draining& draining) { sent_to_.insert(draining.peer); },
                          [&](const WideLinks::Widened& wide) { engine_.handle(now_, mesh::LinkWidened{wide.peer, wide.associations}); }},
               event);
    carry_out_all();
  }

  // By the server or by a neighbor: the engine knows.
  void take_in(const Links::SignalOut& out) {
    if (!signal_text_) return host_.send_signal(out.to, out.signal);
    const std::string text = signal_text_->write(out.signal);
    const BytesView bytes = as_bytes(text);
    engine_.handle(now_, mesh::SignalReady{out.to, {bytes.begin(), bytes.end()}});
  }

  void carry_out_all() {
    while (auto output = engine_.poll()) std::visit([this](auto& wish) { carry_out(wish); }, *output);
  }

  // Once a turn; what the engine sends in answer is told in the next one, which comes at once.
  void tell_backlogs() {
    for (const PeerId peer : std::exchange(sent_to_, {})) {
      if (!links_.is_up(peer)) continue;
      engine_.handle(now_, mesh::LinkBacklog{peer, static_cast<std::uint32_t>(links_.backlog(peer))});
    }
    carry_out_all();
    if (!sent_to_.empty()) more_ = true;
  }

  void carry_out(mesh::Dial& dial) { links_.dial(dial.peer, now_); }
  void carry_out(mesh::Accept& accept) { links_.accept(accept.peer, now_); }
  void carry_out(mesh::Refuse& refuse) { links_.refuse(refuse.peer, std::move(refuse.reason)); }
  void carry_out(mesh::HangUp& hang_up) { links_.hang_up(hang_up.peer, std::move(hang_up.reason), now_); }
  void carry_out(mesh::Send& send) {
    if (tamper_) tamper_(send);
    links_.send(send.peer, send.channel, send.header, send.body.view());
    sent_to_.insert(send.peer);
  }
  void carry_out(mesh::HashPiece& hash) { engine_.handle(now_, mesh::PieceHashed{hash.request, piece_digest(hash.bytes.view())}); }
  void carry_out(mesh::Sign& sign) {
    const std::optional<SigningKey>& key = sign.as_author ? author_key_ : signing_key_;
    CHECK(key.has_value(), "asked to sign with a key that was never named");
    engine_.handle(now_, mesh::Signed{sign.request, key->sign(sign.message)});
  }
  void carry_out(mesh::CheckSignature& check) {
    const bool valid = verify(check.key.value_or(stream_key_), check.message, check.signature);
    engine_.handle(now_, mesh::SignatureChecked{check.request, valid});
  }
  void carry_out(mesh::PlayRendition& rendition) { host_.play_rendition(rendition); }
  void carry_out(mesh::PlayPart& part) { host_.play_part(part); }
  void carry_out(mesh::FindCandidates& wish) { host_.find_candidates(wish); }
  void carry_out(mesh::SendReport& report) { host_.send_report(report); }
  void carry_out(mesh::Misbehaved& peer) { host_.misbehaved(peer); }
  void carry_out(mesh::Decision& decision) { host_.decided(decision); }
  void carry_out(mesh::SendSignal& out) {
    if (const auto signal = signal_text_->read(as_text(out.signal))) host_.send_signal(out.to, *signal);
  }
  void carry_out(mesh::TakeSignal& in) {
    const auto signal = signal_text_ ? signal_text_->read(as_text(in.signal)) : std::nullopt;
    if (signal) links_.handle(in.from, *signal, now_);
  }
  void carry_out(mesh::SetPlayback&) {}   // what is received is written, not played
  void carry_out(mesh::FetchPiece& wish) { engine_.handle(now_, mesh::PieceFetched{wish.rendition, wish.piece, {}}); }   // it offers no edge
  void carry_out(mesh::Widen& widen) { links_.widen(widen.peer, widen.associations, now_); }

  void carry_out(mesh::ChatShown& shown) { host_.chat_shown(shown); }
  void carry_out(mesh::ChatHidden&) {}   // what is printed is printed
  void carry_out(mesh::ChatSent&) {}
  void carry_out(mesh::ChatRulesChanged&) {}
  void carry_out(mesh::ChatReacted&) {}

  // The engine tells its neighbors; then the links are closed, which brings out what was sent on them.
  void say_goodbye() {
    const Instant deadline = now() + kFarewell;
    now_ = now();
    engine_.handle(now_, mesh::Leave{});
    carry_out_all();
    links_.hang_up_all("left", now_);
    while (links_.closing() && now_ < deadline) {
      queue_.wait_for_poke(start_ + std::min(deadline, links_.next_wake()).time_since_epoch());
      now_ = now();
      turn();
    }
  }

  Host& host_;
  const mesh::PublicKey stream_key_;
  const std::optional<SigningKey> signing_key_;
  const std::optional<SigningKey> author_key_;
  const std::optional<SignalText> signal_text_;
  const std::function<void(mesh::Send&)> tamper_;
  const Clock::time_point start_ = Clock::now();
  DriverQueue queue_;
  WideLinks links_;
  mesh::Engine engine_;
  Instant now_{};
  bool more_ = false;
  std::set<PeerId> sent_to_;
  std::mutex stats_mutex_;
  mesh::EngineStats last_stats_;
  std::mutex stop_mutex_;
  std::atomic<std::thread::id> thread_id_{};
  std::thread thread_;
};

Driver::Driver(Options options, Host& host) : impl_{std::make_unique<Impl>(std::move(options), host)} {}
Driver::~Driver() = default;

bool Driver::post(mesh::Input input) { return impl_->post(std::move(input)); }
bool Driver::post_signal(PeerId from, Signal signal) { return impl_->post(DriverQueue::SignalIn{from, std::move(signal)}); }
bool Driver::post_ice_servers(std::vector<IceServer> servers) { return impl_->post(DriverQueue::IceServersIn{std::move(servers)}); }
mesh::EngineStats Driver::stats() { return impl_->stats(); }
void Driver::stop() { impl_->stop(); }

}  // namespace p2p::transport
