#include "chat/chat_relay.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

constexpr PeerId kA{1}, kB{2}, kC{3};
using Belief = ChatRelay::Belief;

ChatId id_of(unsigned n) {
  ChatId id{};
  id[0] = static_cast<std::byte>(n);
  id[1] = static_cast<std::byte>(n >> 8);
  return id;
}

struct Relay {
  Relay() {
    for (const PeerId peer : {kA, kB, kC}) relay.link_up(peer, now);
  }
  ~Relay() { relay.check_invariants(); }
  Instant now{};
  ChatRelay relay{now};
};

TEST(ChatRelay, PushesToAllButTheSenderWhoHearsTheName) {
  Relay r;
  EXPECT_EQ(r.relay.spread(id_of(1), 300, kB, r.now), (std::vector{kA, kC}));
  EXPECT_EQ(r.relay.take_names(kB), std::vector{id_of(1)});
  EXPECT_TRUE(r.relay.take_names(kA).empty());
  EXPECT_TRUE(r.relay.idle());
}

TEST(ChatRelay, WhoSendsTwiceIsToldSoAndNamesItsMessagesFromThenOn) {
  Relay r;
  EXPECT_TRUE(r.relay.prune(kA));
  EXPECT_FALSE(r.relay.prune(kA)) << "it knows";
  EXPECT_EQ(r.relay.spread(id_of(1), 300, std::nullopt, r.now), (std::vector{kB, kC}));
  EXPECT_EQ(r.relay.take_names(kA), std::vector{id_of(1)});
}

TEST(ChatRelay, WhatIsNamedAndDoesNotComeIsAskedForOfOneAfterTheOther) {
  Relay r;
  r.relay.prune(kA);
  r.relay.named(kA, id_of(1), r.now);
  r.relay.named(kB, id_of(1), r.now);
  r.relay.named(kA, id_of(2), r.now);
  EXPECT_TRUE(r.relay.wants(r.now).empty()) << "it may come by itself";
  r.relay.came(id_of(2));
  r.now += ChatRelay::kPushAwaited;
  auto wants = r.relay.wants(r.now);
  ASSERT_EQ(wants.size(), 1u);
  EXPECT_EQ(wants[0].peer, kA);
  EXPECT_EQ(wants[0].ids, std::vector{id_of(1)});
  EXPECT_EQ(r.relay.eager_links(), (std::vector{kA, kB, kC})) << "and what follows comes unasked";
  r.now += ChatRelay::kAnswerAwaited;
  wants = r.relay.wants(r.now);
  ASSERT_EQ(wants.size(), 1u);
  EXPECT_EQ(wants[0].peer, kB);
  r.now += ChatRelay::kAnswerAwaited;
  EXPECT_TRUE(r.relay.wants(r.now).empty());
  EXPECT_TRUE(r.relay.idle());
}

TEST(ChatRelay, WhatCannotBePaidIsNamedAndNotQueued) {
  Relay r;
  std::size_t pushed = 0;
  for (unsigned n = 0; n < 1'000; ++n) pushed += r.relay.spread(id_of(n), 1'000, std::nullopt, r.now).size();
  EXPECT_LE(pushed * 1'000, static_cast<std::size_t>(ChatRelay::kBurstBytes));
  EXPECT_GE(pushed, 50u);
  EXPECT_LE(r.relay.take_names(kA).size(), ChatRelay::kNamesMax);
  r.now += 1s;
  EXPECT_FALSE(r.relay.spread(id_of(1), 1'000, std::nullopt, r.now).empty());
}

TEST(ChatRelay, AnHonestNeighborsPushesAreTakenAndAFloodIsNot) {
  Relay honest, r;
  // As much as one gives, the other takes.
  for (unsigned n = 0; n < 400; ++n) {
    honest.now = r.now = Instant{} + 50ms * n;
    for (const PeerId to : honest.relay.spread(id_of(n), 300, kB, honest.now)) {
      if (to == kA) EXPECT_TRUE(r.relay.admit(kA, 300, r.now)) << n;
    }
  }
  EXPECT_FALSE(r.relay.silenced(kA, r.now));
  std::size_t taken = 0;
  for (unsigned n = 0; n < 2'000; ++n) taken += r.relay.admit(kC, 300, r.now) ? 1 : 0;
  EXPECT_LE(taken * 300, static_cast<std::size_t>(ChatRelay::kTakenBurstBytes));
  EXPECT_TRUE(r.relay.silenced(kC, r.now));
  EXPECT_TRUE(r.relay.admit(kB, 300, r.now)) << "the others are heard";
  r.now += ChatRelay::kSilencedFor;
  EXPECT_FALSE(r.relay.silenced(kC, r.now));
}

TEST(ChatRelay, WhoeverSitsAtANeighborsMaySpeakUnderOneName) {
  Relay r;
  int believed = 0;
  unsigned n = 0;
  for (int i = 0; i < 100; ++i) believed += r.relay.believe(kA, id_of(++n), id_of(7), true, r.now) == Belief::kFully ? 1 : 0;
  EXPECT_EQ(believed, ChatRelay::kOwnBurst + ChatRelay::kLoneBurst);
  r.now += 4s;
  EXPECT_EQ(r.relay.believe(kA, id_of(++n), id_of(7), true, r.now), Belief::kFully);
  EXPECT_EQ(r.relay.believe(kA, id_of(++n), id_of(8), true, r.now), Belief::kNot) << "another name";
  r.now += ChatRelay::kRenamedAfter;
  EXPECT_EQ(r.relay.believe(kA, id_of(++n), id_of(8), true, r.now), Belief::kFully);
}

TEST(ChatRelay, WhatOneNeighborBringsIsBelievedWhenAnotherHasItToo) {
  Relay r;
  int believed = 0;
  unsigned n = 0;
  for (int i = 0; i < 50; ++i) believed += r.relay.believe(kA, id_of(++n), id_of(7), false, r.now) == Belief::kFully ? 1 : 0;
  EXPECT_EQ(believed, ChatRelay::kLoneBurst);
  r.relay.named(kA, id_of(200), r.now);
  EXPECT_EQ(r.relay.believe(kA, id_of(200), id_of(1), false, r.now), Belief::kNot) << "its own word";
  r.relay.named(kB, id_of(200), r.now);
  EXPECT_EQ(r.relay.believe(kA, id_of(200), id_of(1), false, r.now), Belief::kFully);
  r.relay.link_down(kC);
  EXPECT_EQ(r.relay.believe(kA, id_of(201), id_of(1), false, r.now), Belief::kQuietly) << "with two links there may be no other";
}

TEST(ChatRelay, OneNeighborAtATimeIsAskedForHistoryAndItsAnswerIsTaken) {
  Relay r;
  EXPECT_TRUE(r.relay.ask(kA, r.now));
  EXPECT_FALSE(r.relay.ask(kB, r.now));
  for (unsigned n = 0; n < 50; ++n) EXPECT_TRUE(r.relay.admit(kA, 320, r.now)) << n;
  r.relay.ask_again(kA, r.now);
  EXPECT_FALSE(r.relay.asked_again(r.now));
  r.now += ChatRelay::kCompareAgain;
  EXPECT_EQ(r.relay.asked_again(r.now), kA);
  EXPECT_TRUE(r.relay.ask(kA, r.now));
  EXPECT_FALSE(r.relay.asked_again(r.now));
  r.relay.link_down(kA);
  EXPECT_TRUE(r.relay.ask(kB, r.now));
}

}  // namespace
}  // namespace p2p::mesh
