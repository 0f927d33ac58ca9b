#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/digest.hpp"
#include "base/prng.hpp"
#include "buffer/piece_store.hpp"
#include "buffer/playout.hpp"
#include "integrity/manifest_log.hpp"
#include "integrity/sealer.hpp"
#include "mesh/carrier.hpp"
#include "mesh/children.hpp"
#include "mesh/feeds.hpp"
#include "mesh/membership.hpp"
#include "mesh/neighbor.hpp"
#include "mesh/source_clock.hpp"
#include "p2p-core/engine.hpp"
#include "scheduler/repair.hpp"
#include "scheduler/uplink.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {

/// Routes facts to the parts of the engine and their answers to the driver: the parts do not know each other. One rendition is
/// carried; its number is that of the first header seen.
class Engine::Impl {
 public:
  Impl(Options options, Instant now);

  void handle(Instant now, const Input& input);
  std::optional<Output> poll();
  [[nodiscard]] Instant next_wake() const;
  [[nodiscard]] EngineStats stats() const;
  [[nodiscard]] std::uint64_t digest() const { return digest_.value(); }
  void check_invariants() const;

 private:
  // engine.cpp: what the driver tells.
  void on(const Joined& input);
  void on(const CandidatesFound& input);
  void on(const SignalingAway& input);
  void on(const OfferReceived& input);
  void on(const LinkUp& input);
  void on(const LinkDown& input);
  void on(const MessageReceived& input);
  void on(const LinkBacklog& input);
  void on(const RenditionProduced& input);
  void on(const PartProduced& input);
  void on(const PieceHashed& input);
  void on(const Signed& input);
  void on(const SignatureChecked& input);
  void on(const Playhead& input);
  void on(const SharingChanged& input);
  void on(const Leave& input);
  void on(const Wake& input);
  void on(const SignalReady& input);   // engine_carrying.cpp
  void on(const LinkWidened& input);

  // engine_messages.cpp: what a neighbor says.
  void on_message(Neighbor& from, wire::Hello& message);
  void on_message(Neighbor& from, wire::Have& message);
  void learn_have(Neighbor& from, const wire::Have& message);
  void on_message(Neighbor& from, wire::Status& message);
  void on_message(Neighbor& from, wire::Subscribe& message);
  void on_message(Neighbor& from, wire::Subscribed& message);
  void on_message(Neighbor& from, wire::Denied& message);
  void on_message(Neighbor& from, wire::Unsubscribe& message);
  void on_message(Neighbor& from, wire::Evict& message);
  void on_message(Neighbor& from, wire::Path& message);
  void on_message(Neighbor& from, wire::Request& message);
  void on_message(Neighbor& from, wire::Cancel& message);
  void on_message(Neighbor& from, wire::Unavailable& message);
  void on_message(Neighbor& from, wire::Manifest& message);
  void on_message(Neighbor& from, wire::ManifestRequest& message);
  void on_message(Neighbor& from, wire::Header& message);
  void on_message(Neighbor& from, wire::Bye& message);

  // engine_carrying.cpp: the mesh without the server.
  void on_message(Neighbor& from, wire::PeersRequest& message);
  void on_message(Neighbor& from, wire::Peers& message);
  void on_message(Neighbor& from, wire::Carry& message);
  void on_message(Neighbor& from, wire::Carried& message);
  void on_message(Neighbor& from, wire::Uncarried& message);
  void ask_neighbors();

  // engine_pieces.cpp: the way of a piece, from fragments to children and player.
  void on_fragment(Neighbor& from, const MessageReceived& message);
  void take_piece(Neighbor& from, Reassembly::Whole whole);
  void place_piece(Neighbor& from, Reassembly::Whole whole, Instant came_at);
  bool asked_for(Neighbor& from, const Reassembly::Whole& whole);
  void piece_verified(PieceNumber piece, PieceStore::Held held, std::optional<PeerId> from, bool requested);
  void relay(PieceNumber piece, std::uint32_t bytes, std::optional<PeerId> except);
  void manifest_verified(std::vector<wire::ManifestEntry> parts, const Payload& message, std::optional<PeerId> from);
  void header_verified(const wire::RenditionHeader& header, const Payload& message);
  void publish_sealed();
  void start_playback();
  void play();
  void trim_window();
  void send_waiting();

  // engine_timers.cpp: what time brings.
  [[nodiscard]] Instant next_tick() const;
  void tick();
  void tick_have();
  void tick_second();
  void tick_report();
  void plan_feeds();
  void plan_repair();
  [[nodiscard]] bool has_news(const Neighbor& neighbor, std::size_t tree) const;
  void dial_more();
  void overslept(Duration late);
  void end_children_of(Neighbor& silent);
  void relieve_links();
  void tell_rootless();
  bool widen(Neighbor& neighbor, std::int64_t stripes);
  [[nodiscard]] std::optional<std::int64_t> association_bits_per_s(const Neighbor& neighbor) const;
  void link_is_full(Neighbor& from, std::size_t to_go);
  void push_held(Neighbor& to, PieceNumber from);
  void drop_surplus_link();

