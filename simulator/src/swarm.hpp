#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "chat_record.hpp"
#include "engine_counts.hpp"
#include "event_queue.hpp"
#include "links.hpp"
#include "live_state.hpp"
#include "network.hpp"
#include "node.hpp"
#include "p2p-core/engine.hpp"
#include "person.hpp"
#include "player.hpp"
#include "recorder.hpp"
#include "server.hpp"
#include "simulator/simulation.hpp"
#include "slab.hpp"

namespace p2p::simulator {

/// The driver of all peers: carries out what each engine asks, by the model of the network, and tells it what came of it.
class Simulation::Impl {
 public:
  Impl(World world, std::uint64_t seed, Options options);

  Outcome run();
  [[nodiscard]] std::vector<mesh::EngineStats> stats() const;

  // swarm_live.cpp and live_view.cpp: for LiveSimulation.
  void go_live();
  void run_until(Instant end);
  [[nodiscard]] Instant now() const { return now_; }
  std::string apply(LiveChange change);
  [[nodiscard]] LiveView view() const;
  [[nodiscard]] std::optional<mesh::EngineStats> stats_of(std::uint32_t number) const;
  [[nodiscard]] std::uint64_t digest() const;
  [[nodiscard]] LiveState& live() { return *live_; }

 private:
  enum class Kind : std::uint8_t {
    kJoin, kLeave, kGone, kReconnect, kProduce, kPlayer, kWake,
    kEnterLine, kResend, kRelay, kArrive, kDeliver,
    kDownload, kErrand, kDialTimeout, kLinkDeath, kFaultBegins, kFaultEnds, kMeasure, kSecond, kArrival, kAudience, kChat,
  };
  struct What {
    Kind kind{};
    bool flag = false;
    std::uint32_t peer = 0;
    std::uint32_t other = 0;     // a peer, a message, an errand or a fault
    std::uint64_t link = 0;      // or a dial
  };

  struct Dial {
    std::uint32_t other = 0;
    std::uint64_t id = 0;
    bool mine = false;                 // it was our offer
  };
  struct Message {
    std::uint32_t from = 0, to = 0;
    std::uint64_t link = 0;
    std::uint32_t size = 0;
    std::uint32_t passed = 0;          // bytes of its packets that are past the sender's line
    mesh::Channel channel{};
    std::uint8_t depth = 0;
    Payload header;
    Payload body;
  };
  static constexpr std::size_t kPeerHotBytes = 192;
  struct Peer {
    // What every message needs comes first and together (prefetch_ahead()).
    Instant frozen_until{};
    std::optional<Node> engine;        // none before the join and after the leave
    SkewedClock clock;
    Access access;
    Links links;
    Instant due = kNever;              // the engine's wake
    Instant wake_at = kNever;          // of the event that will look
    std::uint32_t steps = 0;
    bool in_server = false;
    bool joined_once = false;
    bool had_link = false;
    bool leaving = false;
    Person person;
    std::vector<Dial> dials;           // under way, ours and those that we accepted
    std::vector<Dial> offers;          // that the engine has not answered
    std::uint64_t digest = 0;          // of an engine that is gone
    Message last_piece;                // what a flooder repeats
    std::array<std::uint8_t, 512> depth{};  // links that recent pieces passed, by number modulo the size
    // Player.
    std::int64_t playing_part = -1;    // newest part handed over
    std::int64_t first_part = -1;
    mesh::RenditionId rendition;       // of that part
    Player player;
    bool stands = false;               // as the story was told
  };
  // What travels through the server or waits for a while.
  struct JoinAsked { std::uint32_t peer; };
  struct Joined { std::uint32_t peer; mesh::Joined answer; };
  struct JoinAgain { std::uint32_t peer; };
  struct CandidatesAsked { std::uint32_t peer; mesh::FindCandidates wish; };
  struct CandidatesAnswered { std::uint32_t peer; std::vector<mesh::Candidate> found; };
  struct Reported { std::uint32_t peer; mesh::SendReport report; };
  struct ReportAnswered { std::uint32_t peer; mesh::Receipts receipts; };
  struct LeftServer { std::uint32_t peer; };
  struct Offer { std::uint32_t from, to; std::uint64_t dial; bool at_server; bool carried = false; };
  struct Answer { std::uint32_t from, to; std::uint64_t dial; bool at_server; bool yes; };
  struct LinkReady { std::uint32_t a, b; std::uint64_t dial; bool relayed; };
  struct LinkClosed { std::uint32_t peer, other; std::uint64_t link; };
  struct Down { std::uint32_t peer; PeerId other; };
  struct EdgeAsked { std::uint32_t peer; mesh::RenditionId rendition; mesh::PieceNumber piece; };
  struct EdgeAnswered { std::uint32_t peer; mesh::RenditionId rendition; mesh::PieceNumber piece; Payload bytes; };
  struct LinkWider { std::uint32_t a, b; std::uint64_t link; };
  using Errand = std::variant<std::monostate, JoinAsked, Joined, JoinAgain, CandidatesAsked, CandidatesAnswered, Reported, ReportAnswered, LeftServer, Offer, Answer,
                              LinkReady, LinkClosed, Down, LinkWider, EdgeAsked, EdgeAnswered>;

