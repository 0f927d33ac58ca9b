#include "transport/links.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include <rtc/global.hpp>

#include "base/check.hpp"
#include "connection.hpp"
#include "link_inbox.hpp"
#include "remote_sdp.hpp"
#include "rtc_settings.hpp"

namespace p2p::transport {
namespace {

constexpr std::size_t kPendingOffersMax = 64;     // beyond: a bye at once
constexpr std::chrono::seconds kThreadsEnd{5};

constexpr std::array kChannels{mesh::Channel::kControl, mesh::Channel::kPieces};

std::string printable(const std::string& remote_text) {
  std::string text = remote_text.substr(0, kByeReasonBytesMax);
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

class Links::Impl {
 public:
  explicit Impl(Options options) : options_{std::move(options)}, inbox_{std::make_shared<LinkInbox>(options_.wake)} {
    apply_sctp_settings();
    configuration_.iceServers = usable_ice_servers(options_.ice_servers);
    configuration_.bindAddress = options_.bind_address;
    configuration_.disableAutoNegotiation = true;
    // libdatachannel cuts a longer message to this size instead of refusing it; one byte more than the bound shows that it was cut.
    configuration_.maxMessageSize = options_.message_bytes_max + 1;
  }

  ~Impl() { inbox_->close(); }

  void use_ice_servers(const std::vector<IceServer>& servers) { configuration_.iceServers = usable_ice_servers(servers); }

  void dial(PeerId peer, Instant now) {
    if (links_.contains(peer)) return;
    if (options_.self < peer) offers_.erase(peer);   // both dialled: ours stands, the peer will drop its own
    Link& link = add_link(peer, State::kDialing, now);
    if (auto error = link.connection.offer()) drop(peer, error->text);
  }

  void accept(PeerId peer, Instant now) {
    const auto offer = offers_.find(peer);
    if (offer == offers_.end()) {
      if (!links_.contains(peer)) events_.push_back(Down{peer, "the peer withdrew its offer"});
      return;
    }
    const PendingOffer pending = std::move(offer->second);
    offers_.erase(offer);
    forget(peer);   // our own offer, when both dialled
    const auto description = parse_remote_sdp(pending.sdp, rtc::Description::Type::Offer);
    if (!description) {
      say(peer, SignalBye{description.error().text});
      events_.push_back(Down{peer, description.error().text});
      return;
    }
    Link& link = add_link(peer, State::kAccepting, now);
    auto error = link.connection.answer(*description);
    for (const SignalCandidate& candidate : pending.candidates) link.connection.add_candidate(candidate);
    if (error) {
      say(peer, SignalBye{error->text});
      drop(peer, error->text);
    }
  }

  void refuse(PeerId peer, std::string reason) {
    offers_.erase(peer);
    say(peer, SignalBye{std::move(reason)});
    const auto link = links_.find(peer);
    if (link != links_.end() && link->second.state == State::kDialing) drop(peer, "its offer was declined");
  }

  void hang_up(PeerId peer, std::string reason, Instant now) {
    offers_.erase(peer);
    const auto found = links_.find(peer);
    if (found == links_.end()) return;
    if (found->second.state == State::kUp) {
      found->second.connection.close();
      closing_.emplace(found->second.connection.number(), Closing{std::move(found->second.connection), now + options_.linger});
    } else {
      say(peer, SignalBye{reason});
    }
    drop(peer, std::move(reason));
  }

  void hang_up_all(const std::string& reason, Instant now) {
    std::vector<PeerId> peers;
    for (const auto& [peer, link] : links_) peers.push_back(peer);
    for (const PeerId peer : peers) hang_up(peer, reason, now);
  }

  void handle(PeerId from, const Signal& signal, Instant now) {
    if (from == options_.self) return;
    std::visit(Overloaded{[&](const SignalOffer& offer) { handle_offer(from, offer, now); },
                          [&](const SignalAnswer& answer) { handle_answer(from, answer); },
                          [&](const SignalCandidate& candidate) { handle_candidate(from, candidate); },
                          [&](const SignalBye& bye) {
                            offers_.erase(from);
                            if (links_.contains(from)) drop(from, "the peer said: " + printable(bye.reason));
                          }},
               signal);
  }

  void send(PeerId peer, mesh::Channel channel, BytesView header, BytesView body) {
    CHECK(header.size() + body.size() <= options_.message_bytes_max, "a message longer than its bound");
    const auto found = links_.find(peer);
    if (found == links_.end() || found->second.state != State::kUp) return;
    rtc::binary bytes;
    bytes.reserve(header.size() + body.size());
    append(bytes, header);
    append(bytes, body);
    Connection& connection = found->second.connection;
    if (auto error = connection.send(channel, std::move(bytes))) {
      drop(peer, error->text);
    } else if (connection.queued_bytes() > options_.backlog_bytes_max) {
      drop(peer, "the peer does not take what it is sent");
    } else {
      draining_.insert(peer);
    }
  }

  [[nodiscard]] std::size_t backlog(PeerId peer) const {
    const auto found = links_.find(peer);
    return found == links_.end() ? 0 : found->second.connection.unsent_bytes();
  }

  [[nodiscard]] bool is_up(PeerId peer) const {
    const auto found = links_.find(peer);
    return found != links_.end() && found->second.state == State::kUp;
  }

  std::optional<Event> poll(Instant now) {
    if (events_.empty()) {
      for (LinkInbox::Item& item : inbox_->take()) take_in(std::move(item));
      expire(now);
      look_at_backlogs(now);
    }
    if (events_.empty()) read_one();
    if (events_.empty()) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  [[nodiscard]] Instant next_wake() const {
    Instant next = kNever;
    for (const auto& [peer, link] : links_) {
      if (link.state != State::kUp) next = std::min(next, link.deadline);
    }
    if (!draining_.empty()) next = std::min(next, next_backlog_check_);
    for (const auto& [peer, offer] : offers_) next = std::min(next, offer.expires);
    for (const auto& [number, closing] : closing_) next = std::min(next, closing.deadline);
    return next;
  }

  [[nodiscard]] std::size_t count() const { return links_.size(); }
  [[nodiscard]] bool closing() const { return !closing_.empty(); }

 private:
  enum class State { kDialing, kAccepting, kUp };
  struct Link {
    Connection connection;
    State state;
    Instant deadline;
    std::array<bool, 2> open{};
  };
  struct PendingOffer {
    std::string sdp;
    std::vector<SignalCandidate> candidates;
    Instant expires;
  };
  struct Closing {
    Connection connection;
    Instant deadline;
  };
  using Source = std::pair<PeerId, mesh::Channel>;

  Link& add_link(PeerId peer, State state, Instant now) {
    const ConnectionNumber number = ++last_number_;
    peers_[number] = peer;
    Connection connection{configuration_, inbox_, number};
    return links_.emplace(peer, Link{std::move(connection), state, now + options_.dial_timeout}).first->second;
  }

  void say(PeerId to, Signal signal) { events_.push_back(SignalOut{to, std::move(signal)}); }

  // The connection's destructor closes what is still open.
  void forget(PeerId peer) {
    const auto found = links_.find(peer);
    if (found == links_.end()) return;
    peers_.erase(found->second.connection.number());
    links_.erase(found);
    draining_.erase(peer);
    std::erase_if(readable_, [&](const Source& source) { return source.first == peer; });
  }

  void drop(PeerId peer, std::string why) {
    forget(peer);
    events_.push_back(Down{peer, std::move(why)});
  }

  // When both dial at once, the one with the smaller id stays the offerer.
  void handle_offer(PeerId from, const SignalOffer& offer, Instant now) {
    if (offer.sdp.size() > kSdpBytesMax) return;
    const auto found = links_.find(from);
    if (found != links_.end()) {
      const bool both_dialled = found->second.state == State::kDialing;
      if (both_dialled && options_.self < from) return;
      if (!both_dialled) drop(from, "the peer started over");
    }
    const auto pending = offers_.find(from);
    if (pending == offers_.end() && offers_.size() >= kPendingOffersMax) {
      say(from, SignalBye{"too many offers at once"});
      return;
    }
    const bool news = pending == offers_.end();
    offers_[from] = PendingOffer{offer.sdp, {}, now + options_.dial_timeout};
    if (news) events_.push_back(OfferIn{from, offer.network});
  }

  void handle_answer(PeerId from, const SignalAnswer& answer) {
    const auto found = links_.find(from);
    if (found == links_.end() || found->second.state != State::kDialing || found->second.connection.has_answer()) return;
    const auto description = parse_remote_sdp(answer.sdp, rtc::Description::Type::Answer);
    auto error = description ? found->second.connection.take_answer(*description) : std::optional{description.error()};
    if (!error) return;
    say(from, SignalBye{error->text});
    drop(from, error->text);
  }

  void handle_candidate(PeerId from, const SignalCandidate& candidate) {
    if (candidate.candidate.size() > kCandidateBytesMax) return;
    if (const auto pending = offers_.find(from); pending != offers_.end()) {
      if (pending->second.candidates.size() < kRemoteCandidatesMax) pending->second.candidates.push_back(candidate);
    } else if (const auto found = links_.find(from); found != links_.end()) {
      found->second.connection.add_candidate(candidate);
    }
  }

  void take_in(LinkInbox::Item item) {
    if (std::holds_alternative<LinkInbox::Released>(item.what)) closing_.erase(item.connection);
    const auto owner = peers_.find(item.connection);
    if (owner == peers_.end()) return;   // of a link that is gone
    const PeerId peer = owner->second;
    std::visit(Overloaded{[&](Signal& signal) { say(peer, std::move(signal)); },
                          [&](const LinkInbox::Opened& opened) { channel_opened(peer, opened.channel); },
                          [&](const LinkInbox::Readable& readable) { mark_readable(peer, readable.channel); },
                          [&](LinkInbox::Ended& ended) { end(peer, std::move(ended.why)); },
                          [&](const LinkInbox::Released&) { end(peer, "the link was closed"); }},
               item.what);
  }

  void channel_opened(PeerId peer, mesh::Channel channel) {
    Link& link = links_.at(peer);
    link.open[static_cast<std::size_t>(channel)] = true;
    if (link.state == State::kUp || !link.open[0] || !link.open[1]) return;
    if (link.connection.remote_message_bytes_max() < options_.message_bytes_max) {
      drop(peer, "the peer takes only messages that are too short");
      return;
    }
    link.state = State::kUp;
    events_.push_back(Up{peer, link.connection.relayed()});
    for (const mesh::Channel each : kChannels) mark_readable(peer, each);   // what came before the second channel was open
  }

  void mark_readable(PeerId peer, mesh::Channel channel) {
    if (links_.at(peer).state != State::kUp) return;
    const Source source{peer, channel};
    if (std::ranges::find(readable_, source) == readable_.end()) readable_.push_back(source);
  }

  // The links take turns, one message each, so that a fast one cannot starve the others.
  void read_one() {
    while (!readable_.empty()) {
      const Source source = readable_.front();
      readable_.pop_front();
      if (take_message(source)) {
        if (links_.contains(source.first)) readable_.push_back(source);
        return;
      }
    }
  }

  // False when the channel is empty.
  bool take_message(const Source& source) {
    const auto [peer, channel] = source;
    auto bytes = links_.at(peer).connection.receive(channel);
    if (!bytes) return false;
    if (bytes->size() > options_.message_bytes_max) {
      drop(peer, "the peer sent a message longer than the bound");
    } else {
      events_.push_back(Message{peer, channel, std::move(*bytes)});
    }
    return true;
  }

  // What came before the end is still handed over: a peer says goodbye and closes.
  void end(PeerId peer, std::string why) {
    if (links_.at(peer).state == State::kUp) {
      for (const mesh::Channel channel : kChannels) {
        while (links_.contains(peer) && take_message({peer, channel})) {}
      }
    }
    if (links_.contains(peer)) drop(peer, std::move(why));
  }

  // Nobody tells when SCTP's send buffer empties.
  void look_at_backlogs(Instant now) {
    if (now < next_backlog_check_) return;
    next_backlog_check_ = now + options_.backlog_check;
    for (auto it = draining_.begin(); it != draining_.end();) {
      const PeerId peer = *it;
      const bool drained = backlog(peer) <= options_.backlog_bytes_low;
      if (links_.contains(peer)) events_.push_back(Draining{peer});
      it = drained ? draining_.erase(it) : std::next(it);
    }
  }

  void expire(Instant now) {
    std::vector<PeerId> late;
    for (const auto& [peer, link] : links_) {
      if (link.state != State::kUp && link.deadline <= now) late.push_back(peer);
    }
    for (const PeerId peer : late) {
      say(peer, SignalBye{"no link within the time"});
      drop(peer, "no link came up within the time");
    }
    std::erase_if(offers_, [&](const auto& entry) { return entry.second.expires <= now; });
    std::erase_if(closing_, [&](const auto& entry) { return entry.second.deadline <= now; });
  }

  const Options options_;
  rtc::Configuration configuration_;
  std::shared_ptr<LinkInbox> inbox_;
  ConnectionNumber last_number_ = 0;
  std::map<PeerId, Link> links_;
  std::map<ConnectionNumber, PeerId> peers_;
  std::map<PeerId, PendingOffer> offers_;
  std::map<ConnectionNumber, Closing> closing_;
  std::deque<Source> readable_;
  std::set<PeerId> draining_;   // sent to, and not seen drained since
  Instant next_backlog_check_{};
  std::deque<Event> events_;
};

Links::Links(Options options) : impl_{std::make_unique<Impl>(std::move(options))} {}
Links::~Links() = default;

void Links::use_ice_servers(const std::vector<IceServer>& servers) { impl_->use_ice_servers(servers); }
void Links::dial(PeerId peer, Instant now) { impl_->dial(peer, now); }
void Links::accept(PeerId peer, Instant now) { impl_->accept(peer, now); }
void Links::refuse(PeerId peer, std::string reason) { impl_->refuse(peer, std::move(reason)); }
void Links::hang_up(PeerId peer, std::string reason, Instant now) { impl_->hang_up(peer, std::move(reason), now); }
void Links::hang_up_all(const std::string& reason, Instant now) { impl_->hang_up_all(reason, now); }
void Links::handle(PeerId from, const Signal& signal, Instant now) { impl_->handle(from, signal, now); }
void Links::send(PeerId peer, mesh::Channel channel, BytesView header, BytesView body) { impl_->send(peer, channel, header, body); }
std::size_t Links::backlog(PeerId peer) const { return impl_->backlog(peer); }
bool Links::is_up(PeerId peer) const { return impl_->is_up(peer); }
std::optional<Links::Event> Links::poll(Instant now) { return impl_->poll(now); }
Instant Links::next_wake() const { return impl_->next_wake(); }
std::size_t Links::count() const { return impl_->count(); }
bool Links::closing() const { return impl_->closing(); }

bool wait_for_link_threads() { return rtc::Cleanup().wait_for(kThreadsEnd) == std::future_status::ready; }

}  // namespace p2p::transport
