#include "turn/server_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/relay_client.hpp"

namespace p2p::turn {
namespace {

using testing::Bench;
using testing::ip;
using ::testing::HasSubstr;
using State = ServerProbe::State;

const FiveTuple kFrom{.client = testing::at("198.51.100.7", 5'000), .local = ip("192.0.2.1")};

/// Lets a probe and a relay talk until the probe has nothing to ask.
State talk(ServerProbe& probe, Bench& bench) {
  while (!probe.request().empty()) {
    const std::size_t before = bench.network.to_clients.size();
    const Bytes request = probe.request();
    bench.relay.handle_client(kFrom, request, bench.time);
    if (bench.network.to_clients.size() == before) return probe.state();
    (void)probe.handle(bench.network.to_clients.back().second);
  }
  return probe.state();
}

ServerProbe::Options with(const Credentials& credentials) { return {.username = credentials.username, .password = credentials.password, .first_transaction = {}}; }

TEST(ServerProbe, LearnsFromAStunServerWhenceItIsSeenToCome) {
  Bench bench;
  ServerProbe probe{{}};
  EXPECT_EQ(talk(probe, bench), State::kDone);
  EXPECT_EQ(probe.findings().mapped, kFrom.client);
  EXPECT_FALSE(probe.findings().relayed);
}

TEST(ServerProbe, IsGivenARelayedAddressAndGivesItBack) {
  Bench bench;
  ServerProbe probe{with(make_credentials(testing::kSecret, "doctor", bench.time.wall + 1h))};
  EXPECT_EQ(talk(probe, bench), State::kDone);
  ASSERT_TRUE(probe.findings().relayed);
  EXPECT_EQ(probe.findings().relayed->ip, ip("192.0.2.1"));
  EXPECT_GT(probe.findings().lifetime.value_or(0s), 0s);
  EXPECT_EQ(bench.relay.stats().allocations_made, 1u);
  EXPECT_EQ(bench.relay.stats().allocations, 0u);
}

TEST(ServerProbe, SaysThatCredentialsAreRefused) {
  Bench bench;
  ServerProbe probe{with(make_credentials("another secret", "doctor", bench.time.wall + 1h))};
  EXPECT_EQ(talk(probe, bench), State::kFailed);
  EXPECT_EQ(probe.findings().error_code, 401);
  EXPECT_THAT(probe.findings().error, HasSubstr("refuses the credentials"));
  EXPECT_TRUE(probe.findings().mapped);
}

TEST(ServerProbe, SaysThatNoRelayedAddressIsLeft) {
  Bench bench{{.allocations_max = 0}};
  ServerProbe probe{with(make_credentials(testing::kSecret, "doctor", bench.time.wall + 1h))};
  EXPECT_EQ(talk(probe, bench), State::kFailed);
  EXPECT_THAT(probe.findings().error, HasSubstr("has no relayed address left"));
}

TEST(ServerProbe, PassesOverWhatIsNoAnswerToItsRequest) {
  ServerProbe probe{{}};
  const Bytes request = probe.request();
  EXPECT_EQ(probe.handle({}), State::kAsking);
  EXPECT_EQ(probe.handle(request), State::kAsking);
  Bytes other;
  StunWriter{other, StunClass::kSuccess, StunMethod::kBinding, TransactionId{}}.mapped(kFrom.client);
  EXPECT_EQ(probe.handle(other), State::kAsking);
  EXPECT_EQ(probe.request(), request);
}

TEST(ServerProbe, BelievesNoAllocationFromWhoDoesNotKnowThePassword) {
  ServerProbe probe{{.username = "u", .password = "p", .first_transaction = {}}};
  const auto answer = [&](StunClass kind, StunMethod method, auto fill) {
    Bytes bytes;
    StunWriter writer{bytes, kind, method, parse_stun(probe.request())->transaction};
    fill(writer);
    return probe.handle(bytes);
  };
  EXPECT_EQ(answer(StunClass::kSuccess, StunMethod::kBinding, [](StunWriter& w) { w.mapped(kFrom.client); }), State::kAsking);
  EXPECT_EQ(answer(StunClass::kError, StunMethod::kAllocate, [](StunWriter& w) { w.error(401, "").realm("r").nonce("n"); }), State::kAsking);
  EXPECT_EQ(answer(StunClass::kSuccess, StunMethod::kAllocate, [](StunWriter& w) { w.relayed(kFrom.client).lifetime(600); }), State::kFailed);
  EXPECT_THAT(probe.findings().error, HasSubstr("does not prove"));
}

TEST(ServerProbe, DoesNotAskForEverWhenEveryNonceIsStale) {
  ServerProbe probe{{.username = "u", .password = "p", .first_transaction = {}}};
  int asked = 0;
  while (probe.state() == State::kAsking) {
    ASSERT_LT(++asked, 20);
    Bytes bytes;
    const auto request = parse_stun(probe.request()).value();
    if (request.method == StunMethod::kBinding) {
      StunWriter{bytes, StunClass::kSuccess, request.method, request.transaction}.mapped(kFrom.client);
    } else {
      StunWriter{bytes, StunClass::kError, request.method, request.transaction}.error(request.username.empty() ? 401 : 438, "").realm("r").nonce("n");
    }
    (void)probe.handle(bytes);
  }
  EXPECT_EQ(probe.findings().error_code, 438);
}

}  // namespace
}  // namespace p2p::turn
