#include "net/signaling_client.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/prng.hpp"
#include "client_json.hpp"
#include "client_stream.hpp"
#include "http.hpp"
#include "net/server_address.hpp"
#include "socketio/base64.hpp"
#include "socketio/client_session.hpp"
#include "socketio/socket_packet.hpp"
#include "socketio/websocket.hpp"
#include "socketio/websocket_handshake.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr Duration kOpenWithin = 10s;
constexpr Duration kFirstDelayMax = 2s;  // docs/signaling.md: everyone comes back at once otherwise
constexpr Duration kDelayMin = 500ms;
constexpr Duration kDelayMax = 10s;
constexpr Duration kLeaveWithin = 2s;
constexpr Duration kRenewAgain = 30s;
constexpr std::size_t kServerMessageMax = 2 << 20;
constexpr std::size_t kAwaitedAnswersMax = 1'024;

Instant steady_now() { return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())}; }

std::uint32_t fresh_mask() {
  std::array<std::byte, 4> bytes{};
  fill_random(bytes);
  return static_cast<std::uint32_t>(read_big_endian(bytes, 0, 4));
}

std::uint64_t fresh_seed() {
  std::array<std::byte, 8> bytes{};
  fill_random(bytes);
  return read_big_endian(bytes, 0, 8);
}

struct WantedCreate {
  StreamKey key;
  SignalingDetails details;
  PeerSecret secret;
};
struct WantedJoin {
  std::string stream_id;
  PeerSecret secret;
  bool giving;
};

}  // namespace

struct SignalingClient::Impl : std::enable_shared_from_this<SignalingClient::Impl> {
  struct Timers {
    explicit Timers(asio::io_context& on) : retry{on}, watch{on}, again{on} {}
    asio::steady_timer retry;  // the next attempt to connect
    asio::steady_timer watch;  // whether the server still speaks
    asio::steady_timer again;  // the end of the wait for a goodbye's answer
  };
  using Answer = std::function<void(const Result<std::string>& json, const std::optional<Refused>& refused)>;

  Impl(ServerAddress at, ClientTrust believed, Events on)
      : address{std::move(at)}, trust{std::move(believed)}, events{std::move(on)}, io{*own_io}, timers{std::make_unique<Timers>(io)}, prng{fresh_seed()} {}

  // ---- the connection

  void connect() {
    if (closed) return;
    reader.reset();
    session.reset();
    head.clear();
    stream = std::make_shared<ClientStream>(io, address, trust);
    opened_by = steady_now() + kOpenWithin;
    tick();
    stream->open([this](std::optional<Error> error) {
      if (error) {
        lost(error->text);
        return;
      }
      shake_hands();
    });
  }

  void shake_hands() {
    std::array<std::byte, 16> bytes{};
    fill_random(bytes);
    key = socketio::to_base64(bytes);
    const std::string origin = address.origin();
    stream->write(request_head("/socket.io/?EIO=4&transport=websocket", {{"Host", origin.substr(origin.find("://") + 3)},
                                                                          {"Upgrade", "websocket"},
                                                                          {"Connection", "Upgrade"},
                                                                          {"Sec-WebSocket-Key", key},
                                                                          {"Sec-WebSocket-Version", "13"}}));
    stream->read([this](std::span<std::byte> bytes_read) { on_bytes(bytes_read); });
  }

  void on_bytes(std::span<std::byte> bytes) {
    if (bytes.empty()) {
      lost(greeted ? fmt::format("The connection to {} was lost. It is tried again.", address.origin())
                   : no_such_server("it closed the connection"));
      return;
    }
    if (reader) {
      on_frames(bytes);
      return;
    }
    head.append(as_text(bytes));
    HttpAnswerHead answer;
    const HttpAnswerState state = parse_answer_head(head, answer);
    if (state == HttpAnswerState::kNeedMore) return;
    if (state == HttpAnswerState::kFailed) {
      lost(no_such_server("it does not speak HTTP"));
    } else if (answer.status == 503) {
      lost(fmt::format("The server at {} is full. It is tried again.", address.origin()));
    } else if (answer.status != 101 || answer.field("Sec-WebSocket-Accept") != socketio::websocket_accept(key)) {
      lost(no_such_server(fmt::format("HTTP status {}", answer.status)));
    } else {
      std::string rest = head.substr(answer.bytes);
      head.clear();
      reader.emplace(socketio::WebSocketReader::Options{.side = socketio::Side::kClient, .message_bytes_max = kServerMessageMax});
      session.emplace(steady_now());
      on_frames(std::as_writable_bytes(std::span{rest}));
    }
  }

