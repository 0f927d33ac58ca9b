#include "router.hpp"

#include <gtest/gtest.h>

#include "testing/packets.hpp"

namespace p2p::netbox {
namespace {

using namespace testing;

Instant at(Duration time) { return Instant{} + time; }

Site public_site(std::string name, LinkOptions up = {}, LinkOptions down = {}) {
  return {.name = name, .hosts = {name}, .up = up, .down = down};
}
Site home_site(std::string name, NatOptions nat = {}) { return {.name = name, .hosts = {name}, .nat = nat}; }

/// A router and the hosts' addresses; host n is the n-th of the network.
class Box {
 public:
  explicit Box(Network network) : router{network}, hosts{addresses_of(network)} {}

  Endpoint endpoint(std::size_t host, std::uint16_t port) const { return {hosts[host].address, port}; }
  void send(std::size_t host, Endpoint from, Endpoint to, Instant now, std::size_t payload = 10) {
    router.handle_packet(host, udp_packet(from, to, payload), now);
  }
  std::vector<Router::Delivery> until(Instant now) {
    std::vector<Router::Delivery> all;
    while (auto delivery = router.poll(now)) all.push_back(std::move(*delivery));
    return all;
  }

  Router router;
  std::vector<HostAddress> hosts;
};

TEST(Router, LatencyIsThatOfBothLinesAndTheDistance) {
  Network network{.sites = {public_site("a", {.delay = 10ms}), public_site("b", {}, {.delay = 5ms})}};
  network.sites[1].x_ms = 3;
  network.sites[1].y_ms = 4;
  Box box{network};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  EXPECT_TRUE(box.until(at(19'999us)).empty());
  const auto got = box.until(at(20ms));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].host, 1u);
  EXPECT_EQ(got[0].due, at(20ms));
  EXPECT_EQ(box.router.next_wake(), kNever);
}

TEST(Router, ALateWakeMakesNothingElseLate) {
  Box box{{.sites = {public_site("a", {.delay = 10ms}), public_site("b", {}, {.delay = 10ms})}}};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  const auto got = box.until(at(500ms));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].due, at(20ms));
}

TEST(Router, WakesItsDriverOnceForAPacket) {
  Network network{.sites = {public_site("a", {.delay = 10ms}), public_site("b", {}, {.delay = 5ms})}};
  network.sites[1].x_ms = 5;
  Box box{network};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  EXPECT_EQ(box.router.next_wake(), at(20ms));
  EXPECT_EQ(box.until(at(20ms)).size(), 1u);
  EXPECT_EQ(box.router.next_wake(), kNever);
}

TEST(Router, ALineThatGetsShorterWhileAPacketComesDeliversItInTime) {
  Network network{.sites = {public_site("a"), public_site("b", {}, {.delay = 100ms})}};
  network.sites[1].x_ms = 10;
  Box box{network};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  box.router.apply({.site = 1, .down = LinkOptions{.delay = 1ms}}, at(5ms));
  EXPECT_LE(box.router.next_wake(), at(10ms));
  EXPECT_TRUE(box.until(at(10ms)).empty());
  EXPECT_EQ(box.router.next_wake(), at(11ms));
  EXPECT_EQ(box.until(at(11ms)).size(), 1u);
}

TEST(Router, HostsBehindNatsMeetThroughTheirPublicEndpoints) {
  Box box{{.sites = {public_site("server"), home_site("a"), home_site("b")}}};
  box.send(1, box.endpoint(1, 100), box.endpoint(0, 3478), at(0ms));
  auto got = box.until(at(0ms));
  ASSERT_EQ(got.size(), 1u);
  const auto seen = view_of(got[0].packet).source();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->address, nat_address_of(1));
  box.send(2, box.endpoint(2, 200), *seen, at(1ms));
  got = box.until(at(1ms));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].host, 1u);
  EXPECT_EQ(view_of(got[0].packet).destination(), box.endpoint(1, 100));
  EXPECT_TRUE(checksums_right(got[0].packet));
}

TEST(Router, PrivateAddressesOfOtherSitesLeadNowhere) {
  Box box{{.sites = {home_site("a"), home_site("b")}}};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  EXPECT_TRUE(box.until(at(1s)).empty());
  EXPECT_EQ(box.router.counters(0).unroutable, 1u);
}

