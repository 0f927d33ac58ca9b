#include "wide_links.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

namespace p2p::transport {
namespace {

constexpr PeerId kAda{1};
constexpr PeerId kBob{2};

// Two peers that accept every link, in one thread, and a directory that loses nothing.
class WideLinksTest : public ::testing::Test {
 protected:
  WideLinksTest() {
    for (const PeerId id : {kAda, kBob}) {
      Links::Options options;
      options.self = id;
      options.bind_address = "127.0.0.1";
      options.wake = [this] {
        const std::lock_guard lock{mutex_};
        woken_ = true;
        changed_.notify_one();
      };
      peers_[id].links = std::make_unique<WideLinks>(options);
    }
  }

  struct Peer {
    std::unique_ptr<WideLinks> links;
    std::vector<Links::Message> messages;
    std::uint32_t associations = 0;
    bool down = false;
  };

  static Instant now() { return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())}; }

  template <typename Done>
  bool run_until(Done done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    for (;;) {
      while (step()) {}
      if (done()) return true;
      std::unique_lock lock{mutex_};
      Instant next = kNever;
      for (const auto& [id, peer] : peers_) next = std::min(next, peer.links->next_wake());
      const auto wake_at = next == kNever ? deadline : std::min(deadline, std::chrono::steady_clock::time_point{next.time_since_epoch()});
      changed_.wait_until(lock, wake_at, [this] { return woken_; });
      woken_ = false;
      if (std::chrono::steady_clock::now() >= deadline) return false;
    }
  }

  bool connect() {
    peers_[kAda].links->dial(kBob, now());
    return run_until([&] { return peers_[kAda].associations == 1 && peers_[kBob].associations == 1; });
  }
  bool have(std::uint32_t associations) {
    return run_until([&] { return peers_[kAda].associations == associations && peers_[kBob].associations == associations; });
  }
  Peer& ada() { return peers_[kAda]; }
  Peer& bob() { return peers_[kBob]; }

  std::array<int, mesh::kAssociationsMax> offers{};   ///< that the directory passed on, by association

 private:
  bool step() {
    bool any = false;
    for (auto& [id, peer] : peers_) {
      while (auto event = peer.links->poll(now())) {
        any = true;
        if (auto* out = std::get_if<Links::SignalOut>(&*event)) {
          if (const auto* offer = std::get_if<SignalOffer>(&out->signal)) ++offers.at(offer->association);
          peers_.at(out->to).links->handle(id, out->signal, now());
        } else if (const auto* offer = std::get_if<Links::OfferIn>(&*event)) {
          peer.links->accept(offer->from, now());
        } else if (std::holds_alternative<Links::Up>(*event)) {
          peer.associations = 1;
        } else if (std::holds_alternative<Links::Down>(*event)) {
          peer.associations = 0;
          peer.down = true;
        } else if (auto* message = std::get_if<Links::Message>(&*event)) {
          peer.messages.push_back(std::move(*message));
        } else if (const auto* wide = std::get_if<WideLinks::Widened>(&*event)) {
          peer.associations = wide->associations;
        }
      }
    }
    return any;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  std::map<PeerId, Peer> peers_;   // last: their threads call `wake` until they are gone
};

TEST_F(WideLinksTest, ALinkGetsTheAssociationsThatAnEndWants) {
  ASSERT_TRUE(connect());
  ada().links->widen(kBob, 3, now());
  ASSERT_TRUE(have(3));
  EXPECT_EQ(offers, (std::array{1, 1, 1, 0}));
}

TEST_F(WideLinksTest, BothEndsMayWantThemAtOnce) {
  ASSERT_TRUE(connect());
  ada().links->widen(kBob, 2, now());
  bob().links->widen(kAda, 4, now());
  ASSERT_TRUE(have(4));
}

TEST_F(WideLinksTest, EachPieceComesOnceWhicheverCarriesIt) {
  ASSERT_TRUE(connect());
  ada().links->widen(kBob, 4, now());
  ASSERT_TRUE(have(4));
  constexpr std::size_t kCount = 1000;
  for (std::size_t i = 0; i < kCount; ++i) {
    Bytes header;
    append_big_endian(header, static_cast<std::uint32_t>(i));
    ada().links->send(kBob, mesh::Channel::kPieces, header, Bytes(4000));
  }
  ASSERT_TRUE(run_until([&] { return bob().messages.size() == kCount; }));
  std::vector<std::uint64_t> numbers;
  for (const Links::Message& message : bob().messages) numbers.push_back(read_big_endian(message.bytes, 0, 4));
  std::ranges::sort(numbers);
  for (std::size_t i = 0; i < kCount; ++i) EXPECT_EQ(numbers[i], i);
}

TEST_F(WideLinksTest, AllOfThemEndWithTheLink) {
  ASSERT_TRUE(connect());
  ada().links->widen(kBob, 2, now());
  ASSERT_TRUE(have(2));
  bob().links->hang_up(kAda, "enough", now());
  ASSERT_TRUE(run_until([&] { return ada().down && bob().down && !ada().links->closing() && !bob().links->closing(); }));
  EXPECT_EQ(ada().links->backlog(kBob), 0U);
}

TEST_F(WideLinksTest, NobodyWidensALinkThatIsNotThere) {
  ada().links->widen(kBob, 4, now());
  EXPECT_FALSE(ada().links->poll(now()));
  bob().links->handle(kAda, SignalOffer{"v=0", 1}, now());
  const auto answer = bob().links->poll(now());
  ASSERT_TRUE(answer);
  const auto* out = std::get_if<Links::SignalOut>(&*answer);
  ASSERT_TRUE(out && std::holds_alternative<SignalBye>(out->signal));
  EXPECT_EQ(std::get<SignalBye>(out->signal).association, 1);
}

}  // namespace
}  // namespace p2p::transport