  void on_frames(std::span<std::byte> bytes) {
    while (reader) {
      const auto event = reader->next(bytes);
      if (!event) return;
      if (const auto* message = std::get_if<socketio::WebSocketMessage>(&*event)) {
        on_message(!message->text, message->data);
      } else if (const auto* ping = std::get_if<socketio::WebSocketPing>(&*event)) {
        send_frame(socketio::Opcode::kPong, ping->data);
      } else if (std::holds_alternative<socketio::WebSocketClosed>(*event)) {
        lost(greeted ? fmt::format("The server at {} ended the connection. It is tried again.", address.origin())
                     : no_such_server("it closed the connection"));
      } else if (const auto* failure = std::get_if<socketio::WebSocketFailure>(&*event)) {
        lost(no_such_server(failure->why));
      }
    }
  }

  void on_message(bool binary, std::string_view data) {
    const Result<socketio::ClientInput> input = binary ? session->handle_binary(data, steady_now()) : session->handle(data, steady_now());
    if (!input) {
      lost(no_such_server(input.error().text));
    } else if (const auto* reply = std::get_if<socketio::ClientReply>(&*input)) {
      send_frame(socketio::Opcode::kText, reply->packet);
    } else if (const auto* event = std::get_if<socketio::ClientEvent>(&*input)) {
      on_event(event->name, event->json);
    } else if (const auto* ack = std::get_if<socketio::ClientAck>(&*input)) {
      on_answer(ack->id, ack->json);
    } else if (std::holds_alternative<socketio::ClientEnded>(*input)) {
      lost(fmt::format("The server at {} ended the session. It is tried again.", address.origin()));
    }
  }

  std::string no_such_server(std::string_view why) const {
    return fmt::format("What answers at {} is not a p2p-stream server of this version ({}). Check the address.", address.origin(), why);
  }