  void send(PeerId peer, const wire::Message& message);
  void send(PeerId peer, const Payload& encoded);
  void send_have(Neighbor& to, PieceNumber from, PieceNumber end, bool all, bool with_status);
  void send_status(PeerId to);
  wire::Status status_to_tell();
  void send_header(Neighbor& to);
  void send_manifests(PeerId to, PieceNumber from);
  void send_path(std::size_t tree);
  void evict(Children::Place place, PeerId hint, PieceNumber until, bool link_full);
  void misbehaved(PeerId peer, std::string what);
  void drop_neighbor(PeerId peer);
  void decide(std::string text) { out_.push_back(Decision{std::move(text)}); }
  /// Nothing when no part is overdue.
  void skip_overdue();
  [[nodiscard]] std::string what_is_missing() const;
  [[nodiscard]] std::vector<std::uint32_t> path_in(std::size_t tree) const;
  [[nodiscard]] Children::Capacity capacity() const;
  [[nodiscard]] std::int64_t unit_bits_per_s() const;
  [[nodiscard]] std::int64_t upload_bits_per_s() const;
  [[nodiscard]] std::int64_t believed(std::uint32_t slots, std::uint32_t gives_kbit_per_s) const;
  [[nodiscard]] std::int64_t weight_of(PeerId peer) const;
  [[nodiscard]] PieceNumber pieces_in(Duration time) const;
  [[nodiscard]] Instant made_at(const wire::ManifestEntry& part) const {
    return source_clock_.made_at(WallTime{Duration{part.captured_us}}, now_);
  }
  [[nodiscard]] std::uint32_t gives_kbit_per_s() const { return static_cast<std::uint32_t>(given_5s_.sum(now_) * 8 / 5 / 1000); }
  bool others_have(PieceNumber piece);
  [[nodiscard]] bool link_carries_more(PeerId to, std::size_t tree) const;
  [[nodiscard]] bool link_carries(PeerId to, std::int64_t stripes) const;
  [[nodiscard]] bool of_use(const Neighbor& neighbor) const;
  [[nodiscard]] Neighbor* least_useful();
  [[nodiscard]] Neighbor* find(PeerId peer);
  [[nodiscard]] Role role() const;
  [[nodiscard]] bool giving() const { return options_.giving; }
  [[nodiscard]] std::uint8_t rendition() const { return rendition_.value_or(0); }
  void mix(const Input& input);
  void mix(const Output& output);

  /// A question about a piece or a signed text that the driver is working on.
  struct Pending {
    enum class Kind : std::uint8_t { kPiece, kManifest, kHeader } kind = Kind::kPiece;
    PeerId from;
    PieceNumber piece = 0;
    bool requested = false;
    Duration age{};
    Instant asked_at{};
    Payload bytes;                              // the piece, or the message as it goes on
    std::vector<wire::ManifestEntry> parts;
    wire::RenditionHeader header;
  };
  static constexpr std::size_t kPendingMax = 512;
  /// Pieces that came before their manifest entry.
  static constexpr std::size_t kEarlyMax = 64;
  /// A neighbor that sends what nobody asked for is cut off when it has sent this many more than what was asked for.
  static constexpr std::uint32_t kUnaskedMax = 128;

  /// A link that is loaded up to this share of its rate keeps its queue short (docs/links.md).
  static constexpr std::int64_t kLinkLoadPercent = 55;
  /// How long a child that is asked to go has to find another parent.
  static constexpr Duration kGrace = 2500ms;
  /// Eight stripes that begin together are told together.
  static constexpr Duration kStatusSoon = 40ms;
  /// A status goes along with each so many have-deltas: once a second.
  static constexpr std::uint32_t kHavesPerStatus = 5;
  /// What an old parent has queued may come this long.
  static constexpr Duration kLeftovers = 8s;

  Options options_;
  Instant now_;
  Prng prng_;
  std::deque<Output> out_;
  RunningDigest digest_;
  std::uint64_t next_request_ = 1;

  Membership membership_;
  Carrier carrier_;
  Neighbors neighbors_;
  Feeds feeds_;
  Children children_;
  SourceClock source_clock_;
  Uplink uplink_;
  Repair repair_;
  Sealer sealer_;
  ManifestLog log_;
  PieceStore store_;
  Playout playout_;

  std::optional<std::uint8_t> rendition_;
  std::uint32_t rendition_bits_per_s_ = 0;
  Payload header_message_;                      // as it goes to neighbors; empty until known
  std::map<RequestId, Pending> pending_;
  std::map<RequestId, wire::RenditionHeader> headers_to_sign_;
  struct Early {
    PeerId from;
    Reassembly::Whole whole;
    Instant at{};
  };
  std::deque<Early> early_;
  std::vector<PieceNumber> fresh_;              // verified since the last Have
  bool signaling_ = false;
  bool leaving_ = false;
  bool reported_receiving_ = false;
  struct Answered {
    std::uint32_t times = 0;
    Instant at{};
  };
  std::map<PieceNumber, Answered> answered_;    // requests that the source answered lately; bounded by its window
  bool was_full_ = false;                       // as last told to neighbors

  Instant have_at_;
  std::uint32_t haves_until_status_ = kHavesPerStatus;
  Instant second_at_;
  Instant report_at_;
  Instant status_at_ = kNever;                  // before its second: a stripe is fed that was not
  Instant surplus_at_;
  struct Orphaned {
    std::optional<Instant> since;   // without a parent
    bool told = false;              // to the children
  };
  std::array<Orphaned, kTrees> orphaned_;
  Instant source_room_at_;
  Instant ticked_at_;

  // Figures.
  std::int64_t from_peers_bytes_ = 0;
  std::int64_t from_source_bytes_ = 0;
  std::int64_t given_bytes_ = 0;
  std::int64_t duplicate_bytes_ = 0;
  std::int64_t control_bytes_ = 0;
  std::int64_t produced_bytes_ = 0;
  std::uint64_t verified_ = 0;
  std::uint64_t repaired_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t played_ = 0;
  std::uint64_t skipped_ = 0;
  Duration delay_{};                            // of whole parts, smoothed
  RollingSum given_5s_{5s};
  std::int64_t upload_cap_bits_per_s_ = 0;      // the viewer's; 0: none
  Duration buffered_{};
};

}  // namespace p2p::mesh