  // swarm.cpp: the loop, people, the stream.
  void happen(const What& what);
  void prefetch_ahead();
  void join(std::uint32_t number);
  void leave(std::uint32_t number, bool silent);
  void gone(std::uint32_t number, bool silent);
  void produce();
  void produce(std::uint8_t rendition);
  void download_changes(std::uint32_t number);
  /// The least first: a newcomer begins with it and goes up.
  [[nodiscard]] std::int64_t bits_per_s_of(std::size_t rendition) const {
    return world_.bits_per_s * World::kLadderPercent[world_.renditions - 1 - rendition] / 100;
  }
  [[nodiscard]] std::int64_t oracle_bits_per_s(std::uint32_t number) const;
  void player_tick(std::uint32_t number);
  void watch_player(std::uint32_t number);
  void wake(std::uint32_t number);
  std::uint32_t add_person(Person person);
  void plan_arrivals();
  void each_second();
  void story_of_feeds(std::uint32_t number);

  // swarm_outputs.cpp: engines.
  void tell(std::uint32_t number, const mesh::Input& input);
  void settle(std::uint32_t number);
  void carry_out(std::uint32_t number, mesh::Dial& wish);
  void carry_out(std::uint32_t number, mesh::Accept& wish);
  void carry_out(std::uint32_t number, mesh::Refuse& wish);
  void carry_out(std::uint32_t number, mesh::HangUp& wish);
  void carry_out(std::uint32_t number, mesh::Send& wish);
  void carry_out(std::uint32_t number, mesh::HashPiece& question);
  void carry_out(std::uint32_t number, mesh::Sign& question);
  void carry_out(std::uint32_t number, mesh::CheckSignature& question);
  void carry_out(std::uint32_t number, mesh::PlayRendition& wish);
  void carry_out(std::uint32_t number, mesh::PlayPart& part);
  void carry_out(std::uint32_t number, mesh::FindCandidates& wish);
  void carry_out(std::uint32_t number, mesh::SendReport& report);
  void carry_out(std::uint32_t number, mesh::Misbehaved& told);
  void carry_out(std::uint32_t number, mesh::Decision& told);
  void carry_out(std::uint32_t number, mesh::SendSignal& wish);
  void carry_out(std::uint32_t number, mesh::TakeSignal& wish);
  void carry_out(std::uint32_t number, mesh::FetchPiece& wish);
  void carry_out(std::uint32_t number, mesh::SetPlayback& wish);
  void carry_out(std::uint32_t number, mesh::ChatShown& shown);   // swarm_chat.cpp
  void carry_out(std::uint32_t number, mesh::ChatHidden& hidden);
  void carry_out(std::uint32_t, mesh::ChatSent&) {}
  void carry_out(std::uint32_t, mesh::ChatRulesChanged&) {}
  void carry_out(std::uint32_t, mesh::ChatReacted&) {}
  void pass_on(std::uint32_t from, std::uint32_t to, BytesView signal, Instant at, bool to_server);
  void carry_out(std::uint32_t number, mesh::Widen& wish);

  // swarm_messages.cpp: what is sent, on its way.
  void send(std::uint32_t from, Link& link, Message message);
  void enter_line(std::uint32_t message, bool queued);
  void relay(std::uint32_t message);
  void arrive(std::uint32_t message);
  void deliver(std::uint32_t message);
  void tell_backlogs(std::uint32_t number);

  // swarm_links.cpp: how links come and go, and what the server passes on.
  void run_errand(Errand errand);
  void on(std::monostate&) {}
  void on(JoinAsked& errand);
  void on(Joined& errand);
  void on(JoinAgain& errand);
  void on(CandidatesAsked& errand);
  void on(CandidatesAnswered& errand);
  void on(Reported& errand);
  void on(ReportAnswered& errand);
  void on(LeftServer& errand);
  void on(Offer& errand);
  void on(Answer& errand);
  void on(LinkReady& errand);
  void on(LinkClosed& errand);
  void on(Down& errand);
  void on(LinkWider& errand);
  void on(EdgeAsked& errand);      // swarm_edge.cpp
  void on(EdgeAnswered& errand);
  void dial_timed_out(std::uint32_t number, std::uint32_t other, std::uint64_t dial);
  void open_link(std::uint32_t from, std::uint32_t to, std::uint64_t id, bool relayed);
  void close_link(std::uint32_t number, std::uint32_t other, std::uint64_t id);   // this end of it, and tells the engine
  [[nodiscard]] std::uint32_t loss_ppm(std::uint32_t from, std::uint32_t to) const;
  [[nodiscard]] Duration trip(std::uint32_t a, std::uint32_t b, bool relayed) const;
  [[nodiscard]] Duration to_server(std::uint32_t number) const { return latency_to_middle(world_, peers_[number].person); }
  [[nodiscard]] Duration set_up_time(std::uint32_t a, std::uint32_t b, bool relayed);
  Link* link_to(std::uint32_t from, std::uint32_t to) { return peers_[from].links.find(to); }

