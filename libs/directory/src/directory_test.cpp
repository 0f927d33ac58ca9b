#include "directory/directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace p2p::directory {
namespace {

constexpr Instant kStart{};
constexpr StreamId kStream{.bytes = {std::byte{7}}};
constexpr ConnectionId kSource{1};
constexpr PeerId kSourcePeer{1001};

/// A directory with a source whose stream is live and viewers 2, 3, ... whose peers are 1002, 1003, ...
class DirectoryTest : public testing::Test {
 protected:
  void go_live(ConnectionId id = kSource, PeerId peer = kSourcePeer) {
    ASSERT_TRUE(directory_.connect(id, now_));
    ASSERT_TRUE(directory_.create(id, {.stream = kStream, .details = {.title = "harbor"}, .peer = peer, .wall_now = WallTime{5s}}, now_));
  }

  Outcome<Joined> join(std::uint64_t number, bool giving = true) {
    EXPECT_TRUE(directory_.connect(ConnectionId{number}, now_));
    return directory_.join(ConnectionId{number}, {.stream = kStream, .peer = PeerId{1'000 + number}, .giving = giving}, now_);
  }

  /// Passes time in steps while the given connections go on talking.
  void pass(Duration span, std::initializer_list<std::uint64_t> talking) {
    for (const Instant until = now_ + span; now_ < until;) {
      now_ += 1s;
      for (const std::uint64_t number : talking) directory_.heard(ConnectionId{number}, now_);
      directory_.handle_time(now_);
      directory_.check_invariants();
    }
  }

  template <typename Event>
  std::vector<std::pair<std::vector<ConnectionId>, Event>> notices() {
    std::vector<std::pair<std::vector<ConnectionId>, Event>> found;
    while (const auto notice = directory_.poll()) {
      if (const auto* event = std::get_if<Event>(&notice->event)) found.emplace_back(notice->to, *event);
    }
    return found;
  }

  Directory directory_{{}, 42};
  Instant now_ = kStart;
};

TEST_F(DirectoryTest, OnePlaceHasOnlySoManyStreams) {
  Directory small{{.streams_at_a_place_max = 2}, 42};
  const auto create = [&](std::uint64_t number, std::uint64_t place) {
    EXPECT_TRUE(small.connect(ConnectionId{number}, now_));
    const StreamId stream{.bytes = {static_cast<std::byte>(number)}};
    return small.create(ConnectionId{number}, {.stream = stream, .details = {.title = "t"}, .peer = PeerId{number}, .place = place}, now_);
  };
  EXPECT_TRUE(create(1, 7));
  EXPECT_TRUE(create(2, 7));
  EXPECT_EQ(create(3, 7), std::unexpected{Refusal::kFull});
  EXPECT_TRUE(create(4, 8)) << "elsewhere there is room";
  EXPECT_TRUE(create(5, 0));
  EXPECT_TRUE(create(6, 0));
  EXPECT_TRUE(create(7, 0)) << "who is nowhere is not counted";
  ASSERT_TRUE(small.end(ConnectionId{1}, now_));
  EXPECT_TRUE(create(8, 7)) << "one that ended makes room";
  small.check_invariants();
}

TEST_F(DirectoryTest, RequestsCostWhatTheyTakeToAnswer) {
  using Kind = Directory::RequestKind;
  const auto admitted = [&](std::uint64_t number, Kind kind) {
    EXPECT_TRUE(directory_.connect(ConnectionId{number}, now_));
    int count = 0;
    while (directory_.admit(ConnectionId{number}, kind, now_)) ++count;
    return count;
  };
  EXPECT_EQ(admitted(51, Kind::kCreate), 12);
  EXPECT_EQ(admitted(52, Kind::kJoin), 30);
  EXPECT_EQ(admitted(53, Kind::kWatch), 12);
  EXPECT_EQ(admitted(56, Kind::kSample), 12);
  EXPECT_EQ(admitted(54, Kind::kOther), 60);
  EXPECT_EQ(admitted(55, Kind::kSignal), 300);
}

TEST_F(DirectoryTest, TellsAnOperatorWhoIsThere) {
  go_live();
  ASSERT_TRUE(join(2));
  ASSERT_TRUE(join(3, false));
  ASSERT_TRUE(directory_.watch(ConnectionId{3}, {}, now_));
  const Census census = directory_.census();
  EXPECT_EQ(census.connections, 3u);
  EXPECT_EQ(census.watchers, 1u);
  EXPECT_EQ(census.streams, 1u);
  std::size_t members = 0;
  for (const std::size_t count : census.members) members += count;
  EXPECT_EQ(members, 3u);
  EXPECT_EQ(census.members[static_cast<std::size_t>(scoring::Role::kSource)], 1u);
  EXPECT_GE(census.members[static_cast<std::size_t>(scoring::Role::kLeaf)], 1u);
  directory_.disconnect(kSource, now_);
  EXPECT_EQ(directory_.census().members[static_cast<std::size_t>(scoring::Role::kSource)], 0u) << "its stream is in its grace";
  directory_.check_invariants();
}

TEST_F(DirectoryTest, AViewerLearnsTheSourceTheKeyAndItsNeighbors) {
  go_live();
  ASSERT_TRUE(join(2));
  const auto joined = join(3);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->source, kSourcePeer);
  EXPECT_EQ(joined->stream.details->title, "harbor");
  EXPECT_EQ(joined->stream.viewers, 2u);
  ASSERT_EQ(joined->candidates.size(), 1u);
  EXPECT_EQ(joined->candidates[0].peer, PeerId{1002}) << "neither the asker nor the source";
  directory_.check_invariants();
}

TEST_F(DirectoryTest, ViewersWhoOnlyReceiveAreNotHandedOut) {
  go_live();
  ASSERT_TRUE(join(2, false));
  EXPECT_TRUE(join(3)->candidates.empty());
}

TEST_F(DirectoryTest, AWeakLineIsNamedForWantOfOthersOnly) {
  go_live();
  for (std::uint64_t i = 2; i < 24; ++i) {
    ASSERT_TRUE(join(i));
    ASSERT_TRUE(directory_.report(ConnectionId{i}, {.upload_bits_per_s = i == 2 ? 450'000 : 2'700'000, .receiving = true}, now_));
  }
  const auto joined = join(24);
  ASSERT_EQ(joined->candidates.size(), 20u);
  EXPECT_EQ(std::ranges::find(joined->candidates, PeerId{1002}, &Candidate::peer), joined->candidates.end());
  std::vector<PeerId> others;
  for (std::uint64_t i = 3; i < 24; ++i) others.push_back(PeerId{1'000 + i});
  ASSERT_EQ(directory_.candidates(ConnectionId{24}, others)->size(), 1u);
}

TEST_F(DirectoryTest, CandidatesLeaveOutTheExcluded) {
  go_live();
  for (std::uint64_t i = 2; i < 40; ++i) ASSERT_TRUE(join(i));
  const std::vector<PeerId> exclude{PeerId{1003}, PeerId{1004}};
  const auto candidates = directory_.candidates(ConnectionId{2}, exclude);
  ASSERT_TRUE(candidates);
  EXPECT_EQ(candidates->size(), 20u);
  for (const Candidate& candidate : *candidates) {
    EXPECT_NE(candidate.peer, PeerId{1002});
    EXPECT_NE(candidate.peer, PeerId{1003});
    EXPECT_NE(candidate.peer, PeerId{1004});
  }
}

TEST_F(DirectoryTest, TheSilentAreDroppedAndTheOthersStay) {
  go_live();
  ASSERT_TRUE(join(2));
  ASSERT_TRUE(join(3));
  pass(16s, {1, 2});
  EXPECT_EQ(directory_.candidates(ConnectionId{3}, {}).error(), Refusal::kNotAMember);
  ASSERT_TRUE(directory_.candidates(ConnectionId{2}, {}));
  EXPECT_TRUE(directory_.candidates(ConnectionId{2}, {})->empty());
  EXPECT_EQ(directory_.route_signal(ConnectionId{2}, PeerId{1003}).error(), Refusal::kNoSuchPeer);
}

TEST_F(DirectoryTest, SignalsStayInTheRoom) {
  go_live();
  ASSERT_TRUE(join(2));
  ASSERT_TRUE(directory_.connect(ConnectionId{3}, now_));
  EXPECT_EQ(directory_.route_signal(ConnectionId{3}, kSourcePeer).error(), Refusal::kNotAMember);
  const auto route = directory_.route_signal(ConnectionId{2}, kSourcePeer);
  ASSERT_TRUE(route);
  EXPECT_EQ(route->to, kSource);
  EXPECT_EQ(route->from, PeerId{1002});
  EXPECT_EQ(directory_.route_signal(kSource, PeerId{1002})->to, ConnectionId{2});
  EXPECT_EQ(directory_.route_signal(ConnectionId{2}, PeerId{1002}).error(), Refusal::kNoSuchPeer) << "not to itself";
}

TEST_F(DirectoryTest, ALostSourceHasAMinuteToComeBack) {
  go_live();
  ASSERT_TRUE(join(2));
  directory_.disconnect(kSource, now_);
  auto changed = notices<SourceChanged>();
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_FALSE(changed[0].second.online);
  EXPECT_EQ(directory_.route_signal(ConnectionId{2}, kSourcePeer).error(), Refusal::kNoSuchPeer);
  pass(59s, {2});
  go_live(ConnectionId{9}, kSourcePeer);
  changed = notices<SourceChanged>();
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_TRUE(changed[0].second.online);
  pass(70s, {2, 9});
  EXPECT_EQ(directory_.streams(), 1u) << "the old grace is void";
}

TEST_F(DirectoryTest, AfterTheGraceTheStreamEnds) {
  go_live();
  ASSERT_TRUE(join(2));
  directory_.disconnect(kSource, now_);
  pass(61s, {2});
  const auto ended = notices<StreamEnded>();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].first, std::vector{ConnectionId{2}});
  EXPECT_EQ(ended[0].second.reason, EndReason::kSourceLost);
  EXPECT_EQ(directory_.streams(), 0u);
  EXPECT_EQ(directory_.candidates(ConnectionId{2}, {}).error(), Refusal::kNotAMember);
}

TEST_F(DirectoryTest, ASilentSourceIsOfflineUntilItSpeaks) {
  go_live();
  ASSERT_TRUE(join(2));
  pass(20s, {2});
  auto changed = notices<SourceChanged>();
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_FALSE(changed[0].second.online);
  directory_.heard(kSource, now_);
  changed = notices<SourceChanged>();
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_TRUE(changed[0].second.online);
  pass(120s, {2});
  EXPECT_EQ(directory_.streams(), 0u) << "silent for good";
  EXPECT_EQ(notices<StreamEnded>().size(), 2u) << "the source hears of it too";
}

TEST_F(DirectoryTest, ANewerConnectionOfTheSourceTakesOver) {
  go_live();
  ASSERT_TRUE(join(2));
  notices<Replaced>();
  go_live(ConnectionId{9}, PeerId{5});
  EXPECT_EQ(directory_.streams(), 1u);
  EXPECT_EQ(directory_.route_signal(ConnectionId{2}, PeerId{5})->to, ConnectionId{9});
  bool replaced = false;
  bool renamed = false;
  while (const auto notice = directory_.poll()) {
    if (std::holds_alternative<Replaced>(notice->event)) replaced = notice->to == std::vector{kSource};
    if (const auto* change = std::get_if<SourceChanged>(&notice->event)) renamed = change->source == PeerId{5} && change->online;
  }
  EXPECT_TRUE(replaced);
  EXPECT_TRUE(renamed);
  EXPECT_EQ(directory_.update(kSource, {.title = "x"}, now_).error(), Refusal::kNotTheSource);
  directory_.disconnect(kSource, now_);
  directory_.check_invariants();
  EXPECT_EQ(directory_.streams(), 1u) << "the old connection's end is nobody's end";
}

TEST_F(DirectoryTest, AViewerComesBackUnderItsOldName) {
  go_live();
  ASSERT_TRUE(join(2));
  ASSERT_TRUE(directory_.connect(ConnectionId{20}, now_));
  ASSERT_TRUE(directory_.join(ConnectionId{20}, {.stream = kStream, .peer = PeerId{1002}}, now_));
  EXPECT_EQ(directory_.route_signal(kSource, PeerId{1002})->to, ConnectionId{20});
  EXPECT_EQ(notices<Replaced>().size(), 1u);
  EXPECT_EQ(directory_.join(ConnectionId{2}, {.stream = kStream, .peer = kSourcePeer}, now_).error(), Refusal::kAlreadyAMember)
      << "the source's name is the source's";
  directory_.check_invariants();
}

TEST_F(DirectoryTest, WatchersHearOfChangesAtMostOnceASecond) {
  ASSERT_TRUE(directory_.connect(ConnectionId{50}, now_));
  EXPECT_TRUE(directory_.watch(ConnectionId{50}, {}, now_)->streams.empty());
  go_live();
  directory_.handle_time(now_);
  auto changes = notices<ListChanged>();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].second.added.size(), 1u);
  ASSERT_TRUE(join(2));
  ASSERT_TRUE(directory_.update(kSource, {.title = "jetty"}, now_));
  directory_.handle_time(now_ + 999ms);
  EXPECT_TRUE(notices<ListChanged>().empty());
  now_ += 1s;
  directory_.handle_time(now_);
  changes = notices<ListChanged>();
  ASSERT_EQ(changes.size(), 1u);
  ASSERT_EQ(changes[0].second.updated.size(), 1u);
  EXPECT_EQ(changes[0].second.updated[0].details->title, "jetty");
  EXPECT_EQ(changes[0].second.updated[0].viewers, 1u);
  ASSERT_TRUE(directory_.end(kSource, now_));
  now_ += 1s;
  directory_.handle_time(now_);
  changes = notices<ListChanged>();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].second.removed, std::vector{kStream});
  directory_.unwatch(ConnectionId{50});
  EXPECT_EQ(directory_.next_wake(), kNever) << "an idle directory sleeps";
}

TEST_F(DirectoryTest, AScoreRisesWithWhatOthersReceived) {
  go_live();
  for (std::uint64_t i = 2; i < 5; ++i) ASSERT_TRUE(join(i));
  const auto report_of_two = [&] { return directory_.report(ConnectionId{2}, {.upload_bits_per_s = 50'000'000, .receiving = true}, now_); };
  now_ += 5s;
  const auto claimed = report_of_two();
  ASSERT_TRUE(claimed);
  for (int round = 0; round < 30; ++round) {
    now_ += 5s;
    for (const std::uint64_t neighbor : {3u, 4u}) {
      ASSERT_TRUE(directory_.report(ConnectionId{neighbor}, {.receiving = true, .neighbors = {{PeerId{1002}, 5'000'000, 0, 30}}}, now_));
    }
  }
  const auto proven = report_of_two();
  ASSERT_TRUE(proven);
  EXPECT_GE(proven->score, claimed->score + 20);
  EXPECT_EQ(proven->role, scoring::Role::kSuperSeed);
  EXPECT_EQ(directory_.candidates(ConnectionId{3}, {})->front().peer, PeerId{1002});
  EXPECT_EQ(directory_.report(kSource, {}, now_)->role, scoring::Role::kSource);
}

TEST_F(DirectoryTest, WhatIsSaidOfARoleIsTheSameEverywhere) {
  go_live();
  for (std::uint64_t i = 2; i < 7; ++i) ASSERT_TRUE(join(i, i != 6));
  std::map<std::uint64_t, Standing> told;
  for (int round = 0; round < 30; ++round) {
    now_ += 5s;
    // 2 feeds the others well, 3 a little, 4 nobody over a weak line, 5 nobody; 6 only receives.
    const std::map<std::uint64_t, std::int64_t> uploads{{2, 50'000'000}, {3, 3'000'000}, {4, 100'000}, {5, 3'000'000}, {6, 50'000'000}};
    for (const auto& [number, upload] : uploads) {
      Report report{.upload_bits_per_s = upload, .latency_ms = 700, .receiving = true};
      if (number != 2) report.neighbors.push_back({PeerId{1002}, 3'000'000, 0, 40});
      if (number != 3) report.neighbors.push_back({PeerId{1003}, 200'000, 0, 40});
      told[number] = *directory_.report(ConnectionId{number}, report, now_);
    }
  }
  EXPECT_EQ(told[2].role, scoring::Role::kSuperSeed);
  EXPECT_GE(told[2].score, 75);
  EXPECT_EQ(told[3].role, scoring::Role::kRelay);
  EXPECT_EQ(told[4].role, scoring::Role::kLeaf);
  EXPECT_LT(told[4].score, 50);
  EXPECT_EQ(told[6].role, scoring::Role::kLeaf) << "by choice";
  for (const Candidate& one : *directory_.candidates(ConnectionId{6}, {})) {
    EXPECT_EQ(one.role, told[one.peer.value - 1'000].role);
    EXPECT_EQ(one.score, told[one.peer.value - 1'000].score);
  }
  const auto sample = *directory_.mesh_sample(kSource, now_);
  for (const MeshPeer& one : sample->peers) {
    if (one.peer != kSourcePeer) EXPECT_EQ(one.role, told[one.peer.value - 1'000].role);
  }
  const Census census = directory_.census();
  EXPECT_EQ(census.members[static_cast<std::size_t>(scoring::Role::kSuperSeed)], 1u);
  EXPECT_EQ(directory_.candidates(ConnectionId{6}, {})->front().peer, PeerId{1002}) << "and relays first";
}

TEST_F(DirectoryTest, NobodyVouchesForHimselfOrBeyondBelief) {
  go_live();
  ASSERT_TRUE(join(2));
  ASSERT_TRUE(join(3));
  now_ += 5s;
  const auto before = directory_.report(ConnectionId{2}, {.upload_bits_per_s = 3'000'000}, now_);
  now_ += 5s;
  const auto after = directory_.report(ConnectionId{2}, {.upload_bits_per_s = 900'000'000, .neighbors = {{PeerId{1002}, 1'000'000'000, 0, 1}}}, now_);
  EXPECT_LE(after->score, before->score + 5) << "only the longer stay counts";
}

std::int64_t receipt_of(PeerId peer, const Standing& standing) {
  const auto found = std::ranges::find(standing.receipts, peer, &Standing::Receipt::peer);
  return found == standing.receipts.end() ? -1 : found->bits_per_s;
}

TEST_F(DirectoryTest, AReceiptIsWhatReceiversSayTogether) {
  go_live();
  for (const std::uint64_t i : {2u, 3u, 4u, 5u}) ASSERT_TRUE(join(i));
  const Report of_a_child{.receiving = true, .neighbors = {{PeerId{1002}, 1'250'000, 0, 30}}};   // 2 Mbit/s for 5 s
  const Report of_a_parent{.neighbors = {{PeerId{1002}, 0, 0, 30}, {PeerId{1005}, 0, 0, 30}}};
  now_ += 5s;
  EXPECT_TRUE(directory_.report(kSource, of_a_parent, now_)->receipts.empty()) << "too early to judge anybody";
  for (int round = 0; round < 4; ++round) {
    for (const std::uint64_t child : {3u, 4u}) {
      now_ += 2s;
      ASSERT_TRUE(directory_.report(ConnectionId{child}, of_a_child, now_));
    }
    now_ += 1s;
    ASSERT_TRUE(directory_.report(ConnectionId{5}, {.upload_bits_per_s = 100'000'000, .receiving = true}, now_));
  }
  const auto told = directory_.report(kSource, of_a_parent, now_);
  ASSERT_TRUE(told);
  EXPECT_NEAR(static_cast<double>(receipt_of(PeerId{1002}, *told)), 4e6, 1.5e6);
  EXPECT_EQ(receipt_of(PeerId{1005}, *told), 0) << "whatever it claims";
  EXPECT_EQ(receipt_of(PeerId{1003}, *told), -1) << "not asked for";
  EXPECT_EQ(receipt_of(PeerId{1002}, *directory_.report(ConnectionId{2}, {}, now_)), receipt_of(PeerId{1002}, *told)) << "each learns its own";
  now_ += 15s;
  EXPECT_LE(receipt_of(PeerId{1002}, *directory_.report(kSource, of_a_parent, now_)), 2'000'000) << "it is about now";
}

TEST_F(DirectoryTest, OneHelperVouchesForNoMoreThanAPeerReceives) {
  go_live();
  constexpr std::uint64_t kHonest = 30;
  for (std::uint64_t i = 2; i < 2 + kHonest + 2; ++i) ASSERT_TRUE(join(i));
  const PeerId liar{1'000 + 2 + kHonest};
  for (int round = 0; round < 20; ++round) {
    now_ += 5s;
    for (std::uint64_t i = 2; i < 2 + kHonest; ++i) {
      const PeerId parent{1'000 + 2 + (i - 1) % kHonest};
      ASSERT_TRUE(directory_.report(ConnectionId{i}, {.receiving = true, .neighbors = {{parent, 625'000, 0, 30}}}, now_));   // 1 Mbit/s
    }
    ASSERT_TRUE(directory_.report(ConnectionId{3 + kHonest}, {.neighbors = {{liar, 1'000'000'000'000, 0, 1}}}, now_));
  }
  now_ += 4s;
  const auto told = directory_.report(kSource, {.neighbors = {{liar, 0, 0, 1}}}, now_);
  EXPECT_GT(receipt_of(liar, *told), 0);
  EXPECT_LE(receipt_of(liar, *told), 3'000'000) << "about twice what others receive";
}

TEST_F(DirectoryTest, NeighborsInOneNetworkDoNotVouchForEachOther) {
  go_live();
  constexpr std::uint32_t kRented = 7;
  const auto join_from = [&](std::uint64_t number, std::uint32_t network) {
    ASSERT_TRUE(directory_.connect(ConnectionId{number}, now_));
    ASSERT_TRUE(directory_.join(ConnectionId{number}, {.stream = kStream, .peer = PeerId{1'000 + number}, .network = network}, now_));
  };
  for (const std::uint64_t i : {2u, 3u}) join_from(i, kRented);
  const auto vouched = [&] {
    for (int round = 0; round < 3; ++round) {
      now_ += 5s;
      EXPECT_TRUE(directory_.report(ConnectionId{3}, {.neighbors = {{PeerId{1002}, 1'000'000, 0, 1}}}, now_));
    }
    return receipt_of(PeerId{1002}, *directory_.report(kSource, {.neighbors = {{PeerId{1002}, 0, 0, 1}}}, now_));
  };
  EXPECT_GT(vouched(), 0) << "an office: there is hardly anybody else";
  for (const std::uint64_t i : {4u, 5u, 6u}) join_from(i, 100 + static_cast<std::uint32_t>(i));
  EXPECT_EQ(vouched(), 0);
}

TEST_F(DirectoryTest, NetworksAreToldWithCandidatesAndSignals) {
  go_live();
  ASSERT_TRUE(directory_.connect(ConnectionId{2}, now_));
  ASSERT_TRUE(directory_.join(ConnectionId{2}, {.stream = kStream, .peer = PeerId{1002}, .network = 9}, now_));
  const auto third = join(3);
  ASSERT_EQ(third->candidates.size(), 1u);
  EXPECT_EQ(third->candidates.front().network, 9u);
  EXPECT_EQ(directory_.route_signal(ConnectionId{2}, PeerId{1003})->from_network, 9u);
  EXPECT_EQ(directory_.route_signal(ConnectionId{2}, kSourcePeer)->from_network, 9u);
  EXPECT_EQ(directory_.route_signal(ConnectionId{3}, PeerId{1002})->from_network, 0u);
}

TEST_F(DirectoryTest, LimitsAreKept) {
  Directory small{{.connections_max = 3, .streams_max = 1, .members_max = 1}, 1};
  for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(small.connect(ConnectionId{i}, now_));
  EXPECT_EQ(small.connect(ConnectionId{4}, now_).error(), Refusal::kFull);
  EXPECT_TRUE(small.create(ConnectionId{1}, {.stream = kStream, .peer = kSourcePeer}, now_));
  EXPECT_EQ(small.create(ConnectionId{1}, {.stream = kStream, .peer = kSourcePeer}, now_).error(), Refusal::kAlreadyAMember);
  EXPECT_EQ(small.create(ConnectionId{2}, {.stream = {.bytes = {std::byte{8}}}, .peer = PeerId{2}}, now_).error(), Refusal::kFull);
  EXPECT_EQ(small.join(ConnectionId{2}, {.stream = {.bytes = {std::byte{8}}}, .peer = PeerId{2}}, now_).error(), Refusal::kNoSuchStream);
  EXPECT_TRUE(small.join(ConnectionId{2}, {.stream = kStream, .peer = PeerId{2}}, now_));
  EXPECT_EQ(small.join(ConnectionId{3}, {.stream = kStream, .peer = PeerId{3}}, now_).error(), Refusal::kFull);
  EXPECT_TRUE(small.leave(ConnectionId{2}, now_));
  EXPECT_TRUE(small.join(ConnectionId{3}, {.stream = kStream, .peer = PeerId{3}}, now_));
  int admitted = 0;
  while (small.admit(ConnectionId{1}, Directory::RequestKind::kOther, now_)) ++admitted;
  EXPECT_EQ(admitted, 60);
  EXPECT_TRUE(small.admit(ConnectionId{1}, Directory::RequestKind::kSignal, now_)) << "signals have a bucket of their own";
}

TEST_F(DirectoryTest, ASampleShowsWhoFeedsWhom) {
  go_live();
  for (const std::uint64_t i : {2u, 3u, 4u}) ASSERT_TRUE(join(i));
  for (int round = 0; round < 3; ++round) {
    now_ += 5s;
    ASSERT_TRUE(directory_.report(kSource, {.upload_used_bits_per_s = 6'000'000}, now_));
    ASSERT_TRUE(directory_.report(ConnectionId{2}, {.latency_ms = 300, .hop = 1, .receiving = true, .neighbors = {{kSourcePeer, 1'875'000, 0, 30}, {PeerId{1004}, 0, 0, 30}}}, now_));
    ASSERT_TRUE(directory_.report(ConnectionId{3}, {.latency_ms = 600, .hop = 2, .receiving = true, .neighbors = {{kSourcePeer, 625'000, 0, 30}, {PeerId{1002}, 1'250'000, 0, 30}}}, now_));
  }
  const auto answer = directory_.mesh_sample(ConnectionId{4}, now_);
  ASSERT_TRUE(answer);
  const MeshSample& sample = **answer;
  EXPECT_EQ(sample.total, 4u);
  ASSERT_EQ(sample.peers.size(), 4u);
  EXPECT_EQ(sample.peers[0].peer, kSourcePeer);
  EXPECT_EQ(sample.peers[0].role, scoring::Role::kSource);
  EXPECT_EQ(sample.peers[0].given_bits_per_s, 6'000'000);
  const auto of = [&](std::uint64_t peer) { return *std::ranges::find(sample.peers, PeerId{peer}, &MeshPeer::peer); };
  EXPECT_EQ(of(1003).hop, 2);
  EXPECT_EQ(of(1003).latency_ms, 600);
  EXPECT_EQ(of(1003).received_bits_per_s, 3'000'000);
  ASSERT_EQ(of(1003).parents.size(), 2u) << "from whom most comes, first";
  EXPECT_EQ(of(1003).parents[0].peer, PeerId{1002});
  EXPECT_EQ(of(1003).parents[0].bits_per_s, 2'000'000);
  EXPECT_EQ(of(1002).parents.size(), 1u) << "who gave nothing is no parent";
  EXPECT_GT(of(1002).given_bits_per_s, 0) << "as its child attests";
  EXPECT_EQ(of(1004).hop, 0) << "has not reported";
}

TEST_F(DirectoryTest, ASampleIsOfMembersAndBoundedAndKeptForSeconds) {
  go_live();
  for (std::uint64_t i = 2; i < 400; ++i) ASSERT_TRUE(join(i));
  ASSERT_TRUE(directory_.connect(ConnectionId{999}, now_));
  EXPECT_EQ(directory_.mesh_sample(ConnectionId{999}, now_).error(), Refusal::kNotAMember);
  const auto first = directory_.mesh_sample(kSource, now_);
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)->peers.size(), kSampleMax);
  EXPECT_EQ((*first)->total, 399u);
  EXPECT_EQ(directory_.mesh_sample(ConnectionId{2}, now_ + 4s), first) << "the same for everybody";
  EXPECT_NE(directory_.mesh_sample(ConnectionId{2}, now_ + 5s), first);
  int given = 0;
  while (directory_.mesh_sample(ConnectionId{2 + static_cast<std::uint64_t>(given) % 300}, now_ + 5s)) ++given;
  EXPECT_LE(given, 300) << "a room has a limit of its own";
  EXPECT_EQ(directory_.mesh_sample(ConnectionId{301}, now_ + 5s).error(), Refusal::kRateLimited);
}

TEST_F(DirectoryTest, CandidatesAreStrongNearSpreadAndRandom) {
  go_live();
  // A thousand at home, each in a network of its own in one of twenty regions; sixty who rent one network near the asker.
  const auto enter = [&](std::uint64_t number, std::uint32_t network, std::uint32_t region) {
    ASSERT_TRUE(directory_.connect(ConnectionId{number}, now_));
    ASSERT_TRUE(directory_.join(ConnectionId{number}, {.stream = kStream, .peer = PeerId{1'000 + number}, .network = network, .region = region}, now_));
  };
  for (std::uint64_t i = 2; i < 1'002; ++i) enter(i, 100 + static_cast<std::uint32_t>(i), 1 + static_cast<std::uint32_t>(i) % 20);
  for (std::uint64_t i = 2'000; i < 2'060; ++i) enter(i, 99, 7);
  for (std::uint64_t i = 2; i < 2'060; i = i == 1'001 ? 2'000 : i + 1) {
    const std::int64_t upload = i % 20 == 0 ? 3'000'000 : 1'000'000;
    ASSERT_TRUE(directory_.report(ConnectionId{i}, {.upload_bits_per_s = upload, .receiving = true}, now_));
  }
  ASSERT_TRUE(directory_.connect(ConnectionId{5'000}, now_));
  const auto joined = directory_.join(ConnectionId{5'000}, {.stream = kStream, .peer = PeerId{9'999}, .network = 99, .region = 7}, now_);
  ASSERT_TRUE(joined);
  ASSERT_EQ(joined->candidates.size(), 20u);
  const auto count = [&](auto fits) { return std::ranges::count_if(joined->candidates, fits); };
  const auto number = [](const Candidate& one) { return one.peer.value - 1'000; };
  EXPECT_EQ(count([](const Candidate& one) { return one.network == 99; }), 2) << "two of its own network, however many there are";
  EXPECT_GE(count([&](const Candidate& one) { return one.network != 99 && number(one) % 20 + 1 == 7; }), 3) << "of its region";
  EXPECT_GE(count([&](const Candidate& one) { return number(one) % 20 == 0; }), 7) << "strong uploads";
  EXPECT_GE(count([&](const Candidate& one) { return one.network != 99 && number(one) % 20 != 0 && number(one) % 20 + 1 != 7; }), 4) << "chance";
  std::set<std::uint32_t> networks;
  for (const Candidate& one : joined->candidates) networks.insert(one.network);
  EXPECT_GE(networks.size(), 19u);
}

TEST_F(DirectoryTest, HalfOfThoseNamedHaveTheRenditionThatIsAskedFor) {
  go_live();
  for (std::uint64_t number = 2; number < 102; ++number) {
    ASSERT_TRUE(join(number));
    const std::uint8_t rendition = number % 10 == 0 ? 3 : 0;
    ASSERT_TRUE(directory_.report(ConnectionId{number}, {.receiving = true, .rendition = rendition, .neighbors = {}}, now_));
  }
  const auto having = [](const std::vector<Candidate>& named) { return std::ranges::count(named, std::uint8_t{3}, [](const Candidate& one) { return one.rendition.value_or(0); }); };
  EXPECT_GE(having(directory_.candidates(ConnectionId{2}, {}, 3).value()), 10);
  EXPECT_LT(having(directory_.candidates(ConnectionId{2}, {}).value()), 10);
  for (std::uint64_t number = 10; number < 102; number += 10) {
    ASSERT_TRUE(directory_.report(ConnectionId{number}, {.receiving = true, .rendition = 0, .neighbors = {}}, now_));
  }
  EXPECT_EQ(having(directory_.candidates(ConnectionId{2}, {}, 3).value()), 0);
  EXPECT_EQ(directory_.candidates(ConnectionId{2}, {}, 200).value().size(), 20u) << "one that cannot be is as none";
  directory_.check_invariants();
}

}  // namespace
}  // namespace p2p::directory
