#include <gtest/gtest.h>

#include <deque>

#include "testing/relay_client.hpp"
#include "turn/relay.hpp"

namespace p2p::turn {
namespace {

using testing::at;
using testing::Bench;
using testing::RelayClient;

const Endpoint kPublic = at("9.9.9.9", 7000);

Endpoint home(std::uint16_t port) { return at("5.1.1.1", port); }

TEST(RelayQuota, OfAllocationsIsAPeersAndNotACredentials) {
  Bench bench{{.allocations_per_peer_max = 2}};
  RelayClient first{bench, home(1), "alice"};
  RelayClient second{bench, home(2), "alice", 2h};
  RelayClient third{bench, home(3), "alice", 3h};
  RelayClient bob{bench, home(4), "bob"};
  EXPECT_TRUE(first.allocate()->succeeded());
  EXPECT_TRUE(second.allocate()->succeeded());
  EXPECT_EQ(third.allocate()->error(), 486);
  EXPECT_EQ(bench.relay.stats().of(AllocationRefusal::kPeerQuota), 1U);
  EXPECT_TRUE(bob.allocate()->succeeded());
  EXPECT_TRUE(first.refresh(0)->succeeded());
  EXPECT_TRUE(third.allocate()->succeeded()) << "one has been given back";
}

TEST(RelayQuota, OfAllAllocationsBoundsTheSockets) {
  Bench bench{{.allocations_max = 3}};
  std::deque<RelayClient> clients;
  for (std::uint16_t i = 0; i < 5; ++i) {
    clients.emplace_back(bench, home(static_cast<std::uint16_t>(10 + i)), "peer " + std::to_string(i));
    EXPECT_EQ(clients.back().allocate()->error(), i < 3 ? 0 : 486);
  }
  EXPECT_EQ(bench.network.open.size(), 3U);
  EXPECT_EQ(bench.relay.stats().of(AllocationRefusal::kQuota), 2U);
}

TEST(RelayQuota, AFullRelayGivesUpWhatOnlyCarriedChecksOfIce) {
  Bench bench{{.allocations_max = 3}};
  RelayClient plays{bench, home(1), "alice"};
  RelayClient idle{bench, home(2), "bob"};
  RelayClient feeds{bench, home(3), "carol"};
  for (RelayClient* client : {&plays, &idle, &feeds}) {
    ASSERT_TRUE(client->allocate()->succeeded());
    ASSERT_TRUE(client->permit(kPublic)->succeeded());
  }
  RelayClient late{bench, home(4), "dave"};
  const std::string check("\x00\x01\x00\x00", 4);
  const std::string media("\x17\xfe\xfd", 3);   // DTLS application data
  for (int s = 0; s < 44; ++s) {
    bench.pass(1s);
    idle.send(kPublic, check);
    plays.send(kPublic, media);
    bench.relay.handle_peer(feeds.relayed.port, kPublic, as_bytes(media), bench.time);
  }
  EXPECT_EQ(late.allocate()->error(), 486) << "none is idle yet";
  bench.pass(1s);
  EXPECT_TRUE(late.allocate()->succeeded());
  EXPECT_EQ(idle.refresh(600)->error(), 437);
  EXPECT_TRUE(plays.refresh(600)->succeeded());
  EXPECT_TRUE(feeds.refresh(600)->succeeded());
  EXPECT_EQ(bench.relay.stats().allocations_given_up, 1U);
  EXPECT_EQ(bench.network.open.size(), 3U);
  EXPECT_EQ(idle.allocate()->error(), 486) << "what is new is not idle";
  bench.pass(45s);
  EXPECT_TRUE(idle.allocate()->succeeded()) << "who needs it asks again";
}

TEST(RelayQuota, OnesOwnQuotaMakesNobodyElseGiveWay) {
  Bench bench{{.allocations_max = 2, .allocations_per_peer_max = 1}};
  RelayClient alice{bench, home(1), "alice"};
  RelayClient bob{bench, home(2), "bob"};
  ASSERT_TRUE(alice.allocate()->succeeded());
  ASSERT_TRUE(bob.allocate()->succeeded());
  bench.pass(100s);
  RelayClient second{bench, home(3), "alice"};
  EXPECT_EQ(second.allocate()->error(), 486);
  EXPECT_EQ(bench.relay.stats().of(AllocationRefusal::kPeerQuota), 1U);
  EXPECT_TRUE(bob.refresh(600)->succeeded());
}

TEST(RelayQuota, WithoutAPortSaysSo) {
  Bench bench;
  bench.network.ports_max = 0;
  RelayClient client{bench, home(1), "alice"};
  EXPECT_EQ(client.allocate()->error(), 508);
  EXPECT_EQ(bench.relay.stats().of(AllocationRefusal::kNoPort), 1U);
}

TEST(RelayQuota, OfBandwidthDropsWhatIsAboveIt) {
  Bench bench{{.bits_per_s_per_peer = 800'000}};   // 100 datagrams of 1,000 bytes a second
  RelayClient client{bench, home(1), "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  ASSERT_TRUE(client.permit(kPublic)->succeeded());
  const std::string datagram(1'000, 'x');
  bench.pass(1s);   // the permission lives on; the burst is whole
  for (int i = 0; i < 1'000; ++i) client.send(kPublic, datagram);
  const std::size_t at_once = bench.network.to_peers.size();
  EXPECT_GE(at_once, 50U);
  EXPECT_LE(at_once, 52U) << "half a second's worth";
  for (int ms = 0; ms < 2'000; ++ms) {
    bench.pass(1ms);
    client.send(kPublic, datagram);
  }
  EXPECT_NEAR(static_cast<double>(bench.network.to_peers.size() - at_once), 200, 2);
  EXPECT_EQ(bench.relay.stats().dropped_bytes + bench.relay.stats().bytes(RelayedWay::kToPeer), 3'000U * 1'000U);
  EXPECT_EQ(bench.relay.stats().dropped_datagrams, bench.relay.stats().dropped_bytes / 1'000U);

  // What comes back counts as well, and so does what another allocation of the same peer carries.
  const std::size_t before = bench.network.to_clients.size();
  bench.relay.handle_peer(client.relayed.port, kPublic, as_bytes(datagram), bench.time);
  bench.relay.handle_peer(client.relayed.port, kPublic, as_bytes(datagram), bench.time);
  EXPECT_LE(bench.network.to_clients.size() - before, 1U);
}

TEST(RelayQuota, AnAllocationEndsUnlessItIsRefreshed) {
  Bench bench;
  RelayClient kept{bench, home(1), "alice"};
  RelayClient left{bench, home(2), "bob"};
  ASSERT_TRUE(kept.allocate()->succeeded());
  ASSERT_TRUE(left.allocate()->succeeded());
  EXPECT_LE(bench.relay.next_wake(), bench.time.now + 1s);
  bench.pass(599s);
  EXPECT_EQ(bench.network.open.size(), 2U);
  EXPECT_EQ(kept.refresh(5)->message.lifetime_s, 600U) << "a shorter life than usual is not worth its messages";
  EXPECT_EQ(kept.refresh(100'000)->message.lifetime_s, 3'600U);
  bench.pass(2s);
  EXPECT_EQ(bench.network.open.size(), 1U);
  EXPECT_EQ(bench.relay.stats().allocations, 1U);
  EXPECT_EQ(left.refresh(600)->error(), 437);
  bench.pass(3'601s);
  EXPECT_TRUE(bench.network.open.empty());
  EXPECT_EQ(bench.relay.next_wake(), kNever);
}

TEST(RelayQuota, PermissionsAndChannelsEndByThemselves) {
  Bench bench;
  RelayClient client{bench, home(1), "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  ASSERT_TRUE(client.bind(0x4000, kPublic)->succeeded());
  bench.pass(299s);
  client.send(0x4000, "in time");
  EXPECT_EQ(bench.network.to_peers.size(), 1U);
  bench.pass(2s);
  client.send(0x4000, "the permission has ended");
  EXPECT_EQ(bench.network.to_peers.size(), 1U);
  ASSERT_TRUE(client.permit(kPublic)->succeeded());
  client.send(0x4000, "renewed");
  EXPECT_EQ(bench.network.to_peers.size(), 2U);
  ASSERT_TRUE(client.refresh(3'600)->succeeded());
  bench.pass(300s);
  ASSERT_TRUE(client.permit(kPublic)->succeeded());
  client.send(0x4000, "the channel has ended");
  EXPECT_EQ(bench.network.to_peers.size(), 2U);
}

TEST(RelayQuota, AnAllocationHasABoundOfPermissions) {
  Bench bench;
  RelayClient client{bench, home(1), "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  const auto peer = [](int i) { return Endpoint{IpAddress::v4(9, 9, static_cast<std::uint8_t>(i), 1), 80}; };
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(client.permit(peer(i))->succeeded()) << i;
  EXPECT_EQ(client.permit(peer(64))->error(), 508);
  EXPECT_TRUE(client.permit(peer(7))->succeeded()) << "one that is there is renewed";
  bench.pass(301s);
  EXPECT_TRUE(client.permit(peer(64))->succeeded()) << "those that ended make room";
}

TEST(RelayQuota, ACredentialThatEndedMakesNothingNewAndKeepsWhatThereIs) {
  Bench bench;
  RelayClient client{bench, home(1), "alice", 100s};
  ASSERT_TRUE(client.allocate()->succeeded());
  bench.pass(101s);
  EXPECT_TRUE(client.refresh(600)->succeeded()) << "a link that plays goes on";
  EXPECT_TRUE(client.permit(kPublic)->succeeded());
  RelayClient late{bench, home(2), Credentials{make_credentials(testing::kSecret, "alice", bench.time.wall - 1s)}};
  EXPECT_EQ(late.allocate()->error(), 401);
  EXPECT_EQ(bench.relay.stats().of(AllocationRefusal::kCredentialEnded), 1U);
  RelayClient renewed{bench, home(2), "alice"};
  EXPECT_TRUE(renewed.allocate()->succeeded());
}

}  // namespace
}  // namespace p2p::turn
