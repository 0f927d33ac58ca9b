#include <gtest/gtest.h>

#include "mesh/carrier.hpp"
#include "mesh/membership.hpp"
#include "testing/mini_swarm.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {
namespace {

using testing::MiniSwarm;

/// A source with one link, a viewer that has it, and viewers that know nobody but that one: it is the only neighbor of each.
struct Star {
  explicit Star(int leaves) {
    swarm.add_source({.connections_max = 1});
    swarm.stream_for(1s);
    middle = swarm.add_viewer();
    swarm.stream_for(1s);
    for (int i = 0; i < leaves; ++i) ends.push_back(swarm.add_viewer_who_knows({middle}));
    swarm.stream_for(2s);
  }

  void says(PeerId from, PeerId to, const wire::Message& message) {
    swarm.handle(to, MessageReceived{from, Channel::kControl, Payload{wire::encode(message)}});
  }

  static Bytes text(std::string_view text) {
    const BytesView bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
  }

  MiniSwarm swarm;
  PeerId middle;
  std::vector<PeerId> ends;
};

template <typename Message>
bool is(const Bytes& bytes) {
  const auto message = wire::decode(bytes);
  return message && std::holds_alternative<Message>(*message);
}

TEST(Carrying, WithoutTheServerPeersMeetThroughACommonNeighbor) {
  Star star{2};
  ASSERT_FALSE(star.swarm.are_linked(star.ends[0], star.ends[1]));
  star.swarm.lose_directory();
  star.swarm.stream_for(4s);
  EXPECT_TRUE(star.swarm.are_linked(star.ends[0], star.ends[1]));
}

TEST(Carrying, TheMeshOutlivesTheNeighborThatHeldItTogether) {
  Star star{4};
  star.swarm.lose_directory();
  star.swarm.stream_for(6s);
  star.swarm.kill(star.middle);
  star.swarm.stream_for(6s);
  // The source's one link is free, and who takes it feeds the others; the way there was named by the middle while it lived.
  for (const PeerId end : star.ends) {
    EXPECT_GE(star.swarm.peers[end].linked.size(), 2u);
  }
}

TEST(Carrying, WhileTheServerIsThereNothingIsCarried) {
  Star star{2};
  int carried = 0;
  star.swarm.on_the_way = [&](PeerId, PeerId, Channel channel, Bytes& bytes) {
    if (channel == Channel::kControl) carried += is<wire::Carry>(bytes) || is<wire::PeersRequest>(bytes);
  };
  star.swarm.add_viewer();
  star.swarm.stream_for(5s);
  EXPECT_EQ(carried, 0);
  star.swarm.lose_directory();
  star.swarm.stream_for(5s);
  EXPECT_GT(carried, 0);
  star.swarm.find_directory();
  star.swarm.stream_for(Carrier::kRouteFor + 1s);   // what was under way ends
  carried = 0;
  star.swarm.add_viewer();
  star.swarm.stream_for(5s);
  EXPECT_EQ(carried, 0);
}

TEST(Carrying, TheRelaySaysFromWhomASignalCame) {
  Star star{2};
  star.says(star.ends[0], star.middle, wire::Carry{.to = star.ends[1], .signal = Star::text("hello")});
  star.swarm.run_for(50ms);
  const auto& came = star.swarm.peers[star.ends[1]].carried_here;
  ASSERT_EQ(came.size(), 1u);
  EXPECT_EQ(came[0].from, star.ends[0]);
  EXPECT_EQ(as_text(came[0].signal), "hello");
}

TEST(Carrying, WhatIsForAStrangerGoesNowhereAndItsSenderHears) {
  Star star{2};
  int uncarried = 0;
  star.swarm.on_the_way = [&](PeerId from, PeerId, Channel channel, Bytes& bytes) {
    if (channel != Channel::kControl) return;
    EXPECT_FALSE(is<wire::Carried>(bytes));
    if (from == star.middle) uncarried += is<wire::Uncarried>(bytes);
  };
  star.says(star.ends[0], star.middle, wire::Carry{.to = MiniSwarm::id(99), .signal = Star::text("hello")});
  star.says(star.ends[0], star.middle, wire::Carry{.to = star.ends[0], .signal = Star::text("to myself")});
  star.swarm.run_for(50ms);
  EXPECT_EQ(uncarried, 2);
}

TEST(Carrying, ACarriedSignalIsNotPassedOnAgain) {
  Star star{2};
  star.says(star.ends[0], star.middle, wire::Carried{.from = MiniSwarm::id(99), .signal = Star::text("hello")});
  star.swarm.run_for(50ms);
  EXPECT_EQ(star.swarm.peers[star.middle].carried_here.size(), 1u);
  EXPECT_TRUE(star.swarm.peers[star.ends[1]].carried_here.empty());
}

TEST(Carrying, AFloodIsCutToItsShareAndOthersStillPass) {
  Star star{3};
  for (int i = 0; i < 5000; ++i) star.says(star.ends[0], star.middle, wire::Carry{.to = star.ends[1], .signal = Star::text("noise")});
  star.says(star.ends[2], star.middle, wire::Carry{.to = star.ends[1], .signal = Star::text("honest")});
  star.swarm.run_for(50ms);
  const auto& came = star.swarm.peers[star.ends[1]].carried_here;
  EXPECT_LE(came.size(), static_cast<std::size_t>(Carrier::kBurstBytes / Carrier::kPriceMin) + 1);
  EXPECT_EQ(std::ranges::count(came, star.ends[0], &TakeSignal::from), Carrier::kBurstBytes / Carrier::kPriceMin);
}

TEST(Carrying, ASignalBeyondTheBoundDropsItsSender) {
  Star star{2};
  star.says(star.ends[0], star.middle, wire::Carry{.to = star.ends[1], .signal = Bytes(wire::kCarriedBytesMax + 1)});
  star.swarm.run_for(50ms);
  EXPECT_FALSE(star.swarm.are_linked(star.ends[0], star.middle));
  EXPECT_TRUE(star.swarm.peers[star.ends[1]].carried_here.empty());
}

TEST(Carrying, ARelaysWordEndsNoLinkThatIsUp) {
  Star star{2};
  star.swarm.lose_directory();
  star.swarm.stream_for(4s);
  ASSERT_TRUE(star.swarm.are_linked(star.ends[0], star.ends[1]));
  star.swarm.peers[star.ends[0]].carried_here.clear();
  for (const char* what : {"bye", "offer"}) star.says(star.middle, star.ends[0], wire::Carried{.from = star.ends[1], .signal = Star::text(what)});
  star.swarm.stream_for(1s);
  EXPECT_TRUE(star.swarm.peers[star.ends[0]].carried_here.empty());
  EXPECT_TRUE(star.swarm.are_linked(star.ends[0], star.ends[1]));
}

TEST(Carrying, WhoNamesAThousandPeersIntroducesThree) {
  Star star{2};
  const PeerId victim = star.ends[0];
  std::uint64_t next = 1000;
  star.swarm.on_the_way = [&](PeerId from, PeerId to, Channel channel, Bytes& bytes) {
    if (from != star.middle || to != victim || channel != Channel::kControl || !is<wire::Peers>(bytes)) return;
    wire::Peers lies;
    for (std::size_t i = 0; i < wire::kPeersMax; ++i) lies.peers.push_back({.peer = MiniSwarm::id(next++), .giving = true, .receiving = true, .room = true});
    bytes = wire::encode(lies);
  };
  star.swarm.lose_directory();
  std::size_t most = 0;
  for (int i = 0; i < 20; ++i) {
    star.swarm.stream_for(1s);
    most = std::max(most, star.swarm.peers[victim].making.size());
  }
  EXPECT_GT(next, 1100u);
  EXPECT_LE(most, Membership::kIntroducedByOneMax);
}

TEST(Carrying, PeersThatNobodyAskedForAreForgotten) {
  Star star{1};
  star.swarm.on_the_way = [&](PeerId, PeerId, Channel channel, Bytes& bytes) {
    const auto message = channel == Channel::kControl ? wire::decode(bytes) : fail("a piece");
    if (const auto* carry = message ? std::get_if<wire::Carry>(&*message) : nullptr) EXPECT_NE(carry->to, MiniSwarm::id(99));
  };
  star.says(star.middle, star.ends[0], wire::Peers{.peers = {{.peer = MiniSwarm::id(99), .giving = true, .receiving = true, .room = true}}});
  star.swarm.lose_directory();
  star.swarm.stream_for(5s);
}

}  // namespace
}  // namespace p2p::mesh
