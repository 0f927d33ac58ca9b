#include "turn/relay.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "allocation.hpp"
#include "answer_budget.hpp"
#include "bandwidth.hpp"
#include "base/check.hpp"
#include "failure.hpp"
#include "nonce.hpp"
#include "turn/credentials.hpp"
#include "turn/stun_message.hpp"

namespace p2p::turn {
namespace {

constexpr Duration kLifetimeDefault = 600s;   // RFC 8656, 3.2
constexpr Duration kLifetimeMax = 3600s;      // RFC 8656, 7.2
constexpr std::uint8_t kUdp = 17;             // IP protocol number
constexpr std::uint8_t kFamilyV4 = 1;
constexpr std::uint8_t kFamilyV6 = 2;
constexpr Duration kSweep = 1s;               // allocations end this much late at most
// An allocation that has carried nothing but ICE's checks for so long is one that its link does without: ICE has chosen another way within
// 15 s or given up, and SCTP says something every 30 s over the way that it has (RFC 9260, 16).
constexpr Duration kIdleAfter = 45s;

/// DTLS and what else a link is for begins with another byte (RFC 7983, 7).
bool is_ice_check(BytesView data) { return data.empty() || data[0] <= std::byte{3}; }

/// Who asks, once the request's integrity holds.
struct Authority {
  std::string_view username;
  std::string_view peer_id;
  IntegrityKey key{};
  bool expired = false;   ///< keeps what there is, makes nothing new
};

}  // namespace

class Relay::Impl {
 public:
  Impl(Options options, const std::array<std::byte, 32>& secret, RelayNetwork& network)
      : options_{std::move(options)},
        nonces_{secret},
        unproven_{options_.unproven_bits_per_s, options_.unproven_bits_per_s_per_network, secret},
        network_{network} {
    CHECK(options_.bits_per_s_per_peer > 0, "a quota of nothing is no relay");
  }

  ~Impl() {
    for (const auto& [client, allocation] : allocations_) network_.close_port(allocation->relayed.port);
  }

  void handle_client(const FiveTuple& from, BytesView datagram, Time time) {
    if (looks_like_channel_data(datagram)) return take_channel_data(from, datagram, time.now);
    const auto message = parse_stun(datagram);
    if (!message) return;
    if (message->kind == StunClass::kIndication && message->method == StunMethod::kSend) return take_send(from, *message, time.now);
    if (message->kind != StunClass::kRequest) return;
    if (message->method == StunMethod::kBinding) return answer_binding(from, *message, time.now);
    if (options_.secret.empty()) return;   // STUN alone: as if nobody were here
    if (message->malformed) return fail_unproven(from, *message, Failure::kBadRequest, time.now);
    if (const auto authority = authenticate(from, datagram, *message, time)) serve(from, *message, *authority, time.now);
  }

  void handle_peer(std::uint16_t port, const Endpoint& from, BytesView data, Time time) {
    const auto found = by_port_.find(port);
    if (found != by_port_.end()) deliver(*found->second, from, data, RelayedWay::kToClient, time.now);
  }

  void handle_time(Instant now) {
    if (now < next_sweep_) return;
    for (auto it = allocations_.begin(); it != allocations_.end();) {
      const Allocation& allocation = *(it++)->second;
      if (allocation.ends <= now) end(allocation);
    }
    next_sweep_ = allocations_.empty() ? kNever : now + kSweep;
  }

  [[nodiscard]] Instant next_wake() const { return next_sweep_; }
  [[nodiscard]] const RelayStats& stats() const { return stats_; }

 private:
  struct Peer {
    Bandwidth bandwidth;
    std::size_t allocations = 0;
  };

  // ---- who asks

