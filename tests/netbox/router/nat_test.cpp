#include "nat.hpp"

#include <gtest/gtest.h>

#include "testing/packets.hpp"

namespace p2p::netbox {
namespace {

using namespace testing;

const Address kNat = address("198.19.0.1");
const Endpoint kHost{address("10.1.0.2"), 40000};
const Endpoint kServer{address("198.18.0.1"), 3478}, kServerElsewhere{address("198.18.0.1"), 9}, kPeer{address("198.18.0.2"), 5000};

Instant at(Duration time) { return Instant{} + time; }

/// One NAT, asked in UDP unless said otherwise.
class Home {
 public:
  explicit Home(NatOptions options) : nat{kNat, options, Prng{3}} {}
  Home(Dependence mapping, Dependence filtering) : Home{NatOptions{.mapping = mapping, .filtering = filtering}} {}

  std::optional<Endpoint> sends(Endpoint from, Endpoint to, Instant now = at(0s)) { return out(udp_packet(from, to), now); }
  std::optional<Endpoint> out(Bytes packet, Instant now = at(0s)) {
    Ipv4Packet view = view_of(packet);
    if (!nat.translate_out(view, now)) return std::nullopt;
    EXPECT_TRUE(checksums_right(packet));
    return view.source();
  }
  std::optional<Endpoint> receives(Endpoint from, Endpoint to, Instant now = at(0s)) { return in(udp_packet(from, to), now); }
  std::optional<Endpoint> in(Bytes packet, Instant now = at(0s)) {
    Ipv4Packet view = view_of(packet);
    if (!nat.translate_in(view, now)) return std::nullopt;
    EXPECT_TRUE(checksums_right(packet));
    return view.destination();
  }

  Nat nat;
};

TEST(Nat, EndpointIndependentMappingShowsOneEndpointToAll) {
  Home home{Dependence::kEndpointIndependent, Dependence::kEndpointIndependent};
  const auto seen = home.sends(kHost, kServer);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen, (Endpoint{kNat, 40000})) << "and keeps the port where it can";
  EXPECT_EQ(home.sends(kHost, kPeer), seen);
  EXPECT_EQ(home.receives(kPeer, *seen), kHost);
}

TEST(Nat, AddressDependentMappingShowsEachAddressAnother) {
  Home home{Dependence::kAddressDependent, Dependence::kAddressDependent};
  const auto seen = home.sends(kHost, kServer);
  EXPECT_EQ(home.sends(kHost, kServerElsewhere), seen);
  EXPECT_NE(home.sends(kHost, kPeer), seen);
}

TEST(Nat, SymmetricMappingShowsEachEndpointAnother) {
  Home home{Dependence::kAddressAndPortDependent, Dependence::kAddressAndPortDependent};
  const auto seen = home.sends(kHost, kServer);
  EXPECT_NE(home.sends(kHost, kServerElsewhere), seen);
  EXPECT_EQ(home.sends(kHost, kServer), seen);
  EXPECT_FALSE(home.receives(kPeer, *seen)) << "what a STUN server saw is of no use to others";
  EXPECT_EQ(home.receives(kServer, *seen), kHost);
}

TEST(Nat, AddressDependentFilteringLetsInWhomWeWroteTo) {
  Home home{Dependence::kEndpointIndependent, Dependence::kAddressDependent};
  const auto seen = home.sends(kHost, kServer);
  EXPECT_EQ(home.receives(kServerElsewhere, *seen), kHost);
  EXPECT_FALSE(home.receives(kPeer, *seen));
}

TEST(Nat, AddressAndPortDependentFilteringLooksAtThePortToo) {
  Home home{Dependence::kEndpointIndependent, Dependence::kAddressAndPortDependent};
  const auto seen = home.sends(kHost, kServer);
  EXPECT_FALSE(home.receives(kServerElsewhere, *seen));
  home.sends(kHost, kServerElsewhere);
  EXPECT_EQ(home.receives(kServerElsewhere, *seen), kHost);
}

TEST(Nat, NobodyComesInUninvited) {
  Home home{Dependence::kEndpointIndependent, Dependence::kEndpointIndependent};
  EXPECT_FALSE(home.receives(kPeer, {kNat, 40000}));
}

TEST(Nat, AUdpMappingLastsAsLongAsTheInsideSpeaks) {
  Home home{NatOptions{.udp_timeout = 30s}};
  const auto seen = home.sends(kHost, kServer);
  EXPECT_TRUE(home.receives(kPeer, *seen, at(29s)));
  EXPECT_FALSE(home.receives(kPeer, *seen, at(31s))) << "inbound packets do not keep it";
  const auto again = home.sends(kHost, kServer, at(40s));
  home.sends(kHost, kServer, at(60s));
  EXPECT_TRUE(home.receives(kPeer, *again, at(80s)));
}

TEST(Nat, TwoHostsWithTheSamePortGetDifferentOnes) {
  Home home{Dependence::kEndpointIndependent, Dependence::kEndpointIndependent};
  const Endpoint other{address("10.1.0.3"), kHost.port};
  const auto first = home.sends(kHost, kServer), second = home.sends(other, kServer);
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->port, second->port);
  EXPECT_EQ(home.receives(kPeer, *second), other);
}

