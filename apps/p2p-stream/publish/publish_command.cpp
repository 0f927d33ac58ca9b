#include "publish/publish_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "media/cmaf_writer.hpp"
#include "net/signaling_details.hpp"
#include "peer/bit_rate.hpp"
#include "peer/parts_log.hpp"
#include "peer/peer_session.hpp"
#include "peer/say.hpp"
#include "peer/stats_file.hpp"
#include "peer/stop_signal.hpp"
#include "peer/title.hpp"
#include "peer/watch_url.hpp"
#include "publish/first_numbers.hpp"
#include "publish/qualities.hpp"
#include "transcode/live_input.hpp"
#include "transcode/thumbnail.hpp"

namespace p2p::app {
namespace {

constexpr auto kCreateTimeout = std::chrono::seconds{15};
constexpr auto kWaitNoticeAfter = std::chrono::seconds{5};
constexpr auto kStatusEvery = std::chrono::seconds{10};
constexpr auto kReportEvery = std::chrono::seconds{1};
constexpr auto kThumbnailEvery = std::chrono::seconds{30};

struct Arguments {
  transcode::InputOptions input;
  std::string server = "http://localhost:3001";
  net::SignalingDetails details;
  std::string key_file;
  std::string video_bit_rate;
  std::string qualities;
  std::string upload_max;
  std::string tls_ca_file;
  std::string tls_fingerprint;
  std::string stats_file;
  std::string parts_file;
  std::uint16_t connections_max = 20;
  bool verbose = false;
};

int say_error(const std::string& text) {
  say(stderr, "{}\n", text);
  return 1;
}

/// What the session's threads tell the main one.
struct News {
  std::mutex mutex;
  bool created = false;
  std::optional<std::string> over;        ///< why the stream ended from outside
  std::optional<std::string> failed;
  std::optional<Bytes> key_frame;         ///< of the first rendition, for the next thumbnail
};

mesh::Part to_mesh(mesh::RenditionId rendition, media::CmafPart&& part) {
  return {.id = {rendition, part.segment, part.index},
          .independent = part.independent,
          .media_time = part.start,
          .duration = part.duration,
          .captured = part.captured,
          .bytes = Payload{std::move(part.bytes)}};
}

class Publisher {
 public:
  explicit Publisher(const Arguments& arguments) : arguments_{arguments} {}

  int run() {
    auto upload = std::int64_t{20'000'000};
    if (!arguments_.upload_max.empty()) {
      const auto parsed = parse_bit_rate(arguments_.upload_max);
      if (!parsed) return say_error(parsed.error().text);
      upload = *parsed;
    }
    if (!arguments_.video_bit_rate.empty()) {
      const auto parsed = parse_bit_rate(arguments_.video_bit_rate);
      if (!parsed) return say_error(parsed.error().text);
      arguments_.input.video_bits_per_s = *parsed;
    }
    if (!arguments_.qualities.empty()) {
      auto parsed = parse_qualities(arguments_.qualities);
      if (!parsed) return say_error(parsed.error().text);
      arguments_.input.qualities = std::move(*parsed);
    }
    const auto server = parse_server_url(arguments_.server);
    if (!server) return say_error(server.error().text);
    if (!arguments_.parts_file.empty()) {
      auto log = PartsLog::open(arguments_.parts_file);
      if (!log) return say_error(log.error().text);
      parts_log_.emplace(std::move(*log));
    }
    const auto title = this->title();
    if (!title) return say_error(title.error().text);
    arguments_.details.title = *title;
    if (const auto checked = net::check_details(arguments_.details); !checked) return say_error(checked.error().text);
    auto key = arguments_.key_file.empty() ? Result<transport::SigningKey>{transport::SigningKey::generate()}
                                           : transport::SigningKey::load_or_create(arguments_.key_file);
    if (!key) return say_error(key.error().text);
    if (!arguments_.key_file.empty()) first_ = first_numbers(std::chrono::system_clock::now());
    watch_url_ = watch_url_of(*server, transport::stream_id_of(key->public_key()));

    // Before the input is opened: whoever mistyped the address should not wait for a camera to warm up.
    auto session = PeerSession::publish({.server_url = *server,
                                         .tls_ca_file = arguments_.tls_ca_file,
                                         .tls_fingerprint = arguments_.tls_fingerprint,
                                         .connections_max = arguments_.connections_max, .upload_bits_per_s = upload},
                                        std::move(*key), arguments_.details, events());
    if (!session) return say_error(session.error().text);
    session_ = std::move(*session);
    auto input = open_input();
    if (!input) {
      session_->stop();
      return 130;
    }
    if (!*input) {
      session_->stop();
      return say_error(input->error().text);
    }
    if (const int code = wait_until_created(); code != 0) return code;
    say(stdout, "live at {}\n", watch_url_);
    const int code = stream(***input);
    session_->stop();
    return code;
  }

