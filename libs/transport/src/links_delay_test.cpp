#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <vector>

#include "testing/delay_line.hpp"
#include "testing/neighborhood.hpp"

// What third_party/libdatachannel/patches and rtc_settings.cpp are for shows only where a round trip takes its time or a packet is lost.
// Counted is what crosses the line between the peers; where time itself is the matter, it is compared with the line's own.
namespace p2p::transport {
namespace {

using testing::DelayLine;
using testing::kAda;
using testing::kBob;
using testing::Neighborhood;
using Way = DelayLine::Way;
using Kind = DelayLine::Kind;
using Fate = DelayLine::Fate;

constexpr int kMessagesAPiece = 3;

/// Two peers with a line between them; what Ada sends goes `there`.
struct Pair {
  explicit Pair(DelayLine::Options options) : line{std::move(options)} {
    net.add(kAda);
    net.add(kBob);
    net.tamper = [this](PeerId from, PeerId, Signal& signal) {
      auto* candidate = std::get_if<SignalCandidate>(&signal);
      if (candidate != nullptr) *candidate = line.reroute(from == kAda ? Way::kThere : Way::kBack, *candidate);
    };
  }

  void send_piece() {
    for (int i = 0; i < kMessagesAPiece; ++i) net.send(kAda, kBob, mesh::Channel::kPieces, mesh::kMessageBytesMax);
  }
  [[nodiscard]] std::size_t arrived() { return net.seen(kBob).messages.size(); }

