#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "bandwidth/link_rate.hpp"
#include "bandwidth/upload_budget.hpp"
#include "base/flat_map.hpp"
#include "base/ring.hpp"
#include "base/stable_map.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"

namespace p2p::mesh {

/// What waits to be sent to neighbors, and in which order it goes: pushes first, the oldest piece first and of one piece the copy for
/// the child that passes on most; what was requested below them, or a storm of repairs would make fresh pieces late and so breed more
/// repairs.
///
/// Always holds: a link's send buffer is not filled beyond what it carries in kLinkQueueMax, so that a fresh piece never waits behind
/// stale ones; at most kQueueMax pieces wait for one neighbor; what waited longer than kPushWaitMax is dropped and named, so that the
/// child can ask elsewhere at once.
class Uplink {
 public:
  static constexpr std::uint32_t kBacklogMax = 64 * 1024;
  static constexpr std::uint32_t kBacklogMin = 24 * 1024;   ///< two pieces, or a link would run dry between two looks
  static constexpr Duration kLinkQueueMax = 250ms;
  static constexpr std::size_t kQueueMax = 1024;
  static constexpr Duration kPushWaitMax = 700ms;
  static constexpr Duration kRequestWaitMax = 700ms;

  struct Piece {
    RenditionId rendition;
    PieceNumber number = 0;
    std::int64_t captured_us = 0;   ///< of its part: numbers of two renditions do not compare
    std::uint32_t place = 0;        ///< in its part: of two renditions both go on, and the smaller one is done first
    std::uint32_t bytes = 0;

    [[nodiscard]] bool is(RenditionId of, PieceNumber piece) const { return rendition == of && number == piece; }
    [[nodiscard]] auto order() const { return std::tuple{captured_us, place, rendition, number}; }
  };
  struct Item {
    PeerId peer;
    Piece piece;
    bool requested = false;
    Instant queued_at{};
  };

  Uplink(UploadBudget::Options budget, Instant now) : budget_{budget, now} {}

  void link_up(PeerId peer) { links_[peer]; }
  void link_down(PeerId peer);

  /// False when the queue is full or the piece waits there already.
  /// `requested`: it answers an urgent request, and is marked so.
  bool push(PeerId peer, Piece piece, bool requested, Instant now);
  bool request(PeerId peer, Piece piece, Instant now);
  /// `requested_only`: what is pushed as to a child goes on.
  void cancel(PeerId peer, RenditionId rendition, PieceNumber piece, bool requested_only = false);

  /// Nothing of that rendition is sent any more.
  void forget(RenditionId rendition);
  /// It waits for its turn on the link to the peer.
  [[nodiscard]] bool waits(PeerId peer, RenditionId rendition, PieceNumber piece) const;

  /// A control message went over the link: what waits there includes it, and the pieces after it wait until it is paid for.
  void sent_control(PeerId peer, std::size_t bytes, Instant now);

  /// What the driver says waits in the link's own buffers.
  void backlog(PeerId peer, std::uint32_t bytes, Instant now);
  /// The link has `to` associations in place of `from`.
  /// One of the link's ends stood still for a moment.
  void interrupted(PeerId peer);
  void widened(PeerId peer, std::uint32_t from, std::uint32_t to);
  /// How much the neighbor passes on: of two copies of a piece the one goes first that more wait for.
  void set_weight(PeerId peer, std::int64_t weight);
  /// Nothing while the link was never full.
  [[nodiscard]] std::optional<std::int64_t> link_bits_per_s(PeerId peer) const;

  /// The next piece to send, paid for. Nothing: wait until next_due() or for a backlog to drain.
  [[nodiscard]] std::optional<Item> take(Instant now);

  /// What waited too long, taken out.
  std::vector<Item> expire(Instant now);

  /// How long a piece requested by `peer` now would wait, roughly.
  [[nodiscard]] Duration wait(PeerId peer) const;
  [[nodiscard]] Instant next_due() const;

  UploadBudget& budget() {
    changed_ = true;
    return budget_;
  }
  [[nodiscard]] const UploadBudget& budget() const { return budget_; }
  void check_invariants() const;

 private:
  struct Link {
    Ring<Item> pushes;
    Ring<Item> requests;
    std::uint32_t backlog = 0;
    std::int64_t weight = 0;
    LinkRate rate;
    [[nodiscard]] std::uint32_t backlog_max() const;
    [[nodiscard]] bool idle() const { return pushes.empty() && requests.empty(); }
  };

  Link* next_link(bool pushes);
  [[nodiscard]] Instant look_for_due() const;

  /// What a piece takes of the line: its bytes and the headers of its packets.
  [[nodiscard]] static std::int64_t price(std::uint32_t bytes) { return bytes + (bytes + kPacketPayload - 1) / kPacketPayload * kPacketHeaders; }
  static constexpr std::uint32_t kPacketPayload = 1150;   ///< of SCTP in DTLS in UDP, as libdatachannel and Chromium cut it
  static constexpr std::uint32_t kPacketHeaders = 77;     ///< IP, UDP, DTLS, SCTP with one data chunk

  UploadBudget budget_;
  StableMap<PeerId, Link> links_;
  FlatMap<PeerId, Link*> busy_;   // those for which something waits: each input looks at all of them
  std::int64_t waiting_bytes_ = 0;
  std::size_t waiting_ = 0;
  // Most inputs have nothing to do with the uplink: until something changes, nothing can be sent before what was said then.
  mutable bool changed_ = true;
  mutable Instant due_ = kNever;
};

}  // namespace p2p::mesh