  /// The attempt or the connection is over; the next one comes later.
  void lost(const std::string& sentence) {
    const bool was_greeted = std::exchange(greeted, false);
    drop_connection();
    const auto unanswered = std::exchange(answers, {});
    for (const auto& [id, answer] : unanswered) answer(fail("The server went away before it answered."), std::nullopt);
    if (closed) return;
    tell_probe(fail(sentence));
    if (events.away) events.away(Error{sentence});
    if (closed || replaced) return;
    if (was_greeted) failures = 0;
    const Duration longest = std::min(kDelayMax, kDelayMin * (std::int64_t{1} << std::min(failures, 5)));
    const Duration delay = was_greeted ? Duration{prng.between(0, std::exchange(back_within, kFirstDelayMax).count())} : Duration{prng.between(longest.count() / 2, longest.count())};
    ++failures;
    timers->retry.expires_after(delay);
    timers->retry.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->connect();
    });
  }

  void drop_connection() {
    if (stream) stream->close();
    stream.reset();
    reader.reset();
    timers->watch.cancel();
    timers->again.cancel();
  }

  void tick() {
    timers->watch.expires_after(std::chrono::milliseconds{500});
    timers->watch.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (cancelled || self->closed || !self->stream) return;
      const Instant now = steady_now();
      if (!self->greeted && now >= self->opened_by) {
        self->lost(fmt::format("No p2p-stream server answers at {} (no answer within {} seconds). Check the address.", self->address.origin(),
                               std::chrono::duration_cast<std::chrono::seconds>(kOpenWithin).count()));
      } else if (self->session && now >= self->session->silent_until()) {
        self->lost(fmt::format("The server at {} fell silent. It is tried again.", self->address.origin()));
      } else {
        self->tick();
      }
    });
  }

  void send_frame(socketio::Opcode opcode, std::string_view payload) {
    if (!stream) return;
    std::string frame;
    socketio::append_frame(frame, opcode, payload, fresh_mask());
    stream->write(frame);
  }

  // ---- requests and events

  void request(std::string_view event, std::string_view json, Answer answer) {
    if (!greeted) {
      answer(fail(fmt::format("The server at {} is away at the moment.", address.origin())), std::nullopt);
      return;
    }
    const std::uint64_t id = next_ack++;
    std::string packet = socketio::event_packet(event, json, id);
    if (answers.size() >= kAwaitedAnswersMax || packet.size() > session->bytes_max()) {
      answer(fail("The request is too large, or too many are unanswered."), std::nullopt);
      return;
    }
    answers.emplace(id, std::move(answer));
    send_frame(socketio::Opcode::kText, packet);
  }

  void send_thumbnail(const std::string& image) {
    if (!greeted || !member || answers.size() >= kAwaitedAnswersMax || image.size() > session->bytes_max()) return;
    const std::uint64_t id = next_ack++;
    answers.emplace(id, ignore);
    send_frame(socketio::Opcode::kText, socketio::event_packet({.name = "stream:thumbnail", .arguments = thumbnail_json(), .ack_id = id, .attachments = 1}));
    send_frame(socketio::Opcode::kBinary, image);
  }

  static void ignore(const Result<std::string>&, const std::optional<Refused>&) {}

  void on_answer(std::uint64_t id, std::string_view json) {
    const auto found = answers.find(id);
    if (found == answers.end()) return;
    const Answer answer = std::move(found->second);
    answers.erase(found);
    answer(std::string{json}, refusal_in(json));
  }

  void on_event(std::string_view name, std::string_view json) {
    if (name == "hello") {
      on_hello(json);
    } else if (name == "signal") {
      const Result<SignalFrom> signal = parse_signal_from(json);
      if (signal && events.signal) events.signal(signal->from, signal->network, signal->data_json);
    } else if (name == "stream:source") {
      const Result<SourceNews> news = parse_source_news(json);
      if (news && events.source_changed) events.source_changed(news->online, news->source);
    } else if (name == "server:leaving") {
      back_within = parse_back_within(json).value_or(kFirstDelayMax);
    } else if (name == "stream:ended") {
      const Result<std::string> reason = parse_end_reason(json);
      forget();
      if (events.ended) events.ended(reason ? *reason : "ended");
    } else if (name == "stream:replaced") {
      replaced = true;
      forget();
      if (events.replaced) events.replaced();
    }
  }

  void on_hello(std::string_view json) {
    const Result<Hello> hello = parse_hello(json);
    if (!hello) {
      lost(no_such_server(hello.error().text));
      return;
    }
    greeted = true;
    failures = 0;
    nonce = hello->nonce;
    tell_probe({});
    if (events.ice_servers && !ice_of_member) events.ice_servers(hello->ice_servers);
    enter();
  }

  void tell_probe(Result<void> outcome) {
    const std::lock_guard lock{probe_mutex};
    if (!probed || !probed->has_value()) probed = std::move(outcome);
    probe_changed.notify_all();
  }

  // ---- the membership that is wanted

  void forget() {
    wanted_create.reset();
    wanted_join.reset();
    member = false;
  }

  void enter() {
    if (!greeted) return;
    if (wanted_create) {
      request("stream:create", create_json(wanted_create->key, nonce, wanted_create->details, wanted_create->secret),
              [this](const Result<std::string>& answer, const std::optional<Refused>& refused) {
                if (!wanted_create || !accepted(answer, refused)) return;
                take_ice_servers(*answer);
                on_entered(parse_created(*answer), events.created);
              });
    } else if (wanted_join) {
      request("stream:join", join_json(wanted_join->stream_id, wanted_join->secret, wanted_join->giving),
              [this](const Result<std::string>& answer, const std::optional<Refused>& refused) {
                if (!wanted_join || !accepted(answer, refused)) return;
                take_ice_servers(*answer);
                on_entered(parse_joined(*answer, wanted_join->stream_id), events.joined);
              });
    }
  }

  /// Credentials of a member: asked for anew, with a report, once half of their life has passed.
  void take_ice_servers(std::string_view json) {
    const Result<std::optional<SignalingIceServers>> ice = parse_ice_answer(json);
    if (!ice || !*ice) return;
    ice_of_member = true;
    renew_ice_at = (*ice)->lifetime ? steady_now() + *(*ice)->lifetime / 2 : kNever;
    if (events.ice_servers) events.ice_servers((*ice)->servers);
  }

  void renew_ice_servers() {
    if (steady_now() < renew_ice_at) return;
    renew_ice_at = steady_now() + kRenewAgain;   // unless an answer comes and says otherwise
    request("ice:servers", "{}", [this](const Result<std::string>& answer, const std::optional<Refused>& refused) {
      if (answer && !refused) take_ice_servers(*answer);
    });
  }

  bool accepted(const Result<std::string>& answer, const std::optional<Refused>& refused) {
    if (refused && events.refused) events.refused(refused->code, Error{refused->message});
    return answer && !refused;  // without an answer the connection was lost: it is asked again with the next one
  }

  template <typename T>
  void on_entered(const Result<T>& entered, const std::function<void(const T&)>& event) {
    if (!entered) {
      if (events.refused) events.refused("bad-answer", entered.error());
      return;
    }
    member = true;
    if (event) event(*entered);
  }

  /// Leaves or ends what we are a member of, then closes.
  void leave() {
    if (leaving || closed) return;
    leaving = true;
    if (!greeted || !member) {
      close();
      return;
    }
    const std::string_view event = wanted_create ? "stream:end" : "stream:leave";
    forget();
    timers->again.expires_after(kLeaveWithin);
    timers->again.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->close();
    });
    // Closed in a turn of its own: the answer comes from inside of the connection's reading.
    request(event, "{}", [this](const Result<std::string>&, const std::optional<Refused>&) {
      asio::post(io, [self = shared_from_this()] { self->close(); });
    });
  }

  void close() {
    if (closed) return;
    closed = true;
    events = {};
    answers.clear();
    forget();
    timers->retry.cancel();
    if (greeted) send_frame(socketio::Opcode::kText, "41");  // best effort: the end of the connection says the same
    greeted = false;
    drop_connection();
    if (on_closed) std::exchange(on_closed, {})();
    io.stop();
  }

  ServerAddress address;
  ClientTrust trust;
  Events events;
  std::function<void()> on_closed;
  std::unique_ptr<asio::io_context> own_io = std::make_unique<asio::io_context>(1);
  asio::io_context& io;
  std::thread thread;
  std::unique_ptr<Timers> timers;
  Prng prng;
  std::shared_ptr<ClientStream> stream;
  std::optional<socketio::WebSocketReader> reader;
  std::optional<socketio::ClientSession> session;
  std::string head;
  std::string key;
  std::string nonce;
  std::map<std::uint64_t, Answer> answers;
  std::optional<WantedCreate> wanted_create;
  std::optional<WantedJoin> wanted_join;
  Instant opened_by{};
  Instant renew_ice_at = kNever;
  bool ice_of_member = false;   // what everybody is told does not take it away
  std::uint64_t next_ack = 0;
  int failures = 0;
  Duration back_within = kFirstDelayMax;  // or what a server that stopped asked for
  bool greeted = false;
  bool replaced = false;
  bool member = false;
  bool leaving = false;
  bool closed = false;
  bool left = false;  // the caller's: leave_and_close was called
  std::mutex probe_mutex;
  std::condition_variable probe_changed;
  std::optional<Result<void>> probed;  // a success stays; else the last failure
};

