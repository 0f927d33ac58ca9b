#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/prng.hpp"
#include "directory/candidate_pool.hpp"
#include "directory/messages.hpp"
#include "scoring/peer_score.hpp"

namespace p2p::directory {

/// One stream's source and viewers, and what the directory knows of each.
///
/// Always holds: the source is not among the viewers; a viewer is in the candidate pool exactly if it gives.
class Room {
 public:
  struct Viewer {
    ConnectionId connection;
    Instant joined_at{};
    Instant reported_at{};
    Instant counted_from{};          // start of the span in which `attested_bytes` came
    std::int64_t attested_bytes = 0;  // what neighbors say to have received from it in that span
    scoring::PeerEvidence evidence;
    scoring::PeerScore score;
    scoring::Role role = scoring::Role::kLeaf;
    std::size_t in_order = 0;
    bool giving = true;
    bool receiving = false;
    std::uint32_t links = 0;     // as of its last report
    std::uint32_t named = 0;     // since then, to others
  };

  Room(const CreateRequest& request, ConnectionId source)
      : id{request.stream}, public_key{request.public_key}, title{request.title}, started_at{request.wall_now}, source_peer{request.peer}, source{source} {}

  [[nodiscard]] StreamInfo info() const;
  [[nodiscard]] Viewer* find(PeerId peer);
  [[nodiscard]] const Viewer* find(PeerId peer) const;
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  /// In a fixed order, for everyone.
  [[nodiscard]] std::vector<ConnectionId> viewer_connections() const;

  void add(PeerId peer, ConnectionId connection, bool giving, Instant now);
  void remove(PeerId peer);
  [[nodiscard]] std::vector<Candidate> candidates(PeerId asker, std::span<const PeerId> exclude, std::size_t count, Prng& prng);

  /// What `reporter` (a viewer or the source) says of others counts for them.
  void attest(PeerId reporter, std::span<const NeighborReport> neighbors, Duration since_last_report);
  /// What a viewer says of itself; its score is computed anew.
  [[nodiscard]] Standing rescore(PeerId peer, const Report& report, Instant now);

  void check_invariants() const;

  const StreamId id;
  const PublicKey public_key;
  std::string title;
  const WallTime started_at;
  PeerId source_peer;
  std::optional<ConnectionId> source;  // none in the grace after its connection was lost
  Instant source_reported_at{};
  bool source_online = true;
  Instant grace_until = kNever;  // set while the source is not online

 private:
  void place(PeerId peer, const Viewer& viewer);

  std::unordered_map<PeerId, Viewer> viewers_;  // looked up, never iterated
  std::vector<PeerId> order_;
  CandidatePool pool_;
};

}  // namespace p2p::directory
