#include "transport/driver.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/prng.hpp"

namespace p2p::transport {
namespace {

constexpr PeerId kSource{0xa000};
constexpr std::chrono::seconds kDeadline{120};

Payload random_bytes(std::uint64_t seed, std::size_t size) {
  Prng prng{seed};
  Bytes bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(prng.next());
  return Payload{std::move(bytes)};
}

/// A letter for the kind, and then the text.
std::string written(const Signal& signal) {
  struct Writer {
    std::string operator()(const SignalOffer& s) const { return "o" + s.sdp; }
    std::string operator()(const SignalAnswer& s) const { return "a" + s.sdp; }
    std::string operator()(const SignalCandidate& s) const { return "c" + s.mid + '\n' + s.candidate; }
    std::string operator()(const SignalBye& s) const { return "b" + s.reason; }
  };
  return std::visit(Writer{}, signal);
}

std::optional<Signal> read(std::string_view text) {
  const std::string rest{text.substr(1)};
  switch (text.front()) {
    case 'o': return SignalOffer{rest};
    case 'a': return SignalAnswer{rest};
    case 'c': return SignalCandidate{rest.substr(rest.find('\n') + 1), rest.substr(0, rest.find('\n'))};
    case 'b': return SignalBye{rest};
    default: return std::nullopt;
  }
}

/// A directory in memory: knows every peer, passes signals on, answers at once; until it is lost.
class Room {
 public:
  class Peer : public Driver::Host {
   public:
    Peer(Room& room, PeerId id) : room_{room}, id_{id} {}

    void send_signal(PeerId to, const Signal& signal) override { room_.pass_on(id_, to, signal); }
    void find_candidates(const mesh::FindCandidates&) override {
      if (!alone) driver->post(mesh::CandidatesFound{room_.others_than(id_)});
    }
    void send_report(const mesh::SendReport&) override { ++reports; }
    void play_rendition(const mesh::PlayRendition& play) override {
      note([&] { renditions.push_back(play.rendition); });
    }
    void play_part(const mesh::PlayPart& play) override {
      note([&] { parts.push_back(play.part); });
    }
    void misbehaved(const mesh::Misbehaved& bad) override {
      note([&] { polluters.push_back(bad.peer); });
    }
    void decided(const mesh::Decision&) override {}
    void chat_shown(const mesh::ChatShown& shown) override {
      note([&] { chat.push_back(shown.message); });
    }
    void link_changed(PeerId peer, bool up, const std::string&) override {
      note([&] { up ? void(linked.insert(peer)) : void(linked.erase(peer)); });
    }

    bool alone = false;   // the directory names nobody to it
    std::atomic<int> reports = 0;
    std::vector<mesh::Rendition> renditions;
    std::vector<mesh::Part> parts;
    std::vector<PeerId> polluters;
    std::vector<mesh::ChatMessage> chat;
    mesh::PublicKey author{};
    std::set<PeerId> linked;
    std::unique_ptr<Driver> driver;   // last: its thread writes the above

   private:
    template <typename Change>
    void note(Change change) {
      const std::lock_guard lock{room_.mutex_};
      change();
      room_.changed_.notify_all();
    }

    Room& room_;
    PeerId id_;
  };

  Room() : key_{SigningKey::generate()}, stream_key_{key_.public_key()} { add(kSource, true, {}); }

  ~Room() {
    for (auto& [id, peer] : peers_) peer->driver->stop();
  }

  Peer& add_viewer(std::uint64_t number, std::function<void(mesh::Send&)> tamper = {}) {
    return add(PeerId{number}, false, std::move(tamper));
  }
  /// The directory names nobody to it but the source.
  Peer& add_lonely_viewer(std::uint64_t number) { return add(PeerId{number}, false, {}, true); }
  Peer& source() { return *peers_.at(kSource); }

  /// From now on nothing passes here, and everybody knows.
  void lose() {
    const std::lock_guard lock{peers_mutex_};
    lost_ = true;
    for (auto& [id, peer] : peers_) peer->driver->post(mesh::SignalingAway{});
  }

  /// Parts of 200 ms, made as a camera would, until `done` holds (asked under the lock that guards what peers noted).
  template <typename Done>
  bool produce_until(Done done) {
    if (next_part_ == 0) {
      source().driver->post(mesh::RenditionProduced{{.id = {}, .codecs = "avc1.64001f", .width = 640, .height = 360,
                                                     .bits_per_s = 1'000'000, .init = random_bytes(1, 700)}});
    }
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    for (;;) {
      const mesh::Part part = part_number(next_part_++);
      {
        const std::lock_guard lock{mutex_};
        produced_[part.id] = part.bytes.joined();
      }
      source().driver->post(mesh::PartProduced{part});
      std::unique_lock lock{mutex_};
      const auto due = start_ + next_part_ * std::chrono::milliseconds{200};
      if (changed_.wait_until(lock, due, done)) return true;
      if (due > deadline) return false;
    }
  }

