#include "watch/watch_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "peer/bit_rate.hpp"
#include "peer/parts_log.hpp"
#include "peer/peer_session.hpp"
#include "peer/say.hpp"
#include "peer/stats_file.hpp"
#include "peer/stop_signal.hpp"
#include "peer/watch_url.hpp"
#include "watch/mp4_output.hpp"
#include "watch/part_writer.hpp"
#include "watch/quality_wish.hpp"

namespace p2p::app {
namespace {

constexpr auto kLookEvery = std::chrono::seconds{1};

/// A link that cannot be made is given up after 15 s (docs/links.md); then there is something to say.
constexpr auto kSilence = std::chrono::seconds{20};

/// For so long the quality that is to be written is waited for; then what plays is written.
constexpr auto kQualityWait = std::chrono::seconds{15};

struct Arguments {
  std::string url;
  std::string output;
  std::string stats_file;
  std::string parts_file;
  std::string upload_max;
  std::string quality;
  std::string tls_ca_file;
  std::string tls_fingerprint;
  double duration_s = 0;
  bool no_giving = false;
  bool chat = false;
  bool verbose = false;
};

int say_error(const std::string& text) {
  say(stderr, "{}\n", text);
  return 1;
}

/// What the session's threads tell the main one.
struct News {
  std::mutex mutex;
  std::string title;
  bool joined = false;
  StopSignal::Clock::time_point joined_at;
  bool told = false;
  bool told_silence = false;
  Duration played{};
  std::optional<mesh::RenditionId> playing;
  StopSignal::Clock::time_point playing_since;   // the first
  std::optional<std::string> ended;
  std::optional<std::string> failed;
};

class Watcher {
 public:
  explicit Watcher(const Arguments& arguments) : arguments_{arguments} {}

  int run() {
    const auto url = parse_watch_url(arguments_.url);
    if (!url) return say_error(url.error().text);
    auto upload = std::int64_t{20'000'000};
    if (!arguments_.upload_max.empty()) {
      const auto parsed = parse_bit_rate(arguments_.upload_max);
      if (!parsed) return say_error(parsed.error().text);
      upload = *parsed;
    }
    if (!arguments_.quality.empty() || !arguments_.output.empty()) {
      const auto wish = QualityWish::parse(arguments_.quality.empty() ? "best" : arguments_.quality);
      if (!wish) return say_error(wish.error().text);
      wish_ = *wish;
    }
    if (!arguments_.output.empty()) {
      auto output = Mp4Output::open(arguments_.output);
      if (!output) return say_error(output.error().text);
      writer_ = std::make_unique<PartWriter>(std::move(*output), [this](const Error& why) {
        tell([&](News& news) { news.failed = why.text; });
      });
    }
    if (!arguments_.stats_file.empty() && !write_stats(arguments_.stats_file, {})) {
      return say_error("The file '" + arguments_.stats_file + "' cannot be written. Choose another with --stats-json.");
    }
    if (!arguments_.parts_file.empty()) {
      auto log = PartsLog::open(arguments_.parts_file);
      if (!log) return say_error(log.error().text);
      parts_log_.emplace(std::move(*log));
    }
    auto session = PeerSession::watch({.server_url = url->server,
                                       .tls_ca_file = arguments_.tls_ca_file,
                                       .tls_fingerprint = arguments_.tls_fingerprint,
                                       .giving = !arguments_.no_giving, .upload_bits_per_s = upload}, url->stream,
                                      events());
    if (!session) return say_error(session.error().text);
    session_ = std::move(*session);
    const int code = wait();
    if (!arguments_.stats_file.empty()) report();
    session_->stop();
    if (writer_) writer_->finish();
    return code;
  }

 private:
  PeerSession::Events events() {
    PeerSession::Events events;
    events.joined = [this](const std::string& title) {
      tell([&](News& news) {
        if (!std::exchange(news.joined, true)) news.joined_at = StopSignal::Clock::now();
        news.title = title;
      });
    };
    events.rendition = [this](const mesh::PlayRendition& play) {
      if (writer_) writer_->put(play);
      tell([&](News& news) {
        if (!news.playing) news.playing_since = StopSignal::Clock::now();
        news.playing = play.rendition.id;
      });
    };
    events.part = [this](const mesh::PlayPart& play) {
      if (writer_) writer_->put(play);
      if (parts_log_) parts_log_->put(play);
      const std::lock_guard lock{news_.mutex};
      news_.played += play.part.duration;
      if (arguments_.duration_s > 0 && news_.played >= std::chrono::duration<double>{arguments_.duration_s}) stop_.poke();
    };
    events.ended = [this](const std::string& reason) {
      tell([&](News& news) {
        news.ended = reason == "source-lost" ? "The source lost its connection and did not come back." : "The stream has ended.";
      });
    };
    events.refused = [this](const std::string& code, const Error& why) {
      tell([&](News& news) {
        news.failed = code == "no-such-stream" ? "No stream at that address. It may have ended, or the link may be old." : why.text;
      });
    };
    events.away = [](const Error&) { say(stderr, "The server is away. Peers keep the stream going; trying again.\n"); };
    // Without control characters, as the wire has seen to: it cannot do anything to a terminal.
    if (arguments_.chat) events.chat = [](const mesh::ChatMessage& message) { say(stderr, "{}{}: {}\n", message.streamer ? "* " : "", message.name, message.text); };
    if (arguments_.verbose) events.note = [](const std::string& line) { say(stderr, "{}\n", line); };
    return events;
  }

  template <typename Change>
  void tell(const Change& change) {
    {
      const std::lock_guard lock{news_.mutex};
      change(news_);
    }
    stop_.poke();
  }

