#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/digest.hpp"
#include "base/prng.hpp"
#include "p2p-core/input.hpp"
#include "p2p-core/output.hpp"
#include "p2p-core/stats.hpp"

namespace p2p::simulator {

/// What common peer-to-peer plug-ins do over HLS, as well as the idea allows, for comparison: a viewer fetches whole segments, in order,
/// from a neighbor that has announced them, and from the origin (here the source, which takes any number of connections) what no
/// neighbor has.
///
/// It has the engine's face, so that one driver, network, people and faults serve both. Its way:
///
/// - a segment exists when its last part is made; who has one whole tells all neighbors, and passes it on from then on;
/// - it is asked of a neighbor that has it and is not busy, the faster of two random ones, else of the origin;
/// - a peer sends half as many segments at a time as its upload has streams, and says "busy" to further askers, who try elsewhere: so the
///   origin seeds a few copies and the swarm multiplies them;
/// - kUnderWayMax segments may be under way at once, each as long as it makes progress; who falls kBehindMax segments behind jumps ahead.
///
/// Always holds: at most kKept segments are kept, kKnownMax peers remembered.
///
/// Out of scope: integrity, anything that pushes.
class Baseline {
 public:
  struct Options {
    std::uint64_t seed = 0;
    bool source = false;
    bool giving = true;
    std::uint16_t connections_max = 16;
    std::int64_t upload_bits_per_s = 0;
  };
  Baseline(Options options, Instant now);

  void handle(Instant now, const mesh::Input& input);
  [[nodiscard]] std::optional<mesh::Output> poll();
  [[nodiscard]] Instant next_wake() const;
  [[nodiscard]] mesh::EngineStats stats() const;
  [[nodiscard]] std::uint64_t digest() const { return digest_.value(); }
  void check_invariants() const;

 private:
  static constexpr std::size_t kNeighborsWanted = 8;
  static constexpr std::int64_t kServedMax = 12;
  static constexpr std::size_t kKept = 16;
  static constexpr std::size_t kUnderWayMax = 4;
  static constexpr std::uint32_t kBehindMax = 6;
  static constexpr std::size_t kKnownMax = 256;

  enum class Say : std::uint8_t { kHave, kWant, kBusy, kCancel };

  /// Opens a message of the pieces channel.
  struct BlockHeader {
    std::uint32_t segment;
    std::uint32_t block;
    std::uint32_t blocks;      // of the segment
    std::uint16_t part;
    std::uint16_t last;        // the part's last block
    std::int64_t media_time_us;
    std::int64_t duration_us;
    std::int64_t captured_us;
  };
  struct Block {
    BlockHeader header;
    Payload bytes;
  };
  using Segment = std::vector<Block>;
  struct Neighbor {
    std::set<std::uint32_t> has;
    std::uint32_t backlog = 0;
    Instant busy_until{};
    std::int64_t bits_per_s = 0;   // of the last segment from it; 0: none yet
  };
  struct Fetch {
    PeerId from;
    Instant asked{};
    Instant until{};
    std::vector<std::optional<Block>> blocks;
    std::size_t received = 0;
  };
  struct Serving {
    PeerId to;
    std::uint32_t segment = 0;
    std::size_t next = 0;
  };

  void on(const mesh::Joined& input);
  void on(const mesh::CandidatesFound& input) { learn(input.candidates); }
  void on(const mesh::OfferReceived& input);
  void on(const mesh::LinkUp& input);
  void on(const mesh::LinkDown& input);
  void on(const mesh::MessageReceived& input);
  void on(const mesh::LinkBacklog& input);
  void on(const mesh::PartProduced& input);
  void on(const mesh::Leave&);
  void on(const mesh::SignalReady& input) { out_.emplace_back(mesh::SendSignal{input.to, input.signal}); }
  template <typename Other>
  void on(const Other&) {}

  void heard(PeerId from, Neighbor& neighbor, Say what, std::uint32_t segment);
  void on_block(PeerId from, const mesh::MessageReceived& message);
  void learn(const std::vector<mesh::Candidate>& candidates);
  void keep(std::uint32_t number, Segment segment);
  void play();
  void plan();
  [[nodiscard]] std::size_t served_max() const;
  void fetch(std::uint32_t segment);
  void serve();
  void dial_more();
  void say(PeerId to, Say what, std::uint32_t segment);

  Options options_;
  Prng prng_;
  Instant now_;
  Instant tick_at_;
  Instant dial_at_{};
  std::optional<PeerId> self_, source_;
  bool leaving_ = false;
  std::map<PeerId, Neighbor> neighbors_;
  std::set<PeerId> dialing_;
  std::vector<PeerId> known_;
  std::map<std::uint32_t, Segment> segments_;
  Segment growing_;                          // the source's present one
  std::uint32_t growing_number_ = 0;
  std::optional<std::uint32_t> wanted_;      // the next segment for the player
  std::optional<std::uint32_t> newest_;      // that anybody announced
  bool jumped_ = false;
  std::map<std::uint32_t, Fetch> under_way_;
  std::deque<Serving> served_;
  std::int64_t credit_bytes_ = 0;
  Instant credited_at_;
  std::deque<mesh::Output> out_;
  RunningDigest digest_;
  std::int64_t bits_per_s_ = 0;              // of the newest segment
  std::uint64_t played_ = 0;
  std::int64_t from_peers_ = 0, from_source_ = 0, given_ = 0, control_ = 0, produced_ = 0, duplicates_ = 0;
};

}  // namespace p2p::simulator