TEST(Router, HostsOfOneSiteReachEachOtherWithoutTheLine) {
  Site home = home_site("home");
  home.hosts = {"a", "b"};
  home.up.delay = 50ms;
  Box box{{.sites = {home}}};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  const auto got = box.until(at(0ms));
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].host, 1u);
}

TEST(Router, HairpinningIsOffUnlessAsked) {
  for (const bool hairpin : {false, true}) {
    Site home = home_site("home", {.hairpin = hairpin});
    home.hosts = {"a", "b"};
    Box box{{.sites = {home, public_site("server")}}};
    box.send(1, box.endpoint(1, 700), box.endpoint(2, 3478), at(0ms));
    auto got = box.until(at(0ms));
    ASSERT_EQ(got.size(), 1u);
    box.send(0, box.endpoint(0, 600), *view_of(got[0].packet).source(), at(1ms));
    got = box.until(at(1ms));
    ASSERT_EQ(got.size(), hairpin ? 1u : 0u);
    if (hairpin) EXPECT_EQ(view_of(got[0].packet).source()->address, nat_address_of(0));
  }
}

TEST(Router, ABlockedSitePassesTcpAndNoUdp) {
  Site blocked = home_site("office");
  blocked.udp_blocked = true;
  Box box{{.sites = {blocked, public_site("server")}}};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  EXPECT_TRUE(box.until(at(1s)).empty());
  box.router.handle_packet(0, tcp_packet(box.endpoint(0, 1), box.endpoint(1, 80), 0x02), at(1s));
  EXPECT_EQ(box.until(at(1s)).size(), 1u);
  EXPECT_EQ(box.router.counters(0).udp_blocked, 1u);
}

TEST(Router, AnUnknownAddressIsAnsweredWithAnError) {
  Box box{{.sites = {home_site("a")}}};
  box.send(0, box.endpoint(0, 1), {address("203.0.113.9"), 5}, at(0ms));
  auto got = box.until(at(1s));
  ASSERT_EQ(got.size(), 1u);
  const Ipv4Packet error = view_of(got[0].packet);
  EXPECT_TRUE(checksums_right(got[0].packet));
  EXPECT_EQ(error.quoted()->source(), box.endpoint(0, 1)) << "back through the NAT";
}

TEST(Router, ADeadLineLosesWhatIsInItAndWhatComesUntilItLives) {
  Box box{{.sites = {public_site("a", {.delay = 20ms}), public_site("b")}}};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  box.router.apply({.site = 0, .alive = false}, at(10ms));
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(15ms));
  EXPECT_TRUE(box.until(at(1s)).empty());
  EXPECT_EQ(box.router.counters(0).up.dead, 2u);
  box.router.apply({.site = 0, .alive = true}, at(1s));
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(1s));
  EXPECT_EQ(box.until(at(2s)).size(), 1u);
}

TEST(Router, APacketInFlightBeyondTheDeadLineArrives) {
  Network network{.sites = {public_site("a"), public_site("b")}};
  network.sites[1].x_ms = 30;
  Box box{network};
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms));
  EXPECT_TRUE(box.until(at(10ms)).empty());
  box.router.apply({.site = 0, .alive = false}, at(10ms));
  EXPECT_EQ(box.until(at(1s)).size(), 1u);
}

TEST(Router, LinesAreAsFastAsTheyAreMade) {
  Box box{{.sites = {public_site("a"), public_site("b", {}, {.bits_per_s = 1'000'000, .queue_bytes = 100'000})}}};
  for (int i = 0; i < 10; ++i) box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(0ms), 1250 - 28);
  EXPECT_EQ(box.until(at(50ms)).size(), 5u);
  box.router.apply({.site = 1, .down = LinkOptions{}}, at(50ms));
  box.send(0, box.endpoint(0, 1), box.endpoint(1, 2), at(200ms));
  EXPECT_EQ(box.until(at(200ms)).size(), 6u);
}

TEST(Router, AHostCannotTakeAnothersAddress) {
  Box box{{.sites = {public_site("a"), public_site("b")}}};
  box.send(0, box.endpoint(1, 1), box.endpoint(1, 2), at(0ms));
  EXPECT_TRUE(box.until(at(1s)).empty());
}

}  // namespace
}  // namespace p2p::netbox