  /// Whether what a viewer played is what the source made, each part once and in order. Under no lock: after stop().
  ::testing::AssertionResult played_as_made(const Peer& peer) {
    for (std::size_t i = 0; i < peer.parts.size(); ++i) {
      const mesh::Part& part = peer.parts[i];
      if (i > 0 && !(peer.parts[i - 1].id < part.id)) return ::testing::AssertionFailure() << "part " << i << " is out of order";
      if (!std::ranges::equal(part.bytes.joined().view(), produced_.at(part.id).view())) {
        return ::testing::AssertionFailure() << "part " << i << " has other bytes";
      }
    }
    return ::testing::AssertionSuccess();
  }

 private:
  Peer& add(PeerId id, bool source, std::function<void(mesh::Send&)> tamper, bool alone = false) {
    auto peer = std::make_unique<Peer>(*this, id);
    peer->alone = alone;
    Driver::Options options;
    options.engine.stream = stream_id_of(stream_key_);
    options.engine.seed = id.value;
    options.engine.source = source;
    options.links.self = id;
    options.links.bind_address = "127.0.0.1";   // there on every machine, also on one without a network
    options.stream_key = stream_key_;
    options.signal_text = SignalText{.write = written, .read = read};
    options.tamper = std::move(tamper);
    SigningKey author = SigningKey::generate();
    peer->author = author.public_key();
    options.author_key.emplace(std::move(author));
    if (source) options.signing_key.emplace(std::move(key_));
    peer->driver = std::make_unique<Driver>(std::move(options), *peer);
    Driver& driver = *peer->driver;
    Peer& added = *peer;
    std::vector<mesh::Candidate> candidates = alone ? std::vector<mesh::Candidate>{} : others_than(id);
    {
      const std::lock_guard lock{peers_mutex_};
      peers_[id] = std::move(peer);
    }
    driver.post(mesh::Joined{id, source ? std::nullopt : std::optional{kSource}, std::move(candidates)});
    return added;
  }

  void pass_on(PeerId from, PeerId to, const Signal& signal) {
    const std::lock_guard lock{peers_mutex_};
    if (lost_) return;
    if (const auto peer = peers_.find(to); peer != peers_.end()) peer->second->driver->post_signal(from, signal);
  }

