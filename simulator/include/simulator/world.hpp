#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace p2p::simulator {

/// How a peer's router treats packets that it did not ask for (RFC 4787): decides which pairs need a TURN relay.
enum class Nat : std::uint8_t {
  kOpen,            ///< reachable, or any filter that hole punching passes towards everybody
  kPortRestricted,  ///< fails only towards symmetric ones
  kSymmetric,       ///< fails towards port-restricted and symmetric ones
  kUdpBlocked,      ///< always through TURN (over TCP or TLS)
};

/// What a hostile peer does. Each is an honest engine with something between it and the network.
enum class Vice : std::uint8_t {
  kNone,
  kCorrupt,   ///< changes a byte of each piece that it relays
  kWithhold,  ///< says that it has pieces and that it feeds, and sends none
  kBoast,     ///< claims the highest upload, delivers a second late or not at all
  kSurround,  ///< comes in numbers from one network, with similar ids, dials a few victims only, and gives them nothing
  kFlood,     ///< sends its neighbors pieces that nobody asked for
  kFreeload,  ///< receives and gives nothing, and says so
  kShout,     ///< floods the chat in the names of invented authors, 64 messages a second to each neighbor
};

/// Something that goes wrong at a time.
struct Fault {
  enum class Kind : std::uint8_t {
    kCrash,       ///< `percent` of the viewers are gone without a word
    kLeave,       ///< `percent` of the viewers say goodbye and go
    kFreeze,      ///< `percent` of the viewers' machines stand still for `length`
    kPartition,   ///< `percent` of the viewers (never the source) and the rest cannot reach each other for `length`
    kLoss,        ///< packets that leave `percent` of the viewers are lost, `amount` per mille of them, for `length`
    kSlowUpload,  ///< the uploads of `percent` of the viewers fall to `amount` percent for `length`; nobody tells their engines
    kServerAway,  ///< the signaling server is gone for `length`, and has forgotten everything when it is back
    kScramble,    ///< messages of the pieces channel come twice or late, `amount` per mille of them, for `length`
  };
  Kind kind = Kind::kCrash;
  Duration at{};
  Duration length{};
  std::uint32_t percent = 0;
  std::uint32_t amount = 0;
};