  /// Nothing when the answer has been sent: it says what lacks.
  std::optional<Authority> authenticate(const FiveTuple& from, BytesView datagram, const StunMessage& message, Time time) {
    if (!message.integrity_at) return challenge(from, message, Failure::kUnauthorized, time.now);
    if (message.username.empty() || message.realm.empty() || message.nonce.empty()) {
      fail_unproven(from, message, Failure::kBadRequest, time.now);
      return std::nullopt;
    }
    if (!nonces_.is_fresh(message.nonce, from, time.now)) {
      stats_.count(AuthenticationFailure::kStaleNonce);
      return challenge(from, message, Failure::kStaleNonce, time.now);
    }
    const auto name = parse_username(message.username);
    Authority authority{.username = message.username, .peer_id = name ? name->id : std::string_view{}};
    const Allocation* allocation = find(from);
    // Computed once an allocation; all but the first requests of a client are of its allocation.
    authority.key = allocation != nullptr && allocation->username == message.username
                        ? allocation->key
                        : integrity_key(message.username, options_.realm, password_of(options_.secret, message.username));
    if (!name || message.realm != options_.realm || !integrity_holds(datagram, message, authority.key)) {
      stats_.count(AuthenticationFailure::kCredential);
      return challenge(from, message, Failure::kUnauthorized, time.now);
    }
    authority.expired = name->expires_s <= std::chrono::floor<std::chrono::seconds>(time.wall).time_since_epoch().count();
    return authority;
  }

  /// Whether an answer may go to an address that is perhaps not the asker's own.
  bool may_answer(const FiveTuple& to, Instant now) {
    const auto why_not = unproven_.take(to.client.ip, now);
    if (why_not) stats_.count(*why_not);
    return !why_not;
  }

  std::nullopt_t challenge(const FiveTuple& from, const StunMessage& message, Failure failure, Instant now) {
    if (!may_answer(from, now)) return std::nullopt;
    ++stats_.challenges;
    StunWriter writer{out_, StunClass::kError, message.method, message.transaction};
    writer.error(static_cast<std::uint16_t>(failure), {}).realm(options_.realm).nonce(nonces_.make(from, now));
    network_.send_to_client(from, out_);
    return std::nullopt;
  }

  /// Without a reason, which is for people who read what they have sent: forgers have it sent to others.
  void fail_unproven(const FiveTuple& to, const StunMessage& message, Failure failure, Instant now) {
    if (!may_answer(to, now)) return;
    StunWriter writer{out_, StunClass::kError, message.method, message.transaction};
    writer.error(static_cast<std::uint16_t>(failure), {});
    if (failure == Failure::kUnknownAttribute) writer.unknown(message.unknown());
    network_.send_to_client(to, out_);
  }

  void fail(const FiveTuple& to, const StunMessage& message, Failure failure, const Authority& authority) {
    StunWriter writer{out_, StunClass::kError, message.method, message.transaction};
    writer.error(static_cast<std::uint16_t>(failure), reason_of(failure));
    if (failure == Failure::kUnknownAttribute) writer.unknown(message.unknown());
    writer.integrity(authority.key);
    network_.send_to_client(to, out_);
  }

  // ---- requests

  void serve(const FiveTuple& from, const StunMessage& message, const Authority& authority, Instant now) {
    if (message.method == StunMethod::kAllocate) return allocate(from, message, authority, now);
    if (!message.unknown().empty()) return fail(from, message, Failure::kUnknownAttribute, authority);
    Allocation* allocation = find(from);
    if (allocation == nullptr) return fail(from, message, Failure::kAllocationMismatch, authority);
    if (allocation->username != authority.username) return fail(from, message, Failure::kWrongCredentials, authority);
    switch (message.method) {
      case StunMethod::kRefresh:
        return refresh(*allocation, message, authority, now);
      case StunMethod::kCreatePermission:
        return create_permissions(*allocation, message, authority, now);
      case StunMethod::kChannelBind:
        return bind_channel(*allocation, message, authority, now);
      default:
        return fail(from, message, Failure::kBadRequest, authority);
    }
  }

  void answer_binding(const FiveTuple& from, const StunMessage& message, Instant now) {
    if (message.malformed) return fail_unproven(from, message, Failure::kBadRequest, now);
    if (!message.unknown().empty()) return fail_unproven(from, message, Failure::kUnknownAttribute, now);
    if (!may_answer(from, now)) return;
    ++stats_.bindings_answered;
    StunWriter{out_, StunClass::kSuccess, message.method, message.transaction}.mapped(from.client);
    network_.send_to_client(from, out_);
  }