  int wait() {
    for (;;) {
      const auto woken = stop_.wait_until(StopSignal::Clock::now() + kLookEvery);
      if (woken == StopSignal::Woken::kStop) return 0;
      if (!arguments_.stats_file.empty()) report();
      say_relayed();
      mind_quality();
      const std::lock_guard lock{news_.mutex};
      if (news_.failed) return say_error(*news_.failed);
      if (news_.joined && !std::exchange(news_.told, true)) say(stderr, "watching \"{}\"\n", news_.title);
      say_silence();
      if (news_.ended) {
        say(stderr, "{}\n", *news_.ended);
        return 0;
      }
      if (arguments_.duration_s > 0 && news_.played >= std::chrono::duration<double>{arguments_.duration_s}) return 0;
    }
  }

  /// Once, with news_ locked: whoever sees nothing should not have to guess why.
  void say_silence() {
    if (!news_.joined || news_.played > Duration{} || StopSignal::Clock::now() < news_.joined_at + kSilence) return;
    if (std::exchange(news_.told_silence, true)) return;
    say(stderr,
        "Nothing has come for {} s: the server answers, but no peer could be reached. The network here may block UDP, or its router and "
        "theirs may need a relay (TURN) between them. Still trying.\n",
        kSilence.count());
  }

  /// Asks for what is wished as soon as it is known to exist, and has it written once it plays.
  void mind_quality() {
    if (!wish_) return;
    std::optional<mesh::RenditionId> playing;
    StopSignal::Clock::time_point since;
    {
      const std::lock_guard lock{news_.mutex};
      playing = news_.playing;
      since = news_.playing_since;
    }
    const auto stats = playing ? session_->stats() : std::nullopt;
    if (!stats) return;
    const auto wanted = wish_->pick(stats->renditions);
    // All headers come within moments of the first.
    const auto waited = StopSignal::Clock::now() - since;
    if (!wanted || waited < kLookEvery / 2) return;
    if (!written_ && asked_ != wanted->id) session_->post(mesh::ChooseQuality{asked_.emplace(wanted->id)});
    if (!writer_ || written_ || (playing != wanted->id && waited < kQualityWait)) return;
    written_ = playing;
    writer_->choose(*playing);
    if (playing == wanted->id) return;
    say(stderr, "Nobody here can bring {}p in time; what plays is written instead.\n", wanted->height);
    session_->post(mesh::ChooseQuality{*playing});   // a file cannot take up another halfway
  }

  /// Whenever it changes: whoever runs the relay server pays for what goes through it.
  void say_relayed() {
    const auto stats = session_->stats();
    if (!stats) return;
    const auto relayed = static_cast<std::size_t>(std::ranges::count_if(stats->neighbors, &mesh::NeighborStats::relayed));
    if (std::exchange(told_relayed_, relayed) == relayed) return;
    say(stderr, "{} of {} links go through a relay server (TURN).\n", relayed, stats->neighbors.size());
  }

  void report() {
    if (const auto stats = session_->stats(); stats && !write_stats(arguments_.stats_file, *stats)) {
      say(stderr, "Cannot write {}. Check that its folder exists and may be written to.\n", arguments_.stats_file);
    }
  }

  Arguments arguments_;
  StopSignal stop_;   // before any thread
  std::size_t told_relayed_ = 0;
  std::optional<QualityWish> wish_;
  std::optional<mesh::RenditionId> asked_;
  std::optional<mesh::RenditionId> written_;
  News news_;
  std::unique_ptr<PartWriter> writer_;
  std::optional<PartsLog> parts_log_;
  std::unique_ptr<PeerSession> session_;
};

}  // namespace

void add_watch_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  const CLI::Validator seconds{[](const std::string& text) -> std::string {
                                 double value = 0;
                                 // Written so that "nan" fails too.
                                 return CLI::detail::lexical_cast(text, value) && value > 0 && value <= 1e9 ? "" : "'" + text + "' is no number of seconds above 0";
                               },
                               "SECONDS"};
  CLI::App* command = app.add_subcommand("watch", "Watch a stream without a browser, and relay it to others");
  command->add_option("URL", arguments->url, "The stream's link: http://host:port/watch/<id>")->required();
  command->add_option("-o,--output", arguments->output, "Write the stream to this file (MP4); - is standard output. Without it: relay only");
  command->add_option("--quality", arguments->quality,
                      "best, lowest, or a height such as 720p; without it the best is written to --output, and who only relays takes what its line carries");
  command->add_option("--duration", arguments->duration_s, "Stop after so many seconds of the stream")->check(seconds);
  command->add_flag("--no-giving", arguments->no_giving, "Receive only");
  command->add_option("--upload-max", arguments->upload_max, "What may be given to others in all, such as 8M (bit/s); 20M if left out");
  command->add_option("--tls-ca", arguments->tls_ca_file, "For https: PEM file of an authority besides the system's, or of the server's own certificate");
  command->add_option("--tls-fingerprint", arguments->tls_fingerprint, "For https: SHA-256 of the server's certificate, as `serve --tls self-signed` prints it");
  command->add_option("--stats-json", arguments->stats_file, "Write figures to this file each second");
  command->add_option("--parts-json", arguments->parts_file, "Write a line to this file for each part: when it was captured, verified as a whole, and handed over in its turn");
  command->add_flag("--chat", arguments->chat, "Print what people say, the streamer with a star; it is relayed in any case");
  command->add_flag("-v,--verbose", arguments->verbose, "Say what the mesh does");
  command->callback([arguments, &exit_code] { exit_code = Watcher{*arguments}.run(); });
}

}  // namespace p2p::app