 private:
  [[nodiscard]] Result<std::string> title() const {
    if (!arguments_.details.title.empty()) return parse_title(arguments_.details.title);
    return arguments_.input.test_pattern ? "Test pattern" : title_of_input(arguments_.input.input);
  }

  PeerSession::Events events() {
    PeerSession::Events events;
    events.created = [this](const std::string&, bool) {
      tell([](News& news) { news.created = true; });
    };
    events.ended = [this](const std::string& reason) {
      tell([&](News& news) {
        news.over = reason == "replaced" ? "The stream goes on from another program that has the same key; this one ends."
                                         : "The server ended the stream.";
      });
    };
    events.refused = [this](const std::string&, const Error& why) {
      tell([&](News& news) { news.failed = why.text; });
    };
    events.away = [](const Error&) { say(stderr, "The server is away. Viewers keep watching; trying again.\n"); };
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

  using Input = Result<std::unique_ptr<transcode::LiveInput>>;

  /// Nothing when the wait for an input that does not come was broken off.
  std::optional<Input> open_input() {
    std::optional<Input> opened;
    std::jthread opener{[&](std::stop_token stop) {
      auto input = transcode::LiveInput::open(arguments_.input, stop);
      tell([&](News&) { opened = std::move(input); });
    }};
    auto notice_at = StopSignal::Clock::now() + kWaitNoticeAfter;
    for (;;) {
      {
        const std::lock_guard lock{news_.mutex};
        if (opened) return opened;
      }
      switch (stop_.wait_until(notice_at)) {
        case StopSignal::Woken::kStop: return std::nullopt;
        case StopSignal::Woken::kPoked: break;
        case StopSignal::Woken::kTime:
          say(stderr, "Still waiting for \"{}\" to send something. Check that it does, or stop with Ctrl-C.\n", arguments_.input.input);
          notice_at = StopSignal::Clock::time_point::max();
      }
    }
  }

  int wait_until_created() {
    const auto until = StopSignal::Clock::now() + kCreateTimeout;
    for (;;) {
      {
        const std::lock_guard lock{news_.mutex};
        if (news_.created) return 0;
        if (news_.failed) {
          const std::string why = *news_.failed;
          return say_error("The server refused the stream: " + why);
        }
      }
      switch (stop_.wait_until(until)) {
        case StopSignal::Woken::kStop: return 130;
        case StopSignal::Woken::kPoked: break;
        case StopSignal::Woken::kTime: return say_error("The server did not take the stream within 15 s. Try again.");
      }
    }
  }

  /// The least first, with which newcomers begin: it plays soonest, and fits every line.
  void announce(const std::vector<transcode::Tracks>& renditions, const std::vector<media::CmafWriter>& writers) {
    std::vector<std::size_t> places(renditions.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::ranges::sort(places, {}, [&](std::size_t place) { return renditions[place].bits_per_s; });
    ids_.resize(places.size());
    for (std::size_t id = 0; id < places.size(); ++id) {
      const transcode::Tracks& tracks = renditions[places[id]];
      ids_[places[id]] = mesh::RenditionId{static_cast<std::uint8_t>(id)};
      std::string codecs = tracks.video ? tracks.video->codec : "";
      if (tracks.audio) codecs += (codecs.empty() ? "" : ",") + tracks.audio->codec;
      session_->post(mesh::RenditionProduced{.rendition = {.id = ids_[places[id]],
                                                           .codecs = codecs,
                                                           .width = tracks.video ? tracks.video->width : std::uint16_t{0},
                                                           .height = tracks.video ? tracks.video->height : std::uint16_t{0},
                                                           .bits_per_s = tracks.bits_per_s,
                                                           .init = Payload::copy_of(writers[places[id]].init_segment())},
                                             .first_piece = first_.piece});
    }
  }

  int stream(transcode::LiveInput& input) {
    const std::vector<transcode::Tracks>& renditions = input.renditions();
    std::vector<media::CmafWriter> writers;
    for (const transcode::Tracks& tracks : renditions) {
      writers.emplace_back(media::CmafWriter::Options{.video = tracks.video, .audio = tracks.audio, .first_segment = first_.segment});
    }
    announce(renditions, writers);
    std::optional<Result<void>> ended;
    std::jthread reader{[&](std::stop_token stop) {
      const auto publish = [&](std::size_t place, std::vector<media::CmafPart> parts) {
        for (media::CmafPart& made : parts) {
          mesh::Part part = to_mesh(ids_[place], std::move(made));
          if (parts_log_) parts_log_->put({.part = part});
          session_->post(mesh::PartProduced{std::move(part)});
        }
      };
      auto thumbnail_at = StopSignal::Clock::now();
      const auto take = [&](std::size_t place, const media::Sample& sample) {
        publish(place, writers[place].push(sample));
        if (place != 0 || sample.kind != media::TrackKind::kVideo || !sample.key || StopSignal::Clock::now() < thumbnail_at) return;
        thumbnail_at = StopSignal::Clock::now() + kThumbnailEvery;
        tell([&](News& news) { news.key_frame = Bytes{sample.data.begin(), sample.data.end()}; });
      };
      Result<void> result = input.run(take, stop);
      for (std::size_t place = 0; place < writers.size(); ++place) publish(place, writers[place].flush());
      tell([&](News&) { ended = std::move(result); });
    }};
    auto status_at = StopSignal::Clock::now() + kStatusEvery;
    for (;;) {
      const auto woken = stop_.wait_until(arguments_.stats_file.empty() ? status_at : StopSignal::Clock::now() + kReportEvery);
      if (woken == StopSignal::Woken::kStop) return 0;
      std::optional<Bytes> key_frame;
      {
        const std::lock_guard lock{news_.mutex};
        key_frame = std::exchange(news_.key_frame, std::nullopt);
        if (news_.over) return say_error(*news_.over);
        if (ended && !*ended) return say_error(ended->error().text);
        if (ended) {
          say(stdout, "The input has ended.\n");
          return 0;
        }
      }
      // On this thread, which has little else to do: the reader's keeps time.
      if (key_frame) send_thumbnail(*renditions.front().video, *key_frame);
      if (woken != StopSignal::Woken::kTime) continue;
      if (!arguments_.stats_file.empty()) report();
      if (StopSignal::Clock::now() < status_at) continue;
      status_at += kStatusEvery;
      status();
    }
  }

  void send_thumbnail(const media::VideoTrack& track, BytesView key_frame) {
    const Result<Bytes> image = transcode::make_thumbnail(track, key_frame);
    if (image) session_->thumbnail(std::string{as_text(*image)});
  }

  void status() {
    const auto stats = session_->stats();
    if (!stats) return;
    const double copies = stats->produced_bytes > 0 ? static_cast<double>(stats->given_bytes) / static_cast<double>(stats->produced_bytes) : 0;
    const std::int64_t produced = stats->produced_bytes - std::exchange(produced_before_, stats->produced_bytes);
    say(stdout, "{} encoded, {} links, {:.2f} copies sent\n", show_bit_rate(produced * 8 / kStatusEvery.count()), stats->neighbors.size(), copies);
  }

  void report() {
    if (const auto stats = session_->stats(); stats && !write_stats(arguments_.stats_file, *stats)) {
      say(stderr, "Cannot write {}. Check that its folder exists and may be written to.\n", arguments_.stats_file);
    }
  }

  Arguments arguments_;
  StopSignal stop_;   // before any thread
  News news_;
  FirstNumbers first_;
  std::optional<PartsLog> parts_log_;
  std::string watch_url_;
  std::unique_ptr<PeerSession> session_;
  std::vector<mesh::RenditionId> ids_;   // of the input's renditions
  std::int64_t produced_before_ = 0;
};

}  // namespace

void add_publish_command(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("publish", "Publish a file, device, URL or test pattern as a live stream");
  command->add_option("INPUT", arguments->input.input, "File, URL or device that FFmpeg opens (/dev/video0); - reads standard input");
  command->add_flag("--test-pattern", arguments->input.test_pattern, "Instead of INPUT: a moving picture with a clock, and a tone");
  command->add_flag("--loop", arguments->input.loop, "Begin again at the end of INPUT");
  command->add_option("--server", arguments->server, "Address of the server")->capture_default_str();
  command->add_option("--title", arguments->details.title, "What viewers see in the list; the input's name if left out");
  command->add_option("--category", arguments->details.category, "What the stream is about, such as music, games or talk; other if left out");
  command->add_option("--tag", arguments->details.tags, "A word or two by which viewers find it, 24 characters at most; may be given up to eight times")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--language", arguments->details.language, "That is spoken, as a code of ISO 639, such as en");
  command->add_flag_callback("--unlisted", [arguments] { arguments->details.listed = false; }, "In no list: whoever has the link watches");
  command->add_option("--key", arguments->key_file, "File that keeps the stream's key, made if missing: the same key gives the same link");
  command->add_option("--connections-max", arguments->connections_max, "Viewers connected to this source at once; the others get the stream from them")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--upload-max", arguments->upload_max, "What this source may send in all, such as 8M (bit/s); 20M if left out");
  auto* rate = command->add_option("--video-bitrate", arguments->video_bit_rate, "Where video is encoded, such as 2500k (bit/s); 2.5M if left out");
  command->add_option("--qualities", arguments->qualities,
                      "Several at once, of which viewers play what their lines carry: heights, or source for the input as it is, each with a bit rate if you like, "
                      "such as source,360p:600k")
      ->excludes(rate);
  command->add_option("--width", arguments->input.width, "Of the test pattern")->check(CLI::Range(64, 3840))->capture_default_str();
  command->add_option("--height", arguments->input.height, "Of the test pattern")->check(CLI::Range(48, 2160))->capture_default_str();
  command->add_option("--tls-ca", arguments->tls_ca_file, "For https: PEM file of an authority besides the system's, or of the server's own certificate");
  command->add_option("--tls-fingerprint", arguments->tls_fingerprint, "For https: SHA-256 of the server's certificate, as `serve --tls self-signed` prints it");
  command->add_option("--stats-json", arguments->stats_file, "Write figures to this file each second");
  command->add_option("--parts-json", arguments->parts_file, "Write a line to this file for each part: when it was captured and when it was made");
  command->add_flag("-v,--verbose", arguments->verbose, "Say what the mesh does");
  command->callback([arguments, &exit_code] {
    if (arguments->input.input.empty() == !arguments->input.test_pattern) {
      exit_code = say_error("Give a file, device or URL to publish, or --test-pattern.");
      return;
    }
    exit_code = Publisher{*arguments}.run();
  });
}

}  // namespace p2p::app