  void allocate(const FiveTuple& from, const StunMessage& message, const Authority& authority, Instant now) {
    if (const Allocation* allocation = find(from)) {
      if (allocation->made_by != message.transaction) return fail(from, message, Failure::kAllocationMismatch, authority);
      return answer_allocate(*allocation, message, now);   // our first answer was lost
    }
    if (const auto failure = unspoken(from, message)) {
      stats_.count(AllocationRefusal::kUnsupported);
      return fail(from, message, *failure, authority);
    }
    if (authority.expired) {
      stats_.count(AllocationRefusal::kCredentialEnded);
      challenge(from, message, Failure::kUnauthorized, now);
      return;
    }
    const auto peer = peers_.find(authority.peer_id);
    if (peer != peers_.end() && peer->second.allocations >= options_.allocations_per_peer_max) {
      stats_.count(AllocationRefusal::kPeerQuota);
      return fail(from, message, Failure::kQuotaReached, authority);
    }
    if (allocations_.size() >= options_.allocations_max && !make_room(now)) {
      stats_.count(AllocationRefusal::kQuota);
      return fail(from, message, Failure::kQuotaReached, authority);
    }
    auto port = network_.open_port();
    if (!port && make_room(now)) port = network_.open_port();
    if (!port) {
      stats_.count(AllocationRefusal::kNoPort);
      return fail(from, message, Failure::kInsufficientCapacity, authority);
    }
    auto allocation = std::make_unique<Allocation>();
    allocation->client = from;
    allocation->made_by = message.transaction;
    allocation->username = authority.username;
    allocation->peer_id = authority.peer_id;
    allocation->key = authority.key;
    allocation->relayed = {.ip = relay_address(from), .port = *port};
    allocation->ends = now + lifetime_of(message);
    allocation->used = now;
    ++peers_.try_emplace(allocation->peer_id, Peer{.bandwidth = Bandwidth{options_.bits_per_s_per_peer}}).first->second.allocations;
    ++own_addresses_[allocation->relayed.ip];
    by_port_[*port] = allocation.get();
    next_sweep_ = std::min(next_sweep_, now + kSweep);
    ++stats_.allocations_made;
    const auto& made = *(allocations_[from] = std::move(allocation));
    stats_.allocations = allocations_.size();
    answer_allocate(made, message, now);
  }

  /// What is asked for and not spoken here.
  [[nodiscard]] std::optional<Failure> unspoken(const FiveTuple& from, const StunMessage& message) const {
    if (!message.unknown().empty()) return Failure::kUnknownAttribute;
    if (!message.transport) return Failure::kBadRequest;
    if (*message.transport != kUdp) return Failure::kTransportNotSupported;
    if (message.family && *message.family != (relay_address(from).is_v4() ? kFamilyV4 : kFamilyV6)) return Failure::kFamilyNotSupported;
    return std::nullopt;
  }

  /// Ends the allocation that has been idle for longest, if one is idle. Its client is told 437 when it next asks, and loses no way that
  /// it uses.
  bool make_room(Instant now) {
    if (now < none_idle_until_) return false;
    const auto longest = std::ranges::min_element(allocations_, {}, [](const auto& entry) { return entry.second->used; });
    if (longest == allocations_.end()) return false;
    none_idle_until_ = longest->second->used + kIdleAfter;
    if (now < none_idle_until_) return false;
    ++stats_.allocations_given_up;
    end(*longest->second);
    return true;
  }

  void answer_allocate(const Allocation& allocation, const StunMessage& message, Instant now) {
    StunWriter writer{out_, StunClass::kSuccess, message.method, message.transaction};
    writer.relayed(allocation.relayed).lifetime(seconds(allocation.ends - now)).mapped(allocation.client.client).integrity(allocation.key);
    network_.send_to_client(allocation.client, out_);
  }

  void refresh(Allocation& allocation, const StunMessage& message, const Authority& authority, Instant now) {
    if (message.family && *message.family != (allocation.relayed.ip.is_v4() ? kFamilyV4 : kFamilyV6)) {
      return fail(allocation.client, message, Failure::kFamilyMismatch, authority);
    }
    const Duration lifetime = message.lifetime_s == 0U ? Duration{0} : lifetime_of(message);
    allocation.ends = now + lifetime;
    StunWriter writer{out_, StunClass::kSuccess, message.method, message.transaction};
    writer.lifetime(seconds(lifetime)).integrity(allocation.key);
    network_.send_to_client(allocation.client, out_);
    if (lifetime == Duration{0}) end(allocation);
  }