Result<std::unique_ptr<SignalingClient>> SignalingClient::open(const Options& options, Events events) {
  Result<ServerAddress> address = parse_server_address(options.server_url);
  if (!address) return std::unexpected{address.error()};
  ClientTrust trust{.ca_file = options.tls.ca_file, .fingerprint = {}};
  if (!options.tls.fingerprint.empty()) {
    const auto fingerprint = parse_fingerprint(options.tls.fingerprint);
    if (!fingerprint) return std::unexpected{fingerprint.error()};
    trust.fingerprint = *fingerprint;
  }
  return std::unique_ptr<SignalingClient>{new SignalingClient{std::make_shared<Impl>(std::move(*address), std::move(trust), std::move(events))}};
}

SignalingClient::SignalingClient(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {
  asio::post(impl_->io, [self = impl_] { self->connect(); });
  impl_->thread = std::thread{[io = &impl_->io] {
    const auto work = asio::make_work_guard(*io);
    io->run();
  }};
}

SignalingClient::~SignalingClient() {
  asio::post(impl_->io, [impl = impl_.get()] { impl->close(); });
  impl_->thread.join();
  // What still waits on the context holds the implementation, which owns the context: untie them, the timers first.
  impl_->timers.reset();
  impl_->own_io.reset();
}

Result<void> SignalingClient::probe(Duration timeout) {
  std::unique_lock lock{impl_->probe_mutex};
  if (!impl_->probe_changed.wait_for(lock, timeout, [this] { return impl_->probed.has_value(); })) {
    return fail(fmt::format("No p2p-stream server answers at {} (no answer yet). Check the address.", impl_->address.origin()));
  }
  return *impl_->probed;
}

void SignalingClient::create(SignalingDetails details, StreamKey key, PeerSecret secret) {
  asio::post(impl_->io, [impl = impl_, wanted = WantedCreate{std::move(key), std::move(details), secret}]() mutable {
    impl->forget();
    impl->wanted_create = std::move(wanted);
    impl->enter();
  });
}

void SignalingClient::join(std::string stream_id, PeerSecret secret, bool giving) {
  asio::post(impl_->io, [impl = impl_, wanted = WantedJoin{std::move(stream_id), secret, giving}]() mutable {
    impl->forget();
    impl->wanted_join = std::move(wanted);
    impl->enter();
  });
}

void SignalingClient::signal(PeerId to, std::string data_json) {
  asio::post(impl_->io, [impl = impl_, to, data = std::move(data_json)] { impl->request("signal", signal_json(to, data), Impl::ignore); });
}

void SignalingClient::find_candidates(const std::vector<PeerId>& exclude, std::optional<std::uint8_t> rendition) {
  asio::post(impl_->io, [impl = impl_, json = exclude_json(exclude, rendition)] {
    impl->request("candidates", json, [impl = impl.get()](const Result<std::string>& answer, const std::optional<Refused>& refused) {
      if (!answer || refused) return;
      const Result<std::vector<SignalingCandidate>> found = parse_candidate_list(*answer);
      if (found && impl->events.candidates) impl->events.candidates(*found);
    });
  });
}

void SignalingClient::report(const SignalingReport& report) {
  asio::post(impl_->io, [impl = impl_, json = report_json(report)] {
    impl->renew_ice_servers();
    impl->request("report", json, [impl = impl.get()](const Result<std::string>& answer, const std::optional<Refused>& refused) {
      if (answer && !refused) {
        const Result<SignalingStanding> standing = parse_standing(*answer);
        if (standing && impl->events.standing) impl->events.standing(*standing);
      }
      // The server took us for gone (a sleep, a stall on the way): enter again.
      if (refused && refused->code == "not-a-member" && impl->member) impl->enter();
    });
  });
}

void SignalingClient::update(SignalingDetails details) {
  asio::post(impl_->io, [impl = impl_, details = std::move(details)] {
    if (impl->wanted_create) impl->wanted_create->details = details;
    impl->request("stream:update", update_json(details), Impl::ignore);
  });
}

void SignalingClient::thumbnail(std::string image) {
  asio::post(impl_->io, [impl = impl_, image = std::move(image)] { impl->send_thumbnail(image); });
}

void SignalingClient::leave_and_close() {
  if (std::exchange(impl_->left, true)) return;
  const auto left = std::make_shared<std::promise<void>>();
  asio::post(impl_->io, [impl = impl_, left] {
    impl->on_closed = [left] { left->set_value(); };
    impl->leave();
  });
  // The context stops when it is closed, by an answer or by the timer; a margin for a slow machine.
  left->get_future().wait_for(2 * kLeaveWithin);
}

}  // namespace p2p::net