/// What is simulated: the stream, the people, their lines and what goes wrong. Every number here is an assumption: a report prints
/// them, `--world FILE` changes them (world_fields.hpp names them).
// Its numbers stand in the order of a reader. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct World {
  struct Upload {
    std::uint32_t weight = 1;  ///< share of the viewers, relative to the others
    std::int64_t bits_per_s = 0;
  };
  /// Somebody in particular.
  struct Person {
    Duration joins{};                ///< of a viewer
    std::int64_t upload_bits_per_s = 0;
    std::int64_t download_bits_per_s = 50'000'000;
    std::uint32_t x_ppm = 0, y_ppm = 0;  ///< place, of the square's side
    std::uint32_t loss_ppm = 0;      ///< of packets on this line, each way: a pair loses on both its lines
    Nat nat = Nat::kOpen;
    bool chromium = false;
  };
  struct NatShare {
    std::uint32_t weight = 1;
    Nat nat = Nat::kOpen;
  };
  struct ViceShare {
    Vice vice = Vice::kNone;
    std::uint32_t percent = 0;  ///< of the viewers
  };

  // The run.
  std::uint32_t viewers = 1000;
  std::uint32_t viewers_before = 0;      ///< of these, there from the start; the others arrive from `arrivals_from` on
  Duration arrivals_from = 1s;
  Duration arrivals = 20s;               ///< the time over which they come, evenly
  Duration stay_mean = 10min;            ///< exponential; 0: nobody leaves. Who leaves is replaced, so that the audience stays about as large
  std::uint32_t silent_leave_percent = 30;  ///< of those who leave; the others say goodbye
  Duration length = 90s;                 ///< of the run
  Duration measured_from = 30s;          ///< what comes before is warm-up and left out of all figures but the first frame
  Duration measured_until = 0s;          ///< 0: to the end
  Duration counted_joins_until = 0s;     ///< figures leave out viewers who come later; 0: nobody
  bool count_givers_only = false;        ///< figures leave out viewers who give nothing

  /// The source and then each viewer as they come, instead of draws: nobody else comes and nobody leaves. What is said of arrivals, uploads,
  /// downloads, losses, NATs and Chromium for all does not count then.
  std::vector<Person> people;

  // The stream.
  std::int64_t bits_per_s = 3'064'000;   ///< video and audio
  Duration part = 200ms;
  Duration segment = 2s;
  std::uint32_t renditions = 1;          ///< of the same segments: the one above and below it such of kLadderPercent of its rate
  static constexpr std::array<std::uint32_t, 4> kLadderPercent{100, 50, 25, 13};
  std::uint32_t key_part_percent = 25;   ///< of its segment
  Duration capture = 0ms;                ///< from a part's last frame until the engine has the part: encoding, and the next frame's time to end it
  std::int64_t source_upload_bits_per_s = 12'000'000;
  std::uint32_t source_connections = 20;
  std::uint32_t viewer_connections = 16;
  Duration patience = 2500ms;            ///< Engine::Options::patience
  bool balanced = false;                 ///< viewers choose Latency::kBalanced
  std::uint32_t chat_per_min = 0;        ///< messages of the chat, of all viewers together; from measured_from to 10 s before the end

  // Lines.
  std::vector<Upload> uploads{{20, 500'000}, {30, 3'000'000}, {30, 10'000'000}, {20, 40'000'000}};
  std::int64_t download_bits_per_s = 50'000'000;
  std::uint32_t slow_download_percent = 0;      ///< of the viewers have slow_download_bits_per_s
  std::int64_t slow_download_bits_per_s = 2'000'000;
  std::uint32_t changing_download_percent = 0;  ///< of the viewers have the one of these and then the other, for download_changes_every each
  std::int64_t changing_download_low_bits_per_s = 1'000'000;
  std::int64_t changing_download_high_bits_per_s = 20'000'000;
  Duration download_changes_every = 30s;
  std::uint32_t upload_known_percent = 100;  ///< what a viewer's engine is told of its line's upload
  Duration line_queue = 0ms;             ///< what may wait in front of an upload; packets that find more are lost. 0: no bound
  Duration latency_min = 10ms;           ///< one way, by the distance of two points in a square
  Duration latency_max = 100ms;
  Duration jitter = 0ms;                 ///< each message is up to so much later, drawn evenly
  std::uint32_t loss_ppm_min = 0;        ///< of packets, drawn for each pair
  std::uint32_t loss_ppm_max = 10'000;
  std::uint32_t loss_skew = 3;           ///< 1: evenly between them; 2, 3: by the square or cube of an even draw, most pairs lose little

  // SCTP, as measured (docs/links.md).
  std::uint32_t chromium_percent = 90;   ///< of the viewers; the others and the source run the native program with tuned usrsctp
  std::uint32_t message_bytes = 4096;    ///< the size in which drivers send a piece
  std::uint32_t chromium_flight_packets = 4;  ///< what Chromium sends of one message before an acknowledgement
  std::uint32_t rate_percent_chromium = 105;  ///< C of T = C*9470/(RTT*sqrt(p))
  std::uint32_t rate_percent_tuned = 130;
  std::int64_t tuned_bits_per_rtt = 6'600'000;       ///< cap without loss, towards a native receiver
  std::int64_t chromium_bits_per_inverse_rtt = 70'000;  ///< cap of a Chromium receiver: this / RTT^2 (in s)
  std::uint32_t window_packets_chromium = 12;        ///< in flight at once without loss
  std::uint32_t window_packets_tuned = 32;
  Duration rto_chromium = 400ms;
  Duration rto_tuned = 200ms;

  // Links.
  std::uint32_t dial_failure_percent = 10;
  Duration dial_timeout = 15s;           ///< a driver gives up after this
  Duration set_up_chromium = 30ms;       ///< + 3.5 round trips
  Duration set_up_native = 10ms;         ///< + 5.25 round trips; mixed pairs lie between
  Duration first_link_extra_min = 0ms;   ///< of a browser's first connection, if its page did not warm up WebRTC before
  Duration first_link_extra_max = 0ms;
  std::vector<NatShare> nats{{30, Nat::kOpen}, {55, Nat::kPortRestricted}, {12, Nat::kSymmetric}, {3, Nat::kUdpBlocked}};
  std::int64_t relay_bits_per_s = 1'000'000'000;  ///< of the one TURN server, in the middle of the square; 0: there is none
  Duration link_death = 20s;             ///< a link over which nothing passes is given up by both drivers

  // The server, in the middle of the square.
  Duration server_time = 2ms;            ///< for an answer
  std::uint32_t join_round_trips = 0;    ///< before the join can be asked: 3 with TCP, WebSocket and Socket.IO; 0 for a page that is connected
  Duration reconnect_min = 500ms;        ///< after the server was away, a client tries again this often, with up to as much chance on top
  std::uint32_t candidates_max = 20;

  // The edge.
  bool edge = false;                     ///< pieces may be fetched over HTTP, at the server's place; of a stream with one rendition
  Duration edge_behind = 300ms;          ///< it has a piece so long after its making

  // Clocks.
  Duration clock_offset_max = 1h;        ///< engines start their clocks at any time
  std::uint32_t clock_drift_ppm_max = 100;

  std::vector<ViceShare> vices;
  Duration vices_until = 0s;             ///< then the hostile behave; 0: never
  std::uint32_t victims = 4;             ///< of all surrounders together
  std::vector<Fault> faults;
};

}  // namespace p2p::simulator
