#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/digest.hpp"
#include "base/prng.hpp"
#include "base/ring.hpp"
#include "bandwidth/line_queue.hpp"
#include "bandwidth/quality.hpp"
#include "buffer/pace.hpp"
#include "chat/chat_state.hpp"
#include "mesh/carrier.hpp"
#include "mesh/membership.hpp"
#include "mesh/neighbor.hpp"
#include "mesh/source_clock.hpp"
#include "mesh/track.hpp"
#include "p2p-core/engine.hpp"
#include "scheduler/uplink.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {

/// Routes facts to the parts of the engine and their answers to the driver: the parts do not know each other. What belongs to one
/// rendition is in a Track; links, upload, membership and the source's clock are shared.
class Engine::Impl {
 public:
  Impl(Options options, Instant now);

  void handle(Instant now, const Input& input);
  std::optional<Output> poll();
  [[nodiscard]] Instant next_wake() const { return wake_at_; }
  void prefetch(Ahead ahead, PeerId from) const;
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
  void on(const ChooseQuality& input);
  void on(const SharingChanged& input);
  void on(const Leave& input);
  void on(const Wake& input);
  void on(const SignalReady& input);   // engine_carrying.cpp
  void on(const LinkWidened& input);
  void on(const Receipts& input);
  void on(const EdgeOffered& input);
  void on(const PieceFetched& input);
  void on(const LatencyChosen& input);   // engine_playback.cpp
  void on(const ReturnToLive& input);
  void on(const ChatAs& input);   // engine_chat_own.cpp
  void on(const ChatSay& input);
  void on(const ChatReact& input);
  void on(const ChatModerate& input);

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
  void on_manifest(Neighbor& from, wire::Manifest& message, const Payload& as_it_came);
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

  // engine_chat.cpp: what people say.
  void on_message(Neighbor& from, wire::Chat& message);
  void on_message(Neighbor& from, wire::ChatHave& message);
  void on_message(Neighbor& from, wire::ChatWant& message);
  void on_message(Neighbor& from, wire::ChatSummary& message);
  void on_message(Neighbor& from, wire::ChatCompare& message);
  void on_message(Neighbor& from, wire::ChatPrune& message);
  void on_message(Neighbor& from, wire::ChatRules& message);
  void on_message(Neighbor& from, wire::ChatReactions& message);
  /// By the source's clock, the one that all share; nothing before something of the stream has come.
  [[nodiscard]] std::optional<std::int64_t> chat_now_ms() const;
  [[nodiscard]] bool hears_chat_of(const Neighbor& from) const;
  void chat_greeted(Neighbor& from);
  void send_chat_summary(PeerId to);
  bool take_chat(PeerId from, wire::ChatSigned text, bool own);
  void check_chat(PeerId from, ChatState::Text said, wire::ChatSigned bytes, bool quiet);
  void hold_chat(PeerId from, ChatState::Text said, wire::ChatSigned bytes);
  void chat_named(PeerId by, const ChatId& id);
  bool fits_chat(PeerId from, const ChatState::Text& said);
  bool admit_chat(PeerId from, std::size_t bytes);
  bool chat_checked(const SignatureChecked& input);   // false: it was no question of the chat's
  void add_chat(ChatState::Text text, wire::ChatSigned bytes, std::optional<PeerId> from, std::uint32_t number, bool quiet = false);
  void hide_chat(const std::vector<ChatId>& gone);
  void send_chat(PeerId to, const std::vector<const ChatLog::Entry*>& entries, bool history);
  void compare_chat(PeerId with, std::int64_t from_ms, std::int64_t until_ms);
  void take_chat_page(ChatRuleBook::Page page, std::optional<PeerId> from);
  void chat_reacted(const ChatState::Reaction& reaction, wire::ChatSigned bytes, std::optional<PeerId> from);
  void pass_on_reactions();
  void tick_chat();
  // engine_chat_own.cpp
  bool chat_signed(const Signed& input);
  void chat_said(ChatState::Saying saying, const Signature& signature);
  void chat_echoed(const ChatId& id);
  void sign_next_page();
  void withdraw_unheard();