  DelayLine line;
  Neighborhood net;
};

std::int64_t ms(Duration duration) { return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count(); }

Duration at_share(std::vector<Duration> all, double share) {
  std::ranges::sort(all);
  return all.at(static_cast<std::size_t>(share * static_cast<double>(all.size() - 1)));
}

TEST(LinksUnderDelay, APacedStreamIsNotHeldUp) {
  constexpr Duration kOneWay = 50ms;
  Pair pair{{.one_way = kOneWay}};
  ASSERT_TRUE(pair.net.connect(kAda, kBob));
  const auto before = pair.line.crossed(Way::kThere, Kind::kData);

  constexpr Duration kEvery = 32ms;   // 3 Mbit/s
  constexpr int kPieces = 160;
  std::vector<Instant> sent;
  for (int i = 0; i < kPieces; ++i) {
    sent.push_back(pair.net.now());
    pair.send_piece();
    pair.net.run_to(sent.front() + kEvery * (i + 1));
  }
  ASSERT_TRUE(pair.net.run_until([&] { return pair.arrived() == std::size_t{kPieces} * kMessagesAPiece; }));

  std::vector<Duration> delays;
  for (int i = 0; i < kPieces; ++i) {
    delays.push_back(pair.net.seen(kBob).arrived[static_cast<std::size_t>(i + 1) * kMessagesAPiece - 1] - sent[static_cast<std::size_t>(i)]);
  }
  const auto after = pair.line.crossed(Way::kThere, Kind::kData);
  const auto payload = std::int64_t{kPieces} * kMessagesAPiece * static_cast<std::int64_t>(mesh::kMessageBytesMax);
  const double sent_share = static_cast<double>(after.bytes - before.bytes) / static_cast<double>(payload);   // headers add 6 %
  std::printf("delay: median %lld ms, p95 %lld ms, longest %lld ms; %.3f bytes on the line for each\n", static_cast<long long>(ms(at_share(delays, 0.5))),
              static_cast<long long>(ms(at_share(delays, 0.95))), static_cast<long long>(ms(at_share(delays, 1))), sent_share);
  EXPECT_LT(at_share(delays, 0.5), 8 * kOneWay);
  EXPECT_LT(sent_share, 1.3);
}

// RTO.Min (200 ms) is there because a receiver or the way back may be slow for a moment. SCTP's retransmission timer also fires while
// data flows and is acknowledged, 200 ms after the first of it; what it finds unacknowledged for more than a round trip and less than
// RTO.Min is late and not lost.
TEST(LinksUnderDelay, AcknowledgementsThatComeLateCauseNoRetransmission) {
  constexpr Duration kEvery = 5ms;
  constexpr int kRounds = 6;
  constexpr int kCalm = 60;   // messages: the variance of the round-trip time is forgotten meanwhile
  constexpr int kLate = 43;   // the timer fires 200 ms after the first of them
  constexpr int kHeldFrom = 8;
  constexpr Duration kRtoMin = 200ms;
  constexpr int kTriesMax = 60;
  Pair pair{{.one_way = 5ms}};
  ASSERT_TRUE(pair.net.connect(kAda, kBob));
  std::size_t sent = 0, counted = 0;
  std::int64_t packets = 0;
  int rounds = 0;
  // A machine that stands still holds the acknowledgements for longer than RTO.Min: such a round says nothing, and another is made.
  for (int tries = 0; rounds < kRounds && tries < kTriesMax; ++tries) {
    const auto before = pair.line.crossed(Way::kThere, Kind::kData);
    const std::size_t sent_before = sent;
    Duration held{};
    for (const int count : {kCalm, kLate}) {
      const Instant start = pair.net.now();
      Instant held_from = start;
      for (int i = 0; i < count; ++i) {
        if (count == kLate && i == kHeldFrom) {
          pair.line.hold(Way::kBack);
          held_from = pair.net.now();
        }
        pair.net.send(kAda, kBob, mesh::Channel::kPieces, 1000);
        ++sent;
        pair.net.run_to(start + kEvery * (i + 1));
      }
      pair.line.release(Way::kBack);
      held = pair.net.now() - held_from;
      const std::size_t echoes = pair.net.seen(kAda).messages.size();
      pair.net.send(kBob, kAda, mesh::Channel::kControl, 1);   // comes after the acknowledgements
      ASSERT_TRUE(pair.net.run_until([&] { return pair.net.seen(kAda).messages.size() > echoes && pair.arrived() == sent; }));
    }
    if (held >= kRtoMin) continue;
    ++rounds;
    counted += sent - sent_before;
    packets += pair.line.crossed(Way::kThere, Kind::kData).datagrams - before.datagrams;
  }
  std::printf("%lld packets for %zu messages in %d rounds\n", static_cast<long long>(packets), counted, rounds);
  ASSERT_GT(rounds, 0) << "no round in which the machine kept up";
  EXPECT_LT(packets, static_cast<std::int64_t>(counted + counted / 15));
}

// A receiver that waits for a second packet, as RFC 9260 lets it, sends half as many.
TEST(LinksUnderDelay, EveryPacketIsAcknowledgedAtOnce) {
  constexpr int kMessages = 100;
  Pair pair{{}};
  ASSERT_TRUE(pair.net.connect(kAda, kBob));
  const auto before = pair.line.crossed(Way::kBack, Kind::kData);
  for (std::size_t i = 1; i <= kMessages; ++i) {
    pair.net.send(kAda, kBob, mesh::Channel::kPieces, 1000);
    ASSERT_TRUE(pair.net.run_until([&] { return pair.arrived() == i; }));
  }
  EXPECT_GT(pair.line.crossed(Way::kBack, Kind::kData).datagrams - before.datagrams, kMessages * 3 / 4);
}

// The acknowledgements are kept on the way: what arrives nevertheless was sent without waiting for one.
TEST(LinksUnderDelay, APieceLeavesInOneFlight) {
  Pair pair{{}};
  ASSERT_TRUE(pair.net.connect(kAda, kBob));
  for (std::size_t i = 1; i <= 10; ++i) {
    pair.line.hold(Way::kBack);
    pair.send_piece();
    ASSERT_TRUE(pair.net.run_until([&] { return pair.arrived() == i * kMessagesAPiece; })) << "piece " << i;
    pair.line.release(Way::kBack);
    pair.net.send(kBob, kAda, mesh::Channel::kControl, 1);   // comes after the acknowledgements
    ASSERT_TRUE(pair.net.run_until([&] { return pair.net.seen(kAda).messages.size() == i; }));
  }
}

// OpenSSL by itself waits 1, 2 and 4 s where 100, 200 and 400 ms are meant.
TEST(LinksUnderDelay, LostHandshakePacketsAreSoonRepeated) {
  constexpr int kLosses = 3;
  for (const Way way : {Way::kThere, Way::kBack}) {
    Duration took[2];
    for (const bool lossy : {false, true}) {
      int left = lossy ? kLosses : 0;
      Pair pair{{.one_way = 20ms, .fate = [&left, way](Way at, BytesView datagram) {
                   const bool lost = at == way && DelayLine::kind_of(datagram) == Kind::kHandshake && left-- > 0;
                   return lost ? Fate::kLose : Fate::kPass;
                 }}};
      const Instant start = pair.net.now();
      ASSERT_TRUE(pair.net.connect(kAda, kBob));
      took[lossy] = pair.net.now() - start;
    }
    std::printf("open after %lld ms, with %d lost after %lld ms\n", static_cast<long long>(ms(took[0])), kLosses, static_cast<long long>(ms(took[1])));
    EXPECT_LT(took[1], took[0] + 2500ms);
  }
}

// The answerer's first handshake message is at the offerer's the moment that the way there is known: the answers to the offerer's
// checks are kept on the line until they come together with it.
TEST(LinksUnderDelay, AHandshakeThatBeginsEarlyIsNotRepeated) {
  constexpr int kLinks = 20;
  std::atomic<int> hellos = 0;
  for (int i = 0; i < kLinks; ++i) {
    bool began = false;
    Pair pair{{.fate = [&](Way way, BytesView datagram) {
      if (way == Way::kThere) return Fate::kPass;
      if (DelayLine::is_check_answer(datagram)) return began ? Fate::kPass : Fate::kPutAside;
      if (!DelayLine::is_client_hello(datagram)) return Fate::kPass;
      ++hellos;
      began = true;
      return Fate::kTakeAsideAlong;
    }}};
    ASSERT_TRUE(pair.net.connect(kAda, kBob));
  }
  std::printf("%d handshakes began for %d links\n", hellos.load(), kLinks);
  EXPECT_GE(hellos, kLinks);
  EXPECT_LT(hellos, kLinks + kLinks / 2);
}

// More than a window: the last of it leaves round trips after the link was hung up.
TEST(LinksUnderDelay, WhatWasSentBeforeHangingUpStillArrives) {
  Pair pair{{.one_way = std::chrono::milliseconds{50}}};
  ASSERT_TRUE(pair.net.connect(kAda, kBob));
  constexpr int kMessages = 150;
  for (int i = 0; i < kMessages; ++i) pair.net.send(kAda, kBob, mesh::Channel::kControl, 1000);
  pair.net[kAda].hang_up(kBob, "leaving", pair.net.now());
  ASSERT_TRUE(pair.net.run_until([&] { return !pair.net.seen(kBob).down.empty(); }));
  EXPECT_EQ(pair.arrived(), std::size_t{kMessages});
}

}  // namespace
}  // namespace p2p::transport