  void create_permissions(Allocation& allocation, const StunMessage& message, const Authority& authority, Instant now) {
    if (message.peers().empty()) return fail(allocation.client, message, Failure::kBadRequest, authority);
    for (const Endpoint& peer : message.peers()) {
      if (const auto failure = refusal(allocation, peer.ip)) return fail(allocation.client, message, *failure, authority);
    }
    for (const Endpoint& peer : message.peers()) {
      if (!allocation.permit(peer.ip, now)) return fail(allocation.client, message, Failure::kInsufficientCapacity, authority);
    }
    succeed(allocation, message);
  }

  void bind_channel(Allocation& allocation, const StunMessage& message, const Authority& authority, Instant now) {
    const auto channel = message.channel.value_or(0);
    if (message.peers().size() != 1 || channel < Allocation::kChannelMin || channel > Allocation::kChannelMax) {
      return fail(allocation.client, message, Failure::kBadRequest, authority);
    }
    const Endpoint& peer = message.peers().front();
    if (const auto failure = refusal(allocation, peer.ip)) return fail(allocation.client, message, *failure, authority);
    const auto bound = allocation.bind(channel, peer, now);
    if (bound == Allocation::Bound::kTaken) return fail(allocation.client, message, Failure::kBadRequest, authority);
    if (bound == Allocation::Bound::kFull || !allocation.permit(peer.ip, now)) {
      return fail(allocation.client, message, Failure::kInsufficientCapacity, authority);
    }
    succeed(allocation, message);
  }

  void succeed(const Allocation& allocation, const StunMessage& message) {
    StunWriter{out_, StunClass::kSuccess, message.method, message.transaction}.integrity(allocation.key);
    network_.send_to_client(allocation.client, out_);
  }

  /// Why that address gets no permission.
  std::optional<Failure> refusal(const Allocation& allocation, const IpAddress& ip) {
    if (ip.is_v4() != allocation.relayed.ip.is_v4()) return Failure::kFamilyMismatch;
    if (is_own(ip) || may_send_to(ip)) return std::nullopt;
    ++stats_.refused_addresses;
    return Failure::kForbidden;
  }

  // ---- data

  void take_send(const FiveTuple& from, const StunMessage& message, Instant now) {
    if (message.malformed || !message.unknown().empty() || !message.data || message.peers().size() != 1) return;
    if (Allocation* allocation = find(from)) forward(*allocation, message.peers().front(), *message.data, now);
  }

  void take_channel_data(const FiveTuple& from, BytesView datagram, Instant now) {
    if (datagram.size() < kChannelHeaderBytes) return;
    const auto channel = static_cast<std::uint16_t>(read_big_endian(datagram, 0, 2));
    const auto bytes = static_cast<std::size_t>(read_big_endian(datagram, 2, 2));
    if (bytes > datagram.size() - kChannelHeaderBytes) return;
    Allocation* allocation = find(from);
    if (allocation == nullptr) return;
    if (const auto peer = allocation->peer_of(channel, now)) forward(*allocation, *peer, datagram.subspan(kChannelHeaderBytes, bytes), now);
  }

  void forward(Allocation& allocation, const Endpoint& peer, BytesView data, Instant now) {
    if (!allocation.permits(peer.ip, now) || !take_bandwidth(allocation, data, now)) return;
    if (is_own(peer.ip)) {
      // Inside, so that it works without a router that turns our own external address back to us.
      const auto other = by_port_.find(peer.port);
      if (other != by_port_.end() && other->second->relayed == peer) return deliver(*other->second, allocation.relayed, data, RelayedWay::kBetweenClients, now);
    }
    if (!may_send_to(peer.ip)) return;
    stats_.count(RelayedWay::kToPeer, data.size());
    network_.send_to_peer(allocation.relayed.port, allocation.client.local, peer, data);
  }