  // engine_pieces.cpp: the way of a piece, from fragments to children and player.
  void on_fragment(Neighbor& from, const MessageReceived& message);
  void take_piece(Track& track, Neighbor& from, Reassembly::Whole whole);
  void place_piece(Track& track, Neighbor& from, Reassembly::Whole whole, Instant came_at);
  void place_early(Track& track);
  bool asked_for(const Track& track, Neighbor& from, const Reassembly::Whole& whole);
  void piece_verified(Track& track, PieceNumber piece, PieceStore::Held held, std::optional<PeerId> from, bool requested);
  void need_no_more(const Track& track, PieceNumber piece, PeerId from);
  void push_unheld(Track& track);
  void relay(const Track& track, PieceNumber piece, std::uint32_t bytes, std::optional<PeerId> except);
  void manifest_verified(Track& track, std::vector<wire::ManifestEntry> parts, const Payload& message, std::optional<PeerId> from);
  void header_verified(const wire::RenditionHeader& header, const Payload& message);
  void publish_sealed(Track& track);
  void want_known(Track& track);
  void send_waiting();

  // engine_playback.cpp: the player, and what it waits for.
  void start_playback(Track& track);
  void play(Track& track);
  void rebuffer(Track& track);
  void skip_overdue(Track& track);
  void skip_missing(Track& track);
  void set_playback(Pace::Verdict verdict);
  [[nodiscard]] Pace::Seen seen_of_player() const;
  /// By the viewer. Before the first picture nobody is, and what is missing then is given up like later.
  [[nodiscard]] bool paused() const { return shown_ && !playhead_->playing; }
  [[nodiscard]] Duration patience() const;
  [[nodiscard]] Duration window() const;
  [[nodiscard]] PieceNumber backlog_to_ask(const Track& track) const;

  // engine_switching.cpp: from one rendition to another.
  void mind_quality();
  void mind_switch();
  [[nodiscard]] std::vector<Quality::Option> options_to_play() const;
  [[nodiscard]] bool supplied(RenditionId rendition) const;
  [[nodiscard]] Membership::Need need_of_links() const;
  void begin_switch(RenditionId to, std::size_t stripes, const std::string& why);
  void abandon_switch(const std::string& why);
  void hold_at(Track& old, std::uint32_t segment);
  void take_over(Track& old, Track& next, const wire::ManifestEntry& start);
  void finish_switch();
  [[nodiscard]] bool held_up_on_links() const;
  void end_if_full(RenditionId to, bool late);
  [[nodiscard]] bool tight_with(RenditionId other) const;
  void end_with_segment(Track& old);
  void end_now(Track& old, PieceNumber wanted_before);
  void leave_feeds(Track& track, PieceNumber until);
  void tell_left(const Track& track, const std::vector<Feeds::Place>& places, PieceNumber until);
  void drop_track(std::size_t index);
  void play_rendition(RenditionId rendition);

  // engine_timers.cpp: what time brings.
  [[nodiscard]] Instant next_tick() const;
  [[nodiscard]] bool tick_due() const;
  [[nodiscard]] Instant wake_wanted() const;
  void tick();
  void tick_have();
  void send_fresh(Neighbor& to, bool with_status);
  void tick_second();
  void tick_report();
  void plan_feeds();
  void plan_feeds(Track& track);
  void plan_repair(Track& track);
  [[nodiscard]] PieceNumber first_wanted(const Track& track, std::size_t tree) const;
  void plan_edge(Track& track);
  void dial_more();
  void overslept(Duration late);
  void end_children_of(Neighbor& silent);
  void promote_soft(Track& track);
  void tell_rootless(Track& track);
  void push_held(const Track& track, Neighbor& to, PieceNumber from);

