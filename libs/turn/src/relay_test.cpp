#include "turn/relay.hpp"

#include <gtest/gtest.h>

#include "testing/relay_client.hpp"

namespace p2p::turn {
namespace {

using testing::at;
using testing::Bench;
using testing::bytes_of;
using testing::ip;
using testing::RelayClient;

const Endpoint kHome = at("5.1.1.1", 4000);    // a client's, as the relay sees it
const Endpoint kOther = at("5.2.2.2", 5000);   // another's
const Endpoint kPublic = at("9.9.9.9", 7000);  // a peer without an allocation

TEST(Relay, TellsWhereADatagramCameFrom) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  const auto answer = client.ask(StunMethod::kBinding, [](StunWriter&) {});
  ASSERT_TRUE(answer && answer->succeeded());
  EXPECT_EQ(answer->message.mapped, kHome);
  EXPECT_EQ(answer->message.transaction, client.transaction);
}

TEST(Relay, WithoutASecretIsStunAlone) {
  testing::FakeNetwork network;
  Relay relay{{}, {}, network};
  Bytes request;
  StunWriter{request, StunClass::kRequest, StunMethod::kAllocate, {}}.udp_transport();
  relay.handle_client({kHome, ip("192.0.2.1")}, request, {});
  EXPECT_TRUE(network.to_clients.empty());
}

TEST(Relay, GivesAnAllocationToAGoodCredentialOnly) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  const auto challenge = client.ask(StunMethod::kAllocate, [](StunWriter& w) { w.udp_transport(); });
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->error(), 401);
  EXPECT_EQ(challenge->message.realm, "p2p-stream");
  const auto made = client.allocate();
  ASSERT_TRUE(made && made->succeeded());
  EXPECT_EQ(made->message.relayed, (Endpoint{ip("192.0.2.1"), 50'000}));
  EXPECT_EQ(made->message.lifetime_s, 600U);
  EXPECT_EQ(made->message.mapped, kHome);

  RelayClient liar{bench, kOther, Credentials{.username = "99999999999:mallory", .password = "guessed"}};
  EXPECT_EQ(liar.allocate()->error(), 401);
  RelayClient nobody{bench, kOther, Credentials{.username = "mallory", .password = password_of(testing::kSecret, "mallory")}};
  EXPECT_EQ(nobody.allocate()->error(), 401) << "a name without an end";
  EXPECT_EQ(bench.relay.stats().of(AuthenticationFailure::kCredential), 2U);
  EXPECT_EQ(bench.network.open.size(), 1U);
}

TEST(Relay, TellsTheExternalAddressWhenItHasOne) {
  Bench bench{{.external_address = ip("203.0.113.80")}};
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  EXPECT_EQ(client.relayed.ip, ip("203.0.113.80"));
}

TEST(Relay, ANonceIsForOneAddressAndOneHour) {
  Bench bench;
  RelayClient client{bench, kHome, "alice", 100h};
  ASSERT_TRUE(client.allocate()->succeeded());
  RelayClient thief{bench, kOther, "alice", 100h};
  thief.nonce = client.nonce;
  EXPECT_EQ(thief.allocate()->error(), 438);
  for (int i = 0; i < 7; ++i) {
    bench.pass(500s);
    EXPECT_TRUE(client.refresh(600)->succeeded());
  }
  bench.pass(200s);
  const auto stale = client.refresh(600);
  EXPECT_EQ(stale->error(), 438);
  EXPECT_TRUE(client.refresh(600)->succeeded()) << "with the new nonce";
}

TEST(Relay, CarriesDataBothWaysOncePermitted) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  client.send(kPublic, "too early");
  bench.relay.handle_peer(client.relayed.port, kPublic, as_bytes("uninvited"), bench.time);
  EXPECT_TRUE(bench.network.to_peers.empty());
  ASSERT_TRUE(client.permit(kPublic)->succeeded());
  const std::size_t answers = bench.network.to_clients.size();

  client.send(kPublic, "hello");
  ASSERT_EQ(bench.network.to_peers.size(), 1U);
  EXPECT_EQ(bench.network.to_peers[0].peer, kPublic);
  EXPECT_EQ(bench.network.to_peers[0].data, bytes_of("hello"));
  EXPECT_EQ(bench.network.to_peers[0].port, client.relayed.port);

  // From any port of that address (RFC 8656, 9), as a data indication.
  bench.relay.handle_peer(client.relayed.port, at("9.9.9.9", 7001), as_bytes("hello too"), bench.time);
  ASSERT_EQ(bench.network.to_clients.size(), answers + 1);
  const auto indication = parse_stun(bench.network.to_clients.back().second);
  ASSERT_TRUE(indication);
  EXPECT_EQ(indication->kind, StunClass::kIndication);
  EXPECT_EQ(indication->method, StunMethod::kData);
  EXPECT_EQ(indication->peers().front(), at("9.9.9.9", 7001));
  EXPECT_EQ(as_text(*indication->data), "hello too");

  bench.relay.handle_peer(client.relayed.port, at("9.9.9.8", 7000), as_bytes("a stranger"), bench.time);
  EXPECT_EQ(bench.network.to_clients.size(), answers + 1);
}

TEST(Relay, AChannelIsOneEndpointAndTwoPortsOfAnAddressHaveOneEach) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  const Endpoint second = at("9.9.9.9", 7001);   // the same router, another mapping of its symmetric NAT
  ASSERT_TRUE(client.bind(0x4000, kPublic)->succeeded());
  ASSERT_TRUE(client.bind(0x4001, second)->succeeded());
  EXPECT_EQ(client.bind(0x4000, second)->error(), 400) << "the number is taken";
  EXPECT_EQ(client.bind(0x4002, second)->error(), 400) << "the endpoint has one";
  EXPECT_EQ(client.bind(0x3fff, kOther)->error(), 400);
  EXPECT_EQ(client.bind(0x5000, kOther)->error(), 400);
  EXPECT_TRUE(client.bind(0x4000, kPublic)->succeeded()) << "again, which renews it";

  client.send(0x4001, "by channel");
  ASSERT_EQ(bench.network.to_peers.size(), 1U);
  EXPECT_EQ(bench.network.to_peers[0].peer, second);
  bench.relay.handle_peer(client.relayed.port, kPublic, as_bytes("back"), bench.time);
  EXPECT_EQ(client.last(), (Bytes{std::byte{0x40}, std::byte{0}, std::byte{0}, std::byte{4}, std::byte{'b'}, std::byte{'a'}, std::byte{'c'}, std::byte{'k'}}));
}

