#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/prng.hpp"
#include "directory/candidate_pool.hpp"
#include "directory/messages.hpp"
#include "directory/token_bucket.hpp"
#include "scoring/peer_score.hpp"

namespace p2p::directory {

/// One stream's source and viewers, and what the directory knows of each.
///
/// What a viewer gives is what others report to have received from it. One peer's word counts for about as much as peers usually receive,
/// and nothing for those who share its network: so who wants to be talked up needs as many helpers, at other places, as it claims to feed.
///
/// Always holds: the source is not among the viewers; a viewer is in the candidate pool exactly if it gives.
class Room {
 public:
  struct Viewer {
    ConnectionId connection;
    Instant joined_at{};
    Instant reported_at{};
    Instant counted_from{};           // start of the span in which `attested_bytes` came
    std::int64_t attested_bytes = 0;  // what others say to have received from it in that span
    std::int64_t attested_before = 0; // in the span before that one
    Duration counted_before{};        // how long that was
    scoring::PeerEvidence evidence;
    scoring::PeerScore score;
    scoring::Role role = scoring::Role::kLeaf;
    std::size_t in_order = 0;
    CandidatePool::Place place;
    bool giving = true;
    bool receiving = false;
    std::optional<std::uint8_t> rendition;
    std::uint32_t links = 0;     // as of its last report
    std::uint32_t named = 0;     // since then, to others
    std::uint16_t hop = 0;       // these as of its last report, too
    std::int64_t latency_ms = 0;
    std::int64_t received_bits_per_s = 0;
    std::vector<MeshPeer::Parent> parents;
  };

  Room(const CreateRequest& request, ConnectionId by);

  [[nodiscard]] StreamInfo info() const;
  [[nodiscard]] Viewer* find(PeerId peer);
  [[nodiscard]] const Viewer* find(PeerId peer) const;
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] const std::array<std::size_t, scoring::kRoles>& viewers_by_role() const { return by_role_; }
  /// In a fixed order, for everyone.
  [[nodiscard]] std::vector<ConnectionId> viewer_connections() const;

  void add(const JoinRequest& request, ConnectionId connection, Instant now);
  void remove(PeerId peer);
  [[nodiscard]] std::vector<Candidate> candidates(PeerId asker, std::span<const PeerId> exclude, std::optional<std::uint8_t> rendition, std::size_t count,
                                                  Prng& prng);

  /// What a viewer says of others counts for them.
  void attest(PeerId reporter, std::span<const NeighborReport> neighbors, Instant now);
  /// Of the reporter and its neighbors.
  [[nodiscard]] std::vector<Standing::Receipt> receipts(PeerId reporter, std::span<const NeighborReport> neighbors, Instant now);
  /// What a viewer says of itself; its score is computed anew.
  [[nodiscard]] Standing rescore(PeerId peer, const Report& report, Instant now);

  /// What the source says of itself.
  void note_source(const Report& report) { source_given_bits_per_s_ = report.upload_used_bits_per_s; }
  /// An even sample of the room, made anew every few seconds; nothing when it is asked for too often.
  [[nodiscard]] std::shared_ptr<const MeshSample> sample(Instant now, Prng& prng);

  void check_invariants() const;

  const StreamId id;
  const PublicKey public_key;
  std::shared_ptr<const StreamDetails> details;
  std::shared_ptr<const Thumbnail> thumbnail;
  Instant next_thumbnail_at{};
  const WallTime started_at;
  const std::uint64_t place;  // CreateRequest's
  PeerId source_peer;
  std::optional<ConnectionId> source;  // none in the grace after its connection was lost
  bool source_online = true;
  Instant grace_until = kNever;  // set while the source is not online

 private:
  void offer(PeerId peer, const Viewer& viewer);
  [[nodiscard]] MeshSample make_sample(Instant now);
  /// What a viewer gives to all others together, as they say.
  [[nodiscard]] static std::int64_t given_bits_per_s(Viewer& viewer, Instant now);
  /// How much of what a peer says that it received is believed.
  [[nodiscard]] std::int64_t believable(std::int64_t bytes, Duration span);
  /// Of what is counted for that viewer, if it was long enough.
  static void end_span(Viewer& viewer, Instant now);

  std::unordered_map<PeerId, Viewer> viewers_;  // looked up, never iterated
  std::vector<PeerId> order_;
  std::array<std::size_t, scoring::kRoles> by_role_{};
  std::map<std::uint32_t, std::size_t> networks_;   // viewers of each
  CandidatePool pool_;
  std::array<CandidatePool, kRenditionsMax> having_;   // those of the pool that have each rendition, of a stream with several
  std::int64_t usual_bytes_per_s_;   // that a viewer receives, as most say
  std::int64_t source_given_bits_per_s_ = 0;
  std::optional<std::uint64_t> salt_;   // of samples, once there was one
  std::shared_ptr<const MeshSample> sample_;
  Instant sampled_at_{};
  TokenBucket samples_;
};

}  // namespace p2p::directory