  // engine_links.cpp: what the line and the links carry.
  void count_links();
  void relieve_links();
  bool widen(Neighbor& neighbor, std::int64_t bits_per_s);
  [[nodiscard]] std::optional<std::int64_t> association_bits_per_s(const Neighbor& neighbor) const;
  void link_is_full(const Track& track, Neighbor& from, std::size_t to_go);
  void drop_surplus_link();
  [[nodiscard]] std::int64_t promised_elsewhere(const Track& track) const;
  /// What neighbors send waits so long before our line; a key part's burst is none.
  [[nodiscard]] Duration line_queue() const { return quality_.queue() > kLineQueueMin ? quality_.queue() : 0ms; }
  [[nodiscard]] bool best_of_all(const Track& track) const;
  [[nodiscard]] std::uint32_t slots_for(std::int64_t unit_bits_per_s) const;
  [[nodiscard]] Children::Capacity capacity(const Track& track) const;
  /// Of one stripe; a guess, of a rendition that is not known here.
  [[nodiscard]] std::int64_t unit_bits_per_s(RenditionId rendition) const;
  /// What was promised to the neighbor, in all renditions.
  [[nodiscard]] std::int64_t promised_bits_per_s(PeerId peer) const;
  [[nodiscard]] std::uint32_t stripes_given(PeerId peer) const;
  [[nodiscard]] std::uint32_t slots_used() const;
  [[nodiscard]] std::int64_t upload_bits_per_s() const;
  [[nodiscard]] static std::int64_t believed(std::uint32_t slots, std::int64_t unit_bits_per_s, std::uint32_t gives_kbit_per_s,
                                            std::optional<std::uint32_t> attested_kbit_per_s);
  [[nodiscard]] std::int64_t weight_of(PeerId peer) const;
  [[nodiscard]] bool carries_alone(PeerId peer) const;
  [[nodiscard]] bool link_carries_more(const Track& track, PeerId to, std::size_t tree) const;
  [[nodiscard]] bool link_carries(PeerId to, std::int64_t bits_per_s) const;
  [[nodiscard]] bool of_use(const Neighbor& neighbor) const;
  [[nodiscard]] Neighbor* least_useful(std::uint32_t network = 0);

  void send(PeerId peer, const wire::Message& message);
  void send(PeerId peer, const Payload& encoded);
  void send_have(Track& track, Neighbor& to, PieceNumber from, PieceNumber end, bool all, bool with_status);
  void send_status(PeerId to);
  wire::Status status_to_tell(Track& track);
  void send_headers(Neighbor& to);
  void send_manifests(const Track& track, PeerId to, PieceNumber from);
  void send_path(Track& track, std::size_t tree);
  void evict(Track& track, Children::Place place, PeerId hint, PieceNumber until, bool link_full);
  void evict_everywhere(PeerId peer);
  void misbehaved(PeerId peer, std::string what);
  void edge_is_false(Track& track, PieceNumber piece, const std::string& why);
  void drop_neighbor(PeerId peer);
  void decide(std::string text, Topic topic = Topic::kOther);
  /// The track of a rendition that is carried here; a viewer that knows no rendition yet takes what comes.
  [[nodiscard]] Track* track_of(std::uint8_t rendition);
  Track& add_track(RenditionId rendition);
  /// Whether the neighbor wants to know what of it is here.
  [[nodiscard]] bool follows(const Neighbor& neighbor, const Track& track) const;
  [[nodiscard]] Uplink::Piece outgoing(const Track& track, PieceNumber piece, std::size_t bytes) const;
  /// What is played here, or will be.
  [[nodiscard]] Track& main() { return *tracks_.front(); }
  [[nodiscard]] const Track& main() const { return *tracks_.front(); }
  [[nodiscard]] bool starving() const {
    return std::any_of(tracks_.begin(), tracks_.end(), [](const auto& track) { return !track->ends_at && !track->partial() && track->starving(); });
  }
  [[nodiscard]] Instant made_at(const wire::ManifestEntry& part) const {
    return source_clock_.made_at(WallTime{Duration{part.captured_us}}, now_);
  }
  [[nodiscard]] std::uint32_t gives_kbit_per_s() const { return static_cast<std::uint32_t>(given_5s_.sum(now_) * 8 / 5 / 1000); }
  bool others_have(Track& track, PieceNumber piece);
  [[nodiscard]] Neighbor* find(PeerId peer);
  [[nodiscard]] Role role() const;
  [[nodiscard]] bool giving() const { return options_.giving; }
  void mix(const Input& input);
  void mix(const Output& output);

  /// A question about a piece or a signed text that the driver is working on.
  struct Pending {
    enum class Kind : std::uint8_t { kPiece, kManifest, kHeader } kind = Kind::kPiece;
    std::optional<PeerId> from;                 // nobody: the edge
    RenditionId rendition;
    PieceNumber piece = 0;
    bool requested = false;
    Duration age{};
    Instant asked_at{};
    Payload bytes;                              // the piece, or the message as it goes on
    std::vector<wire::ManifestEntry> parts;
    wire::RenditionHeader header;
  };
  static constexpr std::size_t kPendingMax = 512;
  static constexpr std::size_t kDecisionsKept = 16;
  /// Of the source: with so few it gives each stripe once, and nobody else could be fed in the place of who is held up.
  static constexpr std::size_t kFewLinks = 8;
  /// Of a viewer: the one that is played, and one that will be.
  static constexpr std::size_t kTracksMax = 2;
  /// A neighbor of whom nothing was heard of a rendition for so long does not carry it.
  static constexpr Duration kFollowsFor = 3s;
  /// A neighbor that sends what nobody asked for is cut off when it has sent this many more than what was asked for.
  static constexpr std::uint32_t kUnaskedMax = 128;

