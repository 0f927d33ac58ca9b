#include "admission.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <map>
#include <string>
#include <vector>

#include "base/prng.hpp"

namespace p2p::net {
namespace {

constexpr Instant kStart{1'000s};

IpAddress v4(std::uint32_t number) {
  IpAddress address{.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
  for (std::size_t i = 0; i < 4; ++i) address.bytes[12 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return address;
}
IpAddress at(const char* text) { return parse_ip_address(text).value_or(IpAddress{}); }

PlaceLimits small() {
  return {.sockets_max = 4,
          .silent_sockets_max = 2,
          .sessions_max = 3,
          .sockets = {.per_s = 1'000, .burst = 1'000},
          .requests = {.per_s = 10, .burst = 5},
          .creates = {.per_s = 1, .burst = 1},
          .joins = {.per_s = 10, .burst = 5},
          .signals = {.per_s = 10, .burst = 5},
          .events = {.per_s = 10, .burst = 5}};
}
PlaceLimits twice(PlaceLimits limits) {
  limits.sockets_max *= 2;
  limits.silent_sockets_max *= 2;
  limits.sessions_max *= 2;
  for (auto* rate : {&limits.sockets, &limits.requests, &limits.creates, &limits.joins, &limits.signals, &limits.events}) {
    *rate = {.per_s = 2 * rate->per_s, .burst = 2 * rate->burst};
  }
  return limits;
}

TEST(Admission, LimitsAHostAndThenItsSite) {
  Admission admission{{.host = small(), .site = twice(small())}};
  const auto open = [&](const char* from) {
    const auto refused = admission.open_session(at(from), kStart);
    return refused ? to_text(*refused) : "open";
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(open("203.0.113.1"), "open");
  EXPECT_EQ(open("203.0.113.1"), "sessions");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(open("203.0.113.2"), "open") << "its neighbor has a share of its own";
  EXPECT_EQ(open("203.0.113.3"), "sessions") << "the site has no more";
  EXPECT_EQ(open("203.0.114.1"), "open");
  admission.close_session(at("203.0.113.1"), kStart);
  EXPECT_EQ(open("203.0.113.3"), "open");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(open(i == 0 ? "2001:db8:1:1::1" : "2001:db8:1:1:2:3:4:5"), "open");
  EXPECT_EQ(open("2001:db8:1:1::9"), "sessions") << "one IPv6 host has all of its /64";
  admission.check_invariants();
}

TEST(Admission, LimitsSocketsThatSayNothing) {
  Admission admission{{.host = small(), .site = twice(small())}};
  const IpAddress from = at("203.0.113.1");
  EXPECT_FALSE(admission.open_socket(from, kStart));
  EXPECT_FALSE(admission.open_socket(from, kStart));
  EXPECT_EQ(admission.open_socket(from, kStart), Limit::kSilentSockets);
  admission.socket_spoke(from);
  EXPECT_FALSE(admission.open_socket(from, kStart));
  admission.socket_spoke(from);
  EXPECT_FALSE(admission.open_socket(from, kStart));
  EXPECT_EQ(admission.open_socket(from, kStart), Limit::kSockets);
  admission.close_socket(from, false, kStart);
  EXPECT_FALSE(admission.open_socket(from, kStart));
  admission.check_invariants();
}

TEST(Admission, LimitsRatesByEvent) {
  Admission admission{{.host = small(), .site = twice(small())}};
  const auto taken = [&](const char* from, Limit rate, Instant now) {
    int count = 0;
    while (admission.take(at(from), rate, now)) ++count;
    return count;
  };
  EXPECT_EQ(taken("203.0.113.1", Limit::kCreateRate, kStart), 1);
  EXPECT_EQ(taken("203.0.113.1", Limit::kJoinRate, kStart), 5) << "a bucket of its own";
  EXPECT_EQ(taken("203.0.113.2", Limit::kJoinRate, kStart), 5);
  EXPECT_EQ(taken("203.0.113.3", Limit::kJoinRate, kStart), 0) << "the site has no more";
  EXPECT_EQ(taken("203.0.113.1", Limit::kJoinRate, kStart + 10s), 5);
}

TEST(Admission, LeavesItsOwnMachineAlone) {
  Admission admission{{.host = small(), .site = small()}};
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(admission.open_socket(at("127.0.0.1"), kStart));
    EXPECT_FALSE(admission.open_session(at("::1"), kStart));
    EXPECT_TRUE(admission.take(at("127.0.0.1"), Limit::kCreateRate, kStart));
  }
  EXPECT_EQ(admission.places(), 0u);
}

/// A school of 4,000 behind one address, whose lesson begins within half a minute.
TEST(Admission, LetsASchoolWatch) {
  Admission admission{{}};
  const IpAddress school = at("203.0.113.1");
  constexpr int kPupils = 4'000;
  Instant now = kStart;
  for (int pupil = 0; pupil < kPupils; ++pupil) {
    now += Duration{30s} / kPupils;
    ASSERT_FALSE(admission.open_socket(school, now)) << pupil;
    admission.socket_spoke(school);
    for (int file = 0; file < 20; ++file) ASSERT_TRUE(admission.take(school, Limit::kRequestRate, now)) << pupil;
    ASSERT_FALSE(admission.open_session(school, now)) << pupil;
    ASSERT_TRUE(admission.take(school, Limit::kJoinRate, now)) << pupil;
    for (int signal = 0; signal < 16 * 6; ++signal) ASSERT_TRUE(admission.take(school, Limit::kSignalRate, now)) << pupil;
    if (pupil % 100 == 0) {
      for (int report = 0; report < pupil * 30 / kPupils / 5; ++report) ASSERT_TRUE(admission.take(school, Limit::kEventRate, now)) << pupil;
    }
  }
}

TEST(Admission, StaysSmallWhen100000AddressesCome) {
  constexpr std::uint32_t kAddresses = 100'000;
  constexpr std::size_t kIdleMax = 16'384;
  const std::size_t before = mallinfo2().uordblks;
  Admission admission{{.idle_places_max = kIdleMax}};
  std::size_t most = 0;
  for (std::uint32_t i = 0; i < kAddresses; ++i) {
    const IpAddress from = v4(0x0b000000 + i * 257);  // each its own site
    const Instant now = kStart + i * 10us;
    ASSERT_FALSE(admission.open_socket(from, now));
    for (int create = 0; create < 20; ++create) ASSERT_TRUE(admission.take(from, Limit::kCreateRate, now)) << "two seconds' worth";
    admission.close_socket(from, false, now);
    most = std::max(most, admission.places());
  }
  EXPECT_EQ(most, 2 * kIdleMax);
  admission.check_invariants();
  const std::size_t idle_kb = (mallinfo2().uordblks - before) / 1024;
  std::vector<IpAddress> open;
  for (std::uint32_t i = 0; i < 51'000; ++i) {
    open.push_back(v4(0x20000000 + i * 257));
    ASSERT_FALSE(admission.open_socket(open.back(), kStart + 1s));
  }
  EXPECT_LE(admission.places(), 2 * (kIdleMax + open.size()));
  const std::size_t open_kb = (mallinfo2().uordblks - before) / 1024;
  std::printf("100,000 addresses that come and go: %zu KB; with 51,000 sockets of other addresses open: %zu KB\n", idle_kb, open_kb);
  for (const IpAddress& from : open) admission.close_socket(from, false, kStart + 2s);
  static_cast<void>(admission.take(at("203.0.113.1"), Limit::kRequestRate, kStart + 60s));
  EXPECT_LE(admission.places(), 2u) << "once their buckets are full again";
}

/// Against counts kept apart, and the promise of each rate over the whole run.
TEST(Admission, CountsTrulyWhateverComes) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Prng prng{seed};
    const PlaceLimits limits = small();
    Admission admission{{.host = limits, .site = twice(limits), .idle_places_max = 8}};
    const std::vector<std::string> addresses{"203.0.113.1", "203.0.113.2", "203.0.114.1", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "2001:db8:1::1"};
    std::map<std::string, std::vector<bool>> sockets;  // whether each spoke
    std::map<std::string, std::uint32_t> sessions;
    std::map<std::uint64_t, int> joins;
    Instant now = kStart;
    for (int step = 0; step < 2'000; ++step) {
      now += Duration{prng.between(0, 20'000)};
      const std::string& name = addresses[static_cast<std::size_t>(prng.between(0, static_cast<std::int64_t>(addresses.size()) - 1))];
      const IpAddress from = at(name.c_str());
      auto& open = sockets[name];
      switch (prng.between(0, 6)) {
        case 0:
          if (!admission.open_socket(from, now)) open.push_back(false);
          break;
        case 1:
          if (!open.empty()) {
            admission.close_socket(from, open.back(), now);
            open.pop_back();
          }
          break;
        case 2:
          if (!open.empty() && !open.front()) {
            admission.socket_spoke(from);
            open.front() = true;
          }
          break;
        case 3:
          if (!admission.open_session(from, now)) ++sessions[name];
          break;
        case 4:
          if (sessions[name] > 0) {
            admission.close_session(from, now);
            --sessions[name];
          }
          break;
        default:
          if (admission.take(from, Limit::kJoinRate, now)) ++joins[key_of(host_of(from))];
      }
      admission.check_invariants();
      EXPECT_LE(open.size(), limits.sockets_max);
      EXPECT_LE(sessions[name], limits.sessions_max);
    }
    for (const auto& [host, count] : joins) EXPECT_LE(count, limits.joins.burst + limits.joins.per_s * ((now - kStart) / 1ms) / 1'000 + 1);
    for (const auto& [name, open] : sockets) {
      for (const bool spoke : open) admission.close_socket(at(name.c_str()), spoke, now);
    }
    for (const auto& [name, count] : sessions) {
      for (std::uint32_t i = 0; i < count; ++i) admission.close_session(at(name.c_str()), now);
    }
    static_cast<void>(admission.take(at("198.51.100.1"), Limit::kEventRate, now + 1min));
    EXPECT_LE(admission.places(), 2u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace p2p::net
