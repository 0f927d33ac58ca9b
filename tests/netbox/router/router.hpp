#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "network.hpp"

namespace p2p::netbox {

/// What became of a site's packets, since the start.
struct SiteCounters {
  struct Direction {
    std::uint64_t packets = 0, bytes = 0;   ///< that entered the line
    std::uint64_t lost = 0, queue_full = 0, dead = 0;
  };
  Direction up, down;
  std::uint64_t nat_refused_out = 0, nat_refused_in = 0, udp_blocked = 0;
  std::uint64_t unroutable = 0;             ///< to private or unknown addresses, or no IPv4
};

/// The network between the hosts: their lines, their NATs, the distance. Told the time and given packets; it does no I/O.
///
///     router.handle_packet(host, bytes, now);
///     while (auto delivery = router.poll(now)) write(delivery->host, delivery->packet);
///     wait_until(router.next_wake());
///
/// Always holds: the same network, packets and times give the same deliveries; at most `kPacketsMax` packets are under way, further
/// ones are dropped (and counted with their line's full queue); `now` never goes back.
///
/// Out of scope: IPv6, time to live (there is one hop and no loop), multicast, what a core's own congestion would do.
class Router {
 public:
  static constexpr std::size_t kPacketsMax = 200'000;

  struct Delivery {
    std::size_t host = 0;   ///< its place in addresses_of()
    Bytes packet;
    Instant due{};          ///< when it should have been delivered
  };

  explicit Router(const Network& network);

  void handle_packet(std::size_t host, Bytes packet, Instant now);
  void apply(const Change& change, Instant now);

  [[nodiscard]] std::optional<Delivery> poll(Instant now);
  /// When the next delivery can be due. What happens to a packet before that is done then, as of its own time: so a packet costs
  /// its driver one wake, not one for each part of its way.
  [[nodiscard]] Instant next_wake() const { return wakes_.empty() ? kNever : wakes_.front(); }

  [[nodiscard]] const SiteCounters& counters(std::size_t site) const { return sites_[site].counters; }

 private:
  enum class Stage : std::uint8_t { kUp, kCore, kDown, kLan };   ///< what the packet is in

  struct SiteState {
    Link up, down;
    std::optional<Nat> nat;
    bool udp_blocked = false;
    double x_ms = 0, y_ms = 0;
    SiteCounters counters;
  };
  struct UnderWay {
    Instant at{};
    std::uint64_t order = 0;
    Instant entered{};
    Stage stage = Stage::kUp;
    std::uint16_t from = 0, to = 0;   ///< sites; `to` is `from` where the packet can go nowhere: an error comes back
    bool unroutable = false;
    std::uint32_t host = 0;           ///< who gets it, in kLan
    Bytes packet;
    [[nodiscard]] bool later_than(const UnderWay& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  struct Later {
    bool operator()(const UnderWay& a, const UnderWay& b) const { return a.later_than(b); }
  };

  void put(UnderWay packet);
  [[nodiscard]] Instant earliest_delivery(const UnderWay& packet) const;
  void plan_wake(Instant at);
  UnderWay take();
  void leave_site(std::size_t site, Bytes packet, Ipv4Packet view, Instant now);
  [[nodiscard]] std::optional<std::size_t> site_of(Address destination) const;
  void cross_core(UnderWay packet, Instant now);
  void enter_link(bool up, UnderWay packet, Instant now);
  void enter_site(UnderWay packet, Instant now);
  void hairpin(std::size_t site, Bytes packet, Ipv4Packet view, Instant now);
  [[nodiscard]] std::optional<std::size_t> host_at(Address address) const;
  [[nodiscard]] Duration distance(std::size_t from, std::size_t to) const;

  std::vector<SiteState> sites_;
  std::vector<HostAddress> hosts_;
  std::map<Address, std::size_t> host_by_address_;
  std::map<Address, std::size_t> site_by_nat_;
  std::vector<UnderWay> under_way_;   ///< a heap, the earliest first
  std::vector<Instant> wakes_;        ///< a heap, the earliest first; some have become needless
  std::uint64_t order_ = 0;
};

}  // namespace p2p::netbox