  /// A link that is loaded up to this share of its rate keeps its queue short (docs/links.md).
  static constexpr std::int64_t kLinkLoadPercent = 55;
  /// How long a child that is asked to go has to find another parent.
  static constexpr Duration kGrace = 2500ms;
  static constexpr Duration kLineQueueMin = 150ms;
  /// Eight stripes that begin together are told together.
  static constexpr Duration kStatusSoon = 40ms;
  /// A status goes along with each so many have-deltas: once a second.
  static constexpr std::uint32_t kHavesPerStatus = 5;
  /// What an old parent has queued may come this long.
  static constexpr Duration kLeftovers = 8s;
  /// The fullest that a line may be: one that is filled to the brim queues everything, acknowledgements included.
  static constexpr std::int64_t kLinePercent = 90;
  static constexpr std::int64_t kUploadBitsPerSMin = 64'000;

  // What each input needs comes first and together (prefetch()).
  static constexpr std::size_t kHotBytes = 512;
  Options options_;
  Instant now_;
  Instant have_at_;
  Instant second_at_;
  Instant report_at_;
  Instant status_at_ = kNever;                  // before its second: a stripe is fed that was not
  Instant quality_at_ = kNever;                 // while there is no choice
  Instant ticked_at_;
  Instant wake_at_;                             // as of the last input: only inputs change it
  Ring<Output> out_;
  RunningDigest digest_;
  /// A viewer's first is the one that is played, a second the one that is about to be; the source has one for each rendition.
  std::vector<std::unique_ptr<Track>> tracks_;
  Neighbors neighbors_;
  struct KnownRendition {
    wire::RenditionHeader header;
    Payload message;                            // as it goes to neighbors
  };
  std::map<RenditionId, KnownRendition> renditions_;
  bool signaling_ = false;
  bool seen_many_ = false;                      // of the source: it has, or had a moment ago, many links
  bool leaving_ = false;
  bool reported_receiving_ = false;
  std::uint32_t haves_until_status_ = kHavesPerStatus;
  Instant surplus_at_;
  Instant source_room_at_;
  std::uint64_t next_request_ = 1;

  Prng prng_;
  Membership membership_;
  Carrier carrier_;
  SourceClock source_clock_;
  Uplink uplink_;
  Quality quality_;
  LineQueue line_queue_;
  ChatState chat_;
  RollingSum received_1s_{1s};
  RollingSum received_500ms_{500ms};
  Instant present_since_ = kNever;              // the rendition that is played
  std::uint64_t skipped_then_ = 0;

  std::map<RequestId, Pending> pending_;
  std::map<RequestId, wire::RenditionHeader> headers_to_sign_;

  // Figures.
  std::int64_t from_peers_bytes_ = 0;
  std::int64_t from_source_bytes_ = 0;
  std::int64_t from_edge_bytes_ = 0;
  bool edge_offered_ = false;
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
  std::optional<std::uint32_t> attested_kbit_per_s_;   // that we give, as the directory has heard
  std::uint8_t score_ = 0;                      // ours, as the directory tells it
  std::int64_t upload_cap_bits_per_s_ = 0;      // the viewer's; 0: none
  Pace pace_;
  std::uint16_t rate_permille_ = 1'000;
  Instant playback_began_ = kNever;             // the first part is chosen
  std::optional<Playhead> playhead_;
  bool shown_ = false;                          // the player has played
  std::optional<Instant> stands_since_;
  Duration handed_over_{};                      // to the player, up to this media time
  Instant runs_dry_at_{};                       // the player, with what it was handed
  std::vector<Instant> stalls_;                 // of the last kStallsRemembered
  Ring<std::pair<Instant, std::string>> decisions_;   // the newest first
};

}  // namespace p2p::mesh
