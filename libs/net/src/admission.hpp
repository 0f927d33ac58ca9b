#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"
#include "directory/token_bucket.hpp"
#include "ip_address.hpp"

namespace p2p::net {

/// What a client may be refused for.
enum class Limit : std::uint8_t {
  kSockets,        ///< TCP connections at once
  kSilentSockets,  ///< of these, such as have sent no request yet
  kSessions,       ///< Engine.IO sessions at once
  kSocketRate,
  kRequestRate,
  kCreateRate,
  kJoinRate,
  kSignalRate,
  kEventRate,
};
inline constexpr std::size_t kLimits = 9;
/// As metrics and logs name it.
[[nodiscard]] std::string_view to_text(Limit limit);

/// What the clients of one host, or of one site, may do together.
struct PlaceLimits {
  using Rate = directory::TokenBucket::Options;

  std::uint32_t sockets_max;
  std::uint32_t silent_sockets_max;
  std::uint32_t sessions_max;
  Rate sockets;   ///< opened
  Rate requests;  ///< of HTTP
  Rate creates;   ///< stream:create
  Rate joins;     ///< stream:join
  Rate signals;
  Rate events;  ///< others
};

/// A school of 4,000 behind one address comes within half a minute of the bell: a socket or two and twenty files each, then a join, sixteen
/// links of a few signals each, and a report every five seconds. What is below stays out of its way, and leaves one host with a tenth
/// of a server at most.
inline constexpr PlaceLimits kHostLimits{.sockets_max = 5'000,
                                         .silent_sockets_max = 500,
                                         .sessions_max = 4'500,
                                         .sockets = {.per_s = 500, .burst = 5'000},
                                         .requests = {.per_s = 2'000, .burst = 40'000},
                                         .creates = {.per_s = 10, .burst = 100},
                                         .joins = {.per_s = 200, .burst = 5'000},
                                         .signals = {.per_s = 10'000, .burst = 100'000},
                                         .events = {.per_s = 2'000, .burst = 20'000}};
/// Twice that for all of a site: its neighbors are as often one attacker's as a second school.
inline constexpr PlaceLimits kSiteLimits{.sockets_max = 10'000,
                                         .silent_sockets_max = 1'000,
                                         .sessions_max = 9'000,
                                         .sockets = {.per_s = 1'000, .burst = 10'000},
                                         .requests = {.per_s = 4'000, .burst = 80'000},
                                         .creates = {.per_s = 20, .burst = 200},
                                         .joins = {.per_s = 400, .burst = 10'000},
                                         .signals = {.per_s = 20'000, .burst = 200'000},
                                         .events = {.per_s = 4'000, .burst = 40'000}};

/// Who may come in and how much he may ask for, by address: a host (an IPv4 address, an IPv6 /64) and its site (an IPv4 /24, an IPv6 /48)
/// are counted each, and both must agree.
///
/// Always holds: the counts of open sockets and sessions are true; a place is remembered while something of it is open, and after that
/// until its buckets are full again, but of those with nothing open at most `idle_places_max` (the longest idle is forgotten: it
/// gets its burst anew, which an attacker with so many addresses has anyway). So memory is bounded by what is open and that number.
///
/// This machine itself is not limited: what comes from there is a bench, a proxy that was not named as trusted, or its owner.
///
/// Out of scope: limits by connection (directory.hpp) and in all (http_server.hpp, engine_hub.hpp), and who the client is (gate.hpp).
class Admission {
 public:
  struct Options {
    PlaceLimits host = kHostLimits;
    PlaceLimits site = kSiteLimits;
    std::size_t idle_places_max = 16'384;  ///< of hosts, and as many of sites
  };

  explicit Admission(Options options) : hosts_{options.host, options.idle_places_max}, sites_{options.site, options.idle_places_max} {}

  /// Counted as open and silent, unless it is refused.
  [[nodiscard]] std::optional<Limit> open_socket(const IpAddress& from, Instant now);
  /// It sent a request: silent no more.
  void socket_spoke(const IpAddress& from);
  void close_socket(const IpAddress& from, bool spoke, Instant now);

  [[nodiscard]] std::optional<Limit> open_session(const IpAddress& from, Instant now);
  void close_session(const IpAddress& from, Instant now);

  /// Whether something may be done now: kRequestRate, kCreateRate, kJoinRate, kSignalRate or kEventRate.
  [[nodiscard]] bool take(const IpAddress& from, Limit rate, Instant now);

  /// Hosts and sites that are remembered.
  [[nodiscard]] std::size_t places() const { return hosts_.size() + sites_.size(); }
  void check_invariants() const;

 private:
  static constexpr std::size_t kRates = 6;

  struct Place {
    std::array<directory::TokenBucket, kRates> buckets;
    std::uint32_t sockets = 0;
    std::uint32_t silent_sockets = 0;
    std::uint32_t sessions = 0;
    std::optional<std::list<std::uint64_t>::iterator> idle;  // in the list of those with nothing open

    [[nodiscard]] bool open() const { return sockets > 0 || sessions > 0; }
    [[nodiscard]] bool full(Instant now) const;
  };

  /// Hosts, or sites.
  class Places {
   public:
    Places(const PlaceLimits& limits, std::size_t idle_max);

    [[nodiscard]] std::optional<Limit> why_no_socket(std::uint64_t key) const;
    [[nodiscard]] std::optional<Limit> why_no_session(std::uint64_t key) const;
    [[nodiscard]] bool take(std::uint64_t key, Limit rate, Instant now);
    /// The place, made if it is new.
    Place& at(std::uint64_t key);
    /// Something was closed, or nothing opened: it may be idle now.
    void release(std::uint64_t key, Place& place, Instant now);
    [[nodiscard]] std::size_t size() const { return places_.size(); }
    void check_invariants() const;

   private:
    void forget_oldest(Instant now);

    std::array<PlaceLimits::Rate, kRates> rates_;
    std::uint32_t sockets_max_;
    std::uint32_t silent_sockets_max_;
    std::uint32_t sessions_max_;
    std::size_t idle_max_;
    std::unordered_map<std::uint64_t, Place> places_;
    std::list<std::uint64_t> idle_;  // the longest idle first
  };

  Places hosts_;
  Places sites_;
};

}  // namespace p2p::net
