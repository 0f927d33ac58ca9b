#include <gtest/gtest.h>

#include <set>

#include "testing/relay_client.hpp"
#include "turn/relay.hpp"

namespace p2p::turn {
namespace {

using testing::at;
using testing::Bench;
using testing::ip;
using testing::RelayClient;

const Endpoint kHome = at("5.1.1.1", 4000);
const IpAddress kRelayAt = ip("192.0.2.1");
constexpr std::size_t kHeaderBytesV4 = 28;   // of IP and UDP

/// The shortest request of a method.
Bytes request_of(StunMethod method) {
  Bytes request;
  const StunWriter writer{request, StunClass::kRequest, method, {}};
  return request;
}

/// What the relay sends to `client` for one datagram; empty: nothing.
Bytes answer_to(Bench& bench, const Endpoint& client, const Bytes& datagram) {
  bench.network.to_clients.clear();
  bench.relay.handle_client({client, kRelayAt}, datagram, bench.time);
  return bench.network.to_clients.empty() ? Bytes{} : bench.network.to_clients.back().second;
}

TEST(RelayAbuse, AForgedRequestBringsItsVictimLessThanTwiceItsBytes) {
  Bench bench;
  std::vector<Bytes> requests;
  for (const auto method : {StunMethod::kBinding, StunMethod::kAllocate, StunMethod::kRefresh, StunMethod::kCreatePermission, StunMethod{0x00f}}) {
    requests.push_back(request_of(method));
    Bytes unknown = request_of(method);   // eight attributes that must be understood and are not
    unknown[3] = std::byte{32};
    for (std::uint16_t i = 0; i < 8; ++i) append_big_endian(unknown, std::uint32_t{0x7000U + i} << 16);
    requests.push_back(unknown);
    Bytes malformed = request_of(method);   // an attribute that is longer than the datagram
    malformed[3] = std::byte{4};
    append_big_endian(malformed, std::uint32_t{0x00060400});
    requests.push_back(malformed);
    Bytes guessed;
    StunWriter writer{guessed, StunClass::kRequest, method, {}};
    writer.username("1:x").realm("r").nonce("n").integrity(IntegrityKey{});
    requests.push_back(guessed);
  }
  for (const char* victim : {"5.1.1.1", "2600::77"}) {
    for (const Bytes& request : requests) {
      const Bytes answer = answer_to(bench, at(victim, 4000), request);
      EXPECT_LE(answer.size(), 64U);
      EXPECT_LT(answer.size() + kHeaderBytesV4, 2 * (request.size() + kHeaderBytesV4));
    }
  }
}

TEST(RelayAbuse, OfForgedRequestsOnlySoManyAreAnsweredForOneNetworkAndInAll) {
  // With its headers an answer is counted as 92 bytes: 100 a second to a network, 1,000 to all.
  Bench bench{{.unproven_bits_per_s = 736'000, .unproven_bits_per_s_per_network = 73'600}};
  const Bytes binding = request_of(StunMethod::kBinding);
  const auto flood = [&](int requests, auto from) {
    std::size_t answered = 0;
    for (int i = 0; i < requests; ++i) answered += answer_to(bench, from(i), binding).empty() ? 0 : 1;
    return answered;
  };
  const auto one_network = [](int i) { return Endpoint{IpAddress::v4(5, 1, 1, static_cast<std::uint8_t>(i)), 53}; };
  const auto everywhere = [](int i) {
    return Endpoint{IpAddress::v4(static_cast<std::uint8_t>(20 + i / 65'536), static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i), 1), 53};
  };
  bench.pass(1s);
  const std::size_t of_one = flood(5'000, one_network);
  EXPECT_NEAR(static_cast<double>(of_one), 50, 1) << "half a second's worth at once";
  EXPECT_GE(bench.relay.stats().of(Unanswered::kNetwork), 4'900U);
  EXPECT_FALSE(answer_to(bench, at("5.1.2.1", 53), binding).empty()) << "the next network is as it was";
  bench.pass(1s);
  const std::size_t of_all = flood(100'000, everywhere);
  EXPECT_NEAR(static_cast<double>(of_all), 500, 2);
  EXPECT_GE(bench.relay.stats().of(Unanswered::kAll), 90'000U);
  EXPECT_EQ(bench.relay.stats().bindings_answered, of_one + 1 + of_all);
  bench.pass(1s);
  EXPECT_FALSE(answer_to(bench, at("5.1.1.1", 53), binding).empty()) << "nobody is remembered as bad";
}

TEST(RelayAbuse, WhoHasAnAllocationIsServedWhateverIsAskedInHisName) {
  Bench bench{{.unproven_bits_per_s = 736'000, .unproven_bits_per_s_per_network = 73'600}};
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  const Bytes binding = request_of(StunMethod::kBinding);
  for (int i = 0; i < 1'000; ++i) (void)answer_to(bench, kHome, binding);
  EXPECT_TRUE(answer_to(bench, kHome, binding).empty());
  EXPECT_TRUE(client.refresh(600)->succeeded());
  EXPECT_TRUE(client.permit(at("9.9.9.9", 7000))->succeeded());
}

TEST(RelayAbuse, AnswersAreToldFromRequestsSoTwoServersCannotKeepEachOtherBusy) {
  Bench bench;
  // Each answer that it may give, sent back to it under the name of another server (RFC 8656, 21.1.7).
  for (const auto method : {StunMethod::kBinding, StunMethod::kAllocate}) {
    const Bytes answer = answer_to(bench, kHome, request_of(method));
    ASSERT_FALSE(answer.empty());
    EXPECT_TRUE(answer_to(bench, kHome, answer).empty());
  }
}

TEST(RelayAbuse, ANonceIsOfNoUseToAnybodyElseAndGuessedOnesAreStale) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  ASSERT_TRUE(client.allocate()->succeeded());
  const std::string good = client.nonce;
  std::set<std::string> guesses{"", "x", std::string(16, 'A'), std::string(16, '='), good + "AAAA", good.substr(4), " " + good.substr(1), std::string(700, 'n')};
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string other = good;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    guesses.insert(other);
  }
  for (const std::string& guess : guesses) {
    if (guess.empty()) continue;
    client.nonce = guess;
    EXPECT_EQ(client.refresh(600)->error(), 438) << guess;
    EXPECT_FALSE(client.nonce.empty()) << "a fresh one comes with it";
  }
  EXPECT_TRUE(client.refresh(600)->succeeded()) << "with the one that came";
  EXPECT_EQ(bench.relay.stats().of(AuthenticationFailure::kStaleNonce), guesses.size() - 1);
}

TEST(RelayAbuse, WhatItDoesNotUnderstandItSaysToWhoHasACredential) {
  Bench bench;
  RelayClient client{bench, kHome, "alice"};
  const Credentials credentials = make_credentials(testing::kSecret, "alice", bench.time.wall + 1h);
  const auto even_port = [&] {
    Bytes request;
    StunWriter writer{request, StunClass::kRequest, StunMethod::kAllocate, {}};
    append_big_endian(request, std::uint32_t{0x00180001});   // EVEN-PORT (RFC 8656, 18.7)
    append_big_endian(request, std::uint32_t{0x80000000});
    writer.udp_transport();   // which writes the length of all
    if (!client.nonce.empty()) {
      writer.username(credentials.username).realm(testing::kRealm).nonce(client.nonce);
      writer.integrity(integrity_key(credentials.username, testing::kRealm, credentials.password));
    }
    return request;
  };
  EXPECT_EQ(client.exchange(even_port())->error(), 401);
  const auto answer = client.exchange(even_port());
  EXPECT_EQ(answer->error(), 420);
  EXPECT_TRUE(answer->message.integrity_at) << "else the client takes it for a forger's (RFC 8489, 9.2.5)";
  EXPECT_EQ(bench.relay.stats().of(AllocationRefusal::kUnsupported), 1U);
}

}  // namespace
}  // namespace p2p::turn