  void edge_takes(Payload piece);

  // swarm_chat.cpp
  void enter_chat(std::uint32_t number);
  void somebody_says();
  void shout(std::uint32_t number);
  void finish_chat(Figures& figures) const;

  // swarm_faults.cpp
  void fault_begins(std::uint32_t index);
  void fault_ends(std::uint32_t index);
  [[nodiscard]] bool struck(std::uint32_t fault, std::uint32_t number) const;
  [[nodiscard]] bool parted(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] Instant parted_until() const;
  [[nodiscard]] bool scrambled();
  void server_comes_back();

  // swarm_live.cpp: what somebody changes while it runs, and live_view.cpp: what he sees of it.
  void set(const LiveChange& change);
  std::string happen_once(const LiveChange& change);
  std::string add_fault(Fault fault);
  void renew_ways();
  void renew_lines();
  void server_back_early();
  void mind_audience();
  void come();
  void leave_some(std::uint32_t count);
  void appoint_poisoners();
  [[nodiscard]] std::vector<std::uint32_t> audience() const;
  void look_around();
  void tell_standing(std::uint32_t number, const mesh::EngineStats& stats);
  void tell_part(std::uint32_t number, const mesh::PartId& part);
  [[nodiscard]] PeerView view_of(std::uint32_t number, const mesh::EngineStats& stats) const;
  void add_feeds(std::uint32_t number, const mesh::EngineStats& stats, std::vector<FeedView>& feeds) const;

  // swarm_hostile.cpp: what stands between a hostile engine and the network.
  bool tamper(std::uint32_t number, Link& link, Message& message);   // false: it is not sent
  void flood(std::uint32_t number);
  [[nodiscard]] bool reformed() const { return world_.vices_until > 0s && now_ >= Instant{} + world_.vices_until; }
  void pick_candidates(std::uint32_t number, std::vector<mesh::Candidate>& found) const;
  [[nodiscard]] bool hostile(std::uint32_t number) const {
    return peers_[number].person.vice != Vice::kNone && peers_[number].person.vice != Vice::kFreeload;
  }

  void schedule(Instant at, What what) { events_.push(std::max(at, now_), what); }
  void later(Instant at, Errand errand) {
    schedule(at, {.kind = Kind::kErrand, .other = errands_.put(std::move(errand))});
  }
  [[nodiscard]] bool frozen(std::uint32_t number) const { return now_ <= peers_[number].frozen_until; }
  [[nodiscard]] Instant thawed(std::uint32_t number) const { return peers_[number].frozen_until + 1us; }
  [[nodiscard]] bool alive(std::uint32_t number) const { return peers_[number].engine.has_value(); }
  void story(std::uint32_t number, LogKind kind, const std::string& line);

  World world_;
  std::uint64_t seed_;
  Options options_;
  Prng prng_;            // of the network
  Prng content_;
  Prng chat_prng_;
  Recorder recorder_;
  ChatRecord chat_;
  std::uint32_t chat_number_ = 0;
  Server server_;
  std::vector<Peer> peers_;
  std::unordered_map<PeerId, std::uint32_t> numbers_;  // looked up, never iterated
  std::unique_ptr<EventQueue<What>> queue_ = std::make_unique<EventQueue<What>>();
  EventQueue<What>& events_ = *queue_;
  Slab<Message> messages_;
  Slab<Errand> errands_;
  Line turn_;
  Instant now_{};
  std::uint64_t next_link_ = 1;
  std::uint64_t happened_ = 0;
  std::int64_t produced_ = 0;
  Instant stream_began_{};               // the first part's capture
  std::optional<std::uint32_t> delivering_from_;  // whose message is being told
  std::vector<Payload> produced_bytes_;  // to compare what is played with, while somebody corrupts; the newest kKeptParts
  std::deque<std::pair<Payload, Instant>> edge_pieces_;   // the newest, and since when they are there
  mesh::PieceNumber edge_first_ = 0;
  std::vector<bool> fault_active_;
  std::vector<std::uint32_t> victims_;
  std::vector<std::uint32_t> fed_hostiles_;    // seconds that each peer, if hostile, has been fed by the source
  // Engines' own counts: of those who left, and of all at the start of what is measured.
  [[nodiscard]] EngineCounts counts() const;
  [[nodiscard]] double edge_over_deficit() const;
  EngineCounts gone_{}, before_{};
  std::unordered_map<std::uint64_t, std::uint32_t> misbehaved_;  // victim and culprit; looked up, never iterated
  Figures figures_;
  std::vector<std::string> trace_;
  std::unique_ptr<LiveState> live_;      // nothing in a batch run
};

}  // namespace p2p::simulator