  void deliver(Allocation& allocation, const Endpoint& from, BytesView data, RelayedWay way, Instant now) {
    if (!allocation.permits(from.ip, now) || !take_bandwidth(allocation, data, now)) return;
    stats_.count(way, data.size());
    if (const auto channel = allocation.channel_of(from, now)) {
      out_.clear();
      append_big_endian(out_, *channel);
      append_big_endian(out_, static_cast<std::uint16_t>(data.size()));
      append(out_, data);
    } else {
      // RFC 8489, 6: an indication's transaction is drawn at random so that forgers cannot guess it; nobody answers this one.
      TransactionId transaction{};
      Bytes number;
      append_big_endian(number, ++indications_);
      std::ranges::copy(number, transaction.begin());
      StunWriter{out_, StunClass::kIndication, StunMethod::kData, transaction}.peer(from).data(data);
    }
    network_.send_to_client(allocation.client, out_);
  }

  bool take_bandwidth(Allocation& allocation, BytesView data, Instant now) {
    if (!is_ice_check(data)) allocation.used = now;
    const std::size_t bytes = data.size();
    if (peers_.at(allocation.peer_id).bandwidth.try_take(bytes, now)) return true;
    stats_.dropped_bytes += bytes;
    ++stats_.dropped_datagrams;
    return false;
  }

  // ---- state

  [[nodiscard]] Allocation* find(const FiveTuple& client) const {
    const auto found = allocations_.find(client);
    return found == allocations_.end() ? nullptr : found->second.get();
  }

  void end(const Allocation& allocation) {
    const auto peer = peers_.find(allocation.peer_id);
    if (--peer->second.allocations == 0) peers_.erase(peer);
    const auto own = own_addresses_.find(allocation.relayed.ip);
    if (--own->second == 0) own_addresses_.erase(own);
    by_port_.erase(allocation.relayed.port);
    network_.close_port(allocation.relayed.port);
    allocations_.erase(FiveTuple{allocation.client});   // a copy: the allocation goes with it
    stats_.allocations = allocations_.size();
  }

  [[nodiscard]] IpAddress relay_address(const FiveTuple& client) const { return options_.external_address.value_or(client.local); }

  [[nodiscard]] bool is_own(const IpAddress& ip) const { return options_.external_address == ip || own_addresses_.contains(ip); }

  [[nodiscard]] bool may_send_to(const IpAddress& ip) const {
    if (std::ranges::any_of(options_.allowed, [&](const AddressRange& range) { return range.contains(ip); })) return true;
    return !is_own(ip) && !is_special(ip);
  }

  static Duration lifetime_of(const StunMessage& message) {
    if (!message.lifetime_s) return kLifetimeDefault;
    return std::clamp(Duration{std::chrono::seconds{*message.lifetime_s}}, kLifetimeDefault, kLifetimeMax);
  }

  static std::uint32_t seconds(Duration span) {
    return static_cast<std::uint32_t>(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(span).count()));
  }

  const Options options_;
  const Nonces nonces_;
  AnswerBudget unproven_;
  RelayNetwork& network_;
  std::map<FiveTuple, std::unique_ptr<Allocation>> allocations_;
  std::unordered_map<std::uint16_t, Allocation*> by_port_;
  std::map<std::string, Peer, std::less<>> peers_;
  std::unordered_map<IpAddress, std::size_t> own_addresses_;   // of allocations, counted
  Instant next_sweep_ = kNever;
  Instant none_idle_until_ = Instant::min();   // nobody need look before
  std::uint64_t indications_ = 0;
  RelayStats stats_;
  Bytes out_;
};

Relay::Relay(Options options, const std::array<std::byte, 32>& secret_of_run, RelayNetwork& network)
    : impl_{std::make_unique<Impl>(std::move(options), secret_of_run, network)} {}
Relay::~Relay() = default;

void Relay::handle_client(const FiveTuple& from, BytesView datagram, Time time) { impl_->handle_client(from, datagram, time); }
void Relay::handle_peer(std::uint16_t port, const Endpoint& from, BytesView data, Time time) { impl_->handle_peer(port, from, data, time); }
void Relay::handle_time(Instant now) { impl_->handle_time(now); }
Instant Relay::next_wake() const { return impl_->next_wake(); }
const RelayStats& Relay::stats() const { return impl_->stats(); }

}  // namespace p2p::turn
