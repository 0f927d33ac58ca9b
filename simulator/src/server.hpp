#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "directory/directory.hpp"
#include "p2p-core/input.hpp"
#include "p2p-core/output.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// The signaling server: the directory that ships, told in virtual time. It knows what peers reported, no more.
///
/// Always holds: while it is away nothing is answered, and when it comes back it has forgotten everybody.
class Server {
 public:
  Server(const World& world, std::uint64_t seed);

  void go_away() { directory_.reset(); }
  void come_back(Instant now);
  [[nodiscard]] bool away() const { return !directory_; }

  /// Of the source, or of a viewer. Nothing: refused, or there is no such stream (yet).
  struct Arrival {
    PeerId peer;
    bool source = false;
    bool giving = true;
    std::uint32_t network = 0;
  };
  std::optional<mesh::Joined> join(const Arrival& arrival, Instant now);
  void leave(PeerId peer, Instant now);
  std::optional<std::vector<mesh::Candidate>> candidates(PeerId asker, const mesh::FindCandidates& wish, Instant now);
  std::optional<mesh::Receipts> report(PeerId peer, const mesh::SendReport& report, Instant now);
  /// Whether an offer or answer is passed on.
  bool signal(PeerId from, PeerId to, Instant now);

 private:
  [[nodiscard]] std::optional<directory::ConnectionId> connection(PeerId peer) const;
  void pass_time(Instant now);

  directory::Directory::Options options_;
  std::uint64_t seed_;
  std::uint64_t next_connection_ = 1;
  std::unique_ptr<directory::Directory> directory_;
  std::unordered_map<PeerId, directory::ConnectionId> connections_;  // looked up, never iterated
};

}  // namespace p2p::simulator