TEST(Nat, AFullTableRefusesNewMappingsUntilOldOnesExpire) {
  Home home{NatOptions{.udp_timeout = 30s, .mappings_max = 2}};
  EXPECT_TRUE(home.sends({kHost.address, 1}, kServer, at(1s)));
  EXPECT_TRUE(home.sends({kHost.address, 2}, kServer, at(1s)));
  EXPECT_FALSE(home.sends({kHost.address, 3}, kServer, at(2s)));
  EXPECT_TRUE(home.sends({kHost.address, 1}, kPeer, at(3s))) << "the old ones work on";
  EXPECT_TRUE(home.sends({kHost.address, 3}, kServer, at(40s)));
  EXPECT_LE(home.nat.mappings(), 2u);
}

TEST(Nat, TheListOfRemotesForgetsTheOldest) {
  Home home{NatOptions{.filtering = Dependence::kAddressAndPortDependent}};
  const auto seen = home.sends(kHost, kPeer, at(0s));
  for (std::uint16_t port = 1; port <= Nat::kRemotesMax; ++port) home.sends(kHost, {kServer.address, port}, at(1s));
  EXPECT_FALSE(home.receives(kPeer, *seen, at(2s)));
  EXPECT_TRUE(home.receives({kServer.address, 1}, *seen, at(2s)));
}

TEST(Nat, TcpPassesAndIsForgottenSoonAfterItsEnd) {
  Home home{NatOptions{.filtering = Dependence::kAddressAndPortDependent, .tcp_timeout = 1000s, .tcp_closing_timeout = 10s}};
  const auto seen = home.out(tcp_packet(kHost, kServer, 0x02), at(0s));
  ASSERT_TRUE(seen);
  EXPECT_EQ(home.in(tcp_packet(kServer, *seen, 0x12), at(900s)), kHost);
  EXPECT_EQ(home.in(tcp_packet(kServer, *seen, 0x10), at(1800s)), kHost) << "either end keeps it";
  home.out(tcp_packet(kHost, kServer, 0x11), at(1801s));
  EXPECT_FALSE(home.in(tcp_packet(kServer, *seen, 0x10), at(1812s)));
}

TEST(Nat, EchoesComeBackToTheirSender) {
  Home home{Dependence::kEndpointIndependent, Dependence::kEndpointIndependent};
  const auto seen = home.out(echo_request(kHost.address, kServer.address, 2000));
  ASSERT_TRUE(seen);
  EXPECT_EQ(home.in(echo_reply(kServer.address, kNat, seen->port)), (Endpoint{kHost.address, 2000}));
  EXPECT_FALSE(home.in(echo_request(kServer.address, kNat, seen->port))) << "a ping of the NAT is not for the host";
}

TEST(Nat, AnErrorFromOutsideReachesTheHostWithItsOwnPacketQuoted) {
  Home home{Dependence::kAddressAndPortDependent, Dependence::kAddressAndPortDependent};
  Bytes sent = udp_packet(kHost, kPeer);
  Ipv4Packet view = view_of(sent);
  ASSERT_TRUE(home.nat.translate_out(view, at(0s)));
  Bytes error = port_unreachable(kPeer.address, sent);
  Ipv4Packet back = view_of(error);
  ASSERT_TRUE(home.nat.translate_in(back, at(0s)));
  EXPECT_TRUE(checksums_right(error));
  EXPECT_EQ(back.destination_address(), kHost.address);
  EXPECT_EQ(back.quoted()->source(), kHost);
}

TEST(Nat, AnErrorFromInsideShowsThePublicEndpoint) {
  Home home{Dependence::kEndpointIndependent, Dependence::kEndpointIndependent};
  const auto seen = home.sends(kHost, kPeer);
  Bytes received = udp_packet(kPeer, *seen);
  Ipv4Packet view = view_of(received);
  ASSERT_TRUE(home.nat.translate_in(view, at(0s)));
  Bytes error = port_unreachable(kHost.address, received);
  Ipv4Packet out = view_of(error);
  ASSERT_TRUE(home.nat.translate_out(out, at(0s)));
  EXPECT_TRUE(checksums_right(error));
  EXPECT_EQ(out.source_address(), kNat);
  EXPECT_EQ(out.quoted()->destination(), *seen);
}

TEST(Nat, ErrorsAboutWhatNobodySentAreRefused) {
  Home home{Dependence::kEndpointIndependent, Dependence::kEndpointIndependent};
  Bytes error = port_unreachable(kPeer.address, udp_packet({kNat, 50000}, kPeer));
  Ipv4Packet view = view_of(error);
  EXPECT_FALSE(home.nat.translate_in(view, at(0s)));
}

}  // namespace
}  // namespace p2p::netbox