TEST(Relay, TwoOfItsOwnAllocationsReachEachOtherInside) {
  // The address is a private one and the external one is of a router that would not turn it back: neither matters.
  for (const auto& external : {std::optional<IpAddress>{}, std::optional{ip("203.0.113.80")}}) {
    Bench bench{{.external_address = external}};
    RelayClient alice{bench, kHome, "alice"};
    RelayClient bob{bench, kOther, "bob"};
    ASSERT_TRUE(alice.allocate()->succeeded());
    ASSERT_TRUE(bob.allocate()->succeeded());
    ASSERT_TRUE(alice.permit(bob.relayed)->succeeded());
    alice.send(bob.relayed, "not yet");
    EXPECT_NE(parse_stun(*bob.last())->method, StunMethod::kData) << "bob has not permitted it";
    ASSERT_TRUE(bob.bind(0x4000, alice.relayed)->succeeded());
    alice.send(bob.relayed, "hi");
    EXPECT_EQ(bob.last(), (Bytes{std::byte{0x40}, std::byte{0}, std::byte{0}, std::byte{2}, std::byte{'h'}, std::byte{'i'}}));
    bob.send(0x4000, "hi too");
    const auto answer = parse_stun(*alice.last());
    EXPECT_EQ(answer->peers().front(), bob.relayed);
    EXPECT_TRUE(bench.network.to_peers.empty());
  }
}

TEST(Relay, ReachesNoOtherPortOfItsOwnMachine) {
  Bench bench{{.external_address = ip("9.1.1.1")}};
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  const Endpoint service = at("9.1.1.1", 53);
  ASSERT_TRUE(client.permit(service)->succeeded()) << "another allocation may be there";
  client.send(service, "query");
  EXPECT_TRUE(bench.network.to_peers.empty());
}

TEST(Relay, RefusesSpecialAddresses) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  for (const char* text : {"127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "172.20.0.1"}) {
    EXPECT_EQ(client.permit(at(text, 80))->error(), 403) << text;
    EXPECT_EQ(client.bind(0x4000, at(text, 80))->error(), 403) << text;
    client.send(at(text, 80), "x");
  }
  EXPECT_EQ(client.permit(at("2600::1", 80))->error(), 443) << "the allocation is of the other family";
  EXPECT_TRUE(bench.network.to_peers.empty());
  EXPECT_EQ(bench.relay.stats().refused_addresses, 14U);
}

TEST(Relay, RefusesSpecialAddressesOfIPv6) {
  Bench bench{{.external_address = ip("2600::5")}};
  RelayClient client{bench, at("2600::77", 4000), "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  for (const char* text : {"::1", "fe80::1", "fd00::1", "64:ff9b::7f00:1", "2002:7f00:1::1"}) EXPECT_EQ(client.permit(at(text, 80))->error(), 403) << text;
  EXPECT_TRUE(client.permit(at("2a00::1", 80))->succeeded());
}

TEST(Relay, ReachesAPrivateNetworkThatItsOwnerAllowed) {
  Bench bench{{.allowed = parse_ranges("192.168.1.0/24").value()}};
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  const Endpoint neighbor = at("192.168.1.20", 4000);
  EXPECT_TRUE(client.permit(neighbor)->succeeded());
  EXPECT_EQ(client.permit(at("192.168.2.20", 4000))->error(), 403);
  client.send(neighbor, "x");
  ASSERT_EQ(bench.network.to_peers.size(), 1U);
}

TEST(Relay, AnswersARepeatedAllocateAgainAndRefusesASecond) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  const Endpoint first = client.relayed;
  client.transaction[0] = std::byte{1};   // the one before comes again: its answer was lost
  ASSERT_TRUE(client.allocate()->succeeded());
  EXPECT_EQ(client.relayed, first);
  EXPECT_EQ(client.allocate()->error(), 437);
  EXPECT_EQ(bench.network.open.size(), 1U);
}

TEST(Relay, RefusesWhatItDoesNotSpeak) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  (void)client.allocate();
  EXPECT_EQ(client.ask(StunMethod{0x00f}, [](StunWriter&) {})->error(), 400);
  RelayClient other{bench, kOther, "bob"};
  EXPECT_EQ(other.refresh(600)->error(), 401);
  EXPECT_EQ(other.refresh(600)->error(), 437) << "there is no allocation";
  EXPECT_EQ(other.ask(StunMethod::kAllocate, [](StunWriter&) {})->error(), 400) << "of what?";
  EXPECT_EQ(other.ask(StunMethod::kAllocate, [](StunWriter& w) { w.udp_transport().family(2); })->error(), 440);
  RelayClient thief{bench, kHome, "mallory"};
  thief.nonce = client.nonce;
  EXPECT_EQ(thief.refresh(0)->error(), 441) << "it is alice's";
}

}  // namespace
}  // namespace p2p::turn