  std::vector<mesh::Candidate> others_than(PeerId id) {
    const std::lock_guard lock{peers_mutex_};
    std::vector<mesh::Candidate> candidates;
    for (const auto& [other, peer] : peers_) {
      if (other != id && other != kSource) candidates.push_back({.peer = other, .score = 60, .role = mesh::Role::kRelay, .receiving = true});
    }
    return candidates;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<mesh::PartId, Payload> produced_;
  std::uint32_t next_part_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  SigningKey key_;
  mesh::PublicKey stream_key_;
  std::mutex peers_mutex_;
  bool lost_ = false;
  std::map<PeerId, std::unique_ptr<Peer>> peers_;

  static mesh::Part part_number(std::uint32_t i) {
    constexpr std::uint32_t kPartsPerSegment = 5;
    const bool key = i % kPartsPerSegment == 0;
    mesh::Part part;
    part.id = {.rendition = {}, .segment = i / kPartsPerSegment, .part = static_cast<std::uint16_t>(i % kPartsPerSegment)};
    part.independent = key;
    part.media_time = i * Duration{200ms};
    part.duration = 200ms;
    part.captured = WallTime{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())};
    part.bytes = random_bytes(1000 + i, key ? 60'000 : 20'000);
    return part;
  }
};

TEST(Driver, WhatTheSourceMakesComesOutAtTheViewers) {
  Room room;
  auto& ada = room.add_viewer(1);
  auto& bob = room.add_viewer(2);
  ASSERT_TRUE(room.produce_until([&] { return ada.parts.size() >= 5 && bob.parts.size() >= 5; }));
  for (Room::Peer* viewer : {&ada, &bob}) {
    viewer->driver->stop();
    EXPECT_EQ(viewer->renditions.size(), 1U);
    EXPECT_TRUE(room.played_as_made(*viewer));
    const mesh::EngineStats stats = viewer->driver->stats();
    EXPECT_GT(stats.received_from_peers_bytes + stats.received_from_source_bytes, 0);
    EXPECT_EQ(stats.pieces_failed, 0U);
    std::printf("from peers %lld, from the source %lld bytes, delay %u ms\n", static_cast<long long>(stats.received_from_peers_bytes),
                static_cast<long long>(stats.received_from_source_bytes), stats.delay_ms);
  }
}

TEST(Driver, AViewerWhoseNeighborLeavesGoesOn) {
  Room room;
  auto& ada = room.add_viewer(1);
  auto& bob = room.add_viewer(2);
  ASSERT_TRUE(room.produce_until([&] { return ada.parts.size() >= 3 && bob.parts.size() >= 3; }));
  ada.driver->stop();
  const std::size_t before = bob.parts.size();
  ASSERT_TRUE(room.produce_until([&] { return bob.parts.size() >= before + 5; }));
}

TEST(Driver, APeerThatCorruptsHalfOfWhatItRelaysIsFoundOutAndNothingBadIsPlayed) {
  Room room;
  Prng prng{7};
  auto corrupt = [&prng](mesh::Send& send) {
    if (send.channel != mesh::Channel::kPieces || send.body.empty() || !prng.chance(1, 2)) return;
    Bytes bytes{send.body.view().begin(), send.body.view().end()};
    bytes[bytes.size() / 2] ^= std::byte{0x40};
    send.body = Payload{std::move(bytes)};
  };
  auto& mallory = room.add_viewer(1, corrupt);
  auto& ada = room.add_viewer(2);
  auto& bob = room.add_viewer(3);
  ASSERT_TRUE(room.produce_until([&] { return (!ada.polluters.empty() || !bob.polluters.empty()) && ada.parts.size() >= 10 && bob.parts.size() >= 10; }));
  for (Room::Peer* viewer : {&ada, &bob}) {
    viewer->driver->stop();
    EXPECT_TRUE(room.played_as_made(*viewer));
    for (const PeerId polluter : viewer->polluters) EXPECT_EQ(polluter, PeerId{1});
  }
  mallory.driver->stop();
}

TEST(Driver, WithoutADirectoryTwoViewersMeetThroughTheNeighborThatBothHave) {
  Room room;
  auto& ada = room.add_lonely_viewer(1);
  auto& bob = room.add_lonely_viewer(2);
  ASSERT_TRUE(room.produce_until([&] { return ada.linked.contains(kSource) && bob.linked.contains(kSource); }));
  room.lose();
  ASSERT_TRUE(room.produce_until([&] { return ada.linked.contains(PeerId{2}) && bob.linked.contains(PeerId{1}); }));
  ASSERT_TRUE(room.produce_until([&] { return ada.parts.size() >= 5 && bob.parts.size() >= 5; }));
  for (Room::Peer* viewer : {&ada, &bob}) {
    viewer->driver->stop();
    EXPECT_TRUE(room.played_as_made(*viewer));
  }
}

TEST(Driver, TakesNothingMoreOnceItHasStopped) {
  Room room;
  auto& ada = room.add_viewer(1);
  ada.driver->stop();
  ada.driver->stop();
  EXPECT_FALSE(ada.driver->post(mesh::Wake{}));
  EXPECT_FALSE(ada.driver->post_signal(kSource, SignalBye{"late"}));
  EXPECT_EQ(ada.driver->stats().parts_played, 0U);
}

TEST(Driver, WhatAViewerAndTheStreamerSayIsSignedAndShownToTheOthers) {
  Room room;
  Room::Peer& one = room.add_viewer(0xb001);
  Room::Peer& two = room.add_viewer(0xb002);
  ASSERT_TRUE(room.produce_until([&] { return one.parts.size() > 3 && two.parts.size() > 3; }));
  one.driver->post(mesh::ChatAs{.key = one.author, .name = "one"});
  one.driver->post(mesh::ChatSay{1, "hello"});
  room.source().driver->post(mesh::ChatAs{.key = std::nullopt, .name = "source"});
  room.source().driver->post(mesh::ChatSay{1, "welcome"});
  ASSERT_TRUE(room.produce_until([&] { return one.chat.size() == 2 && two.chat.size() == 2 && room.source().chat.size() == 2; }));
  for (Room::Peer* peer : {&one, &two, &room.source()}) {
    peer->driver->stop();
    for (const mesh::ChatMessage& message : peer->chat) EXPECT_EQ(message.text, message.streamer ? "welcome" : "hello");
    EXPECT_TRUE(peer->polluters.empty());
  }
}

}  // namespace
}  // namespace p2p::transport
