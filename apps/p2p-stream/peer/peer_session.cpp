#include "peer/peer_session.hpp"

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "base/hex.hpp"
#include "net/signaling_client.hpp"
#include "peer/signal_json.hpp"
#include "transport/driver.hpp"

namespace p2p::app {
namespace {

/// After a restart the server learns of a stream from its source; a viewer that comes back sooner asks again.
constexpr auto kAskAgain = std::chrono::milliseconds{1500};

mesh::Role role_from(const std::string& name) {
  if (name == "source") return mesh::Role::kSource;
  if (name == "super-seed") return mesh::Role::kSuperSeed;
  return name == "relay" ? mesh::Role::kRelay : mesh::Role::kLeaf;
}

std::vector<mesh::Candidate> to_mesh(const std::vector<net::SignalingCandidate>& candidates) {
  std::vector<mesh::Candidate> all;
  for (const auto& c : candidates) {
    all.push_back({.peer = c.peer, .score = c.score, .role = role_from(c.role), .receiving = c.receiving, .network = c.network, .rendition = {}});
    if (c.rendition) all.back().rendition = mesh::RenditionId{*c.rendition};
  }
  return all;
}

}  // namespace

class PeerSession::Impl final : public transport::Driver::Host {
 public:
  Impl(Options options, Events events, std::optional<transport::SigningKey> key, mesh::StreamId stream, net::SignalingDetails details)
      : options_{std::move(options)}, events_{std::move(events)}, key_{std::move(key)}, stream_{stream}, details_{std::move(details)} {}

  ~Impl() override { stop(); }

  Result<void> start() {
    net::SignalingClient::Events on;
    on.ice_servers = [this](const std::vector<net::IceServer>& servers) {
      const std::lock_guard lock{mutex_};
      ice_servers_.clear();
      for (const net::IceServer& server : servers) ice_servers_.push_back({server.urls, server.username, server.credential});
      if (driver_) driver_->post_ice_servers(ice_servers_);
    };
    on.created = [this](const net::SignalingCreated& created) {
      away_ = false;
      peer_ready(created.self, key_->public_key());
      post(mesh::Joined{.self = created.self});
      if (events_.created) events_.created(created.stream_id, created.resumed);
    };
    on.joined = [this](const net::SignalingJoined& joined) {
      away_ = false;
      this->joined(joined);
    };
    on.signal = [this](PeerId from, std::uint32_t network, const std::string& json) {
      auto signal = parse_signal(json);
      if (auto* offer = signal ? std::get_if<transport::SignalOffer>(&*signal) : nullptr) offer->network = network;
      const std::lock_guard lock{mutex_};
      if (signal && driver_) driver_->post_signal(from, std::move(*signal));
    };
    on.candidates = [this](const std::vector<net::SignalingCandidate>& found) { post(mesh::CandidatesFound{to_mesh(found)}); };
    on.standing = [this](const net::SignalingStanding& standing) {
      mesh::Receipts told{.given = {}, .score = standing.score};
      for (const auto& [peer, bits_per_s] : standing.receipts) told.given.push_back({peer, bits_per_s});
      post(std::move(told));
    };
    on.ended = [this](const std::string& reason) {
      if (events_.ended) events_.ended(reason);
    };
    on.source_changed = [this](bool online, std::optional<PeerId> source) {
      if (online && source) post(mesh::Joined{.self = self_, .source = source});
    };
    on.replaced = [this] {
      if (events_.ended) events_.ended("replaced");
    };
    on.away = [this](const Error& why) {
      // Before the first answer nobody plays anything, and start() says what is wrong; after that once an absence is enough.
      if (post(mesh::SignalingAway{}) && !std::exchange(away_, true) && events_.away) events_.away(why);
    };
    on.refused = [this](const std::string& code, const Error& why) { refused(code, why); };

    auto client = net::SignalingClient::open(
        {.server_url = options_.server_url, .tls = {.ca_file = options_.tls_ca_file, .fingerprint = options_.tls_fingerprint}}, std::move(on));
    if (!client) return std::unexpected{client.error()};
    client_ = std::move(*client);
    if (auto reached = client_->probe(std::chrono::seconds{15}); !reached) return reached;
    if (key_) {
      client_->create(details_, net::StreamKey::from_seed(key_->seed()), secret_);
    } else {
      join();
      retry_ = std::jthread{[this](std::stop_token stop) { ask_again(stop); }};
    }
    return {};
  }

  bool post(mesh::Input input) {
    const std::lock_guard lock{mutex_};
    return driver_ && driver_->post(std::move(input));
  }

  std::optional<mesh::EngineStats> stats() {
    const std::lock_guard lock{mutex_};
    if (!driver_) return std::nullopt;
    return driver_->stats();
  }

  void thumbnail(std::string image) { client_->thumbnail(std::move(image)); }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    if (retry_.joinable()) {
      retry_.request_stop();
      retry_.join();
    }
    std::unique_ptr<transport::Driver> driver;
    {
      const std::lock_guard lock{mutex_};
      driver = std::move(driver_);
      closing_ = true;
    }
    if (driver) {
      driver->stop();
      driver.reset();
      transport::wait_for_link_threads();   // a process has one peer, and usually ends now
    }
    if (client_) client_->leave_and_close();
    client_.reset();
  }

 private:
  void join() { client_->join(to_hex(stream_), secret_, options_.giving); }

  void joined(const net::SignalingJoined& joined) {
    mesh::PublicKey key{};
    std::memcpy(key.data(), joined.public_key.data(), key.size());
    peer_ready(joined.self, key);
    post(mesh::Joined{.self = joined.self, .source = joined.source, .candidates = to_mesh(joined.candidates)});
    if (events_.joined) events_.joined(joined.title);
  }

  /// The first answer of the server: the engine can begin. Later ones find it running.
  void peer_ready(PeerId self, const mesh::PublicKey& stream_key) {
    const std::lock_guard lock{mutex_};
    if (driver_ || closing_) return;
    self_ = self;
    std::uint64_t seed = 0;
    transport::fill_random(std::as_writable_bytes(std::span{&seed, 1}));
    transport::Driver::Options driver;
    driver.engine = {.stream = stream_,
                     .seed = seed,
                     .source = key_.has_value(),
                     .giving = options_.giving,
                     .connections_max = options_.connections_max,
                     .upload_bits_per_s = options_.upload_bits_per_s};
    driver.links.self = self;
    driver.links.ice_servers = ice_servers_;
    driver.stream_key = stream_key;
    driver.signal_text = transport::SignalText{.write = to_json, .read = parse_signal};
    if (key_) driver.signing_key = transport::SigningKey::from_seed(key_->seed());
    driver.tamper = options_.tamper;
    driver_ = std::make_unique<transport::Driver>(std::move(driver), *this);
  }

  void refused(const std::string& code, const Error& why) {
    bool running = false;
    {
      const std::lock_guard lock{mutex_};
      running = driver_ != nullptr;
      if (running && !key_) ask_at_ = std::chrono::steady_clock::now() + kAskAgain;
    }
    wake_.notify_all();
    if (!running && events_.refused) events_.refused(code, why);
  }

  void ask_again(std::stop_token stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
      if (!ask_at_) {
        wake_.wait(lock, stop, [&] { return ask_at_.has_value(); });
        continue;
      }
      const auto until = *ask_at_;
      wake_.wait_until(lock, stop, until, [] { return false; });
      if (stop.stop_requested()) return;
      ask_at_.reset();
      lock.unlock();
      join();
      lock.lock();
    }
  }

  // transport::Driver::Host, on the driver's thread
  void send_signal(PeerId to, const transport::Signal& signal) override { client_->signal(to, to_json(signal)); }
  void find_candidates(const mesh::FindCandidates& wish) override {
    client_->find_candidates(wish.exclude, wish.rendition ? std::optional{wish.rendition->value} : std::nullopt);
  }
  void send_report(const mesh::SendReport& report) override {
    net::SignalingReport out{.upload_bits_per_s = report.upload_bits_per_s,
                             .upload_used_bits_per_s = report.upload_used_bits_per_s,
                             .latency_ms = report.latency_ms,
                             .buffer_ms = report.buffer_ms,
                             .hop = report.hop,
                             .receiving = report.receiving};
    if (report.rendition) out.rendition = report.rendition->value;
    for (const auto& n : report.neighbors) out.neighbors.push_back({n.peer, n.received_bytes, n.failed_pieces, n.rtt_ms});
    client_->report(out);
  }
  void play_rendition(const mesh::PlayRendition& rendition) override {
    if (events_.rendition) events_.rendition(rendition);
  }
  void play_part(const mesh::PlayPart& part) override {
    if (events_.part) events_.part(part);
  }
  void misbehaved(const mesh::Misbehaved& peer) override {
    if (events_.note) events_.note("peer " + to_text(peer.peer).substr(0, 4) + " was dropped: it " + peer.what);
  }
  void chat_shown(const mesh::ChatShown& shown) override {
    if (events_.chat) events_.chat(shown.message);
  }
  void decided(const mesh::Decision& decision) override {
    if (events_.note) events_.note(decision.text);
  }
  void link_changed(PeerId peer, bool up, const std::string& why) override {
    if (events_.note) events_.note("link to " + to_text(peer).substr(0, 4) + (up ? " is up, " + why : " is down: " + why));
  }

  Options options_;
  Events events_;
  std::optional<transport::SigningKey> key_;
  mesh::StreamId stream_;
  net::SignalingDetails details_;
  transport::PeerSecret secret_ = transport::new_peer_secret();

  std::mutex mutex_;   // of what follows; never held while a callback runs
  std::condition_variable_any wake_;
  std::vector<transport::IceServer> ice_servers_;
  std::unique_ptr<transport::Driver> driver_;
  PeerId self_{};
  std::optional<std::chrono::steady_clock::time_point> ask_at_;
  bool closing_ = false;

  bool away_ = false;   // the client's thread alone
  bool stopped_ = false;
  std::unique_ptr<net::SignalingClient> client_;
  std::jthread retry_;
};

PeerSession::PeerSession(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
PeerSession::~PeerSession() = default;

Result<std::unique_ptr<PeerSession>> PeerSession::publish(Options options, transport::SigningKey key, net::SignalingDetails details, Events events) {
  const mesh::StreamId stream = transport::stream_id_of(key.public_key());
  auto impl = std::make_unique<Impl>(std::move(options), std::move(events), std::move(key), stream, std::move(details));
  if (auto started = impl->start(); !started) return std::unexpected{started.error()};
  return std::unique_ptr<PeerSession>{new PeerSession{std::move(impl)}};
}

Result<std::unique_ptr<PeerSession>> PeerSession::watch(Options options, const mesh::StreamId& stream, Events events) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(events), std::nullopt, stream, net::SignalingDetails{});
  if (auto started = impl->start(); !started) return std::unexpected{started.error()};
  return std::unique_ptr<PeerSession>{new PeerSession{std::move(impl)}};
}

bool PeerSession::post(mesh::Input input) { return impl_->post(std::move(input)); }
std::optional<mesh::EngineStats> PeerSession::stats() { return impl_->stats(); }
void PeerSession::thumbnail(std::string image) { impl_->thumbnail(std::move(image)); }
void PeerSession::stop() { impl_->stop(); }

}  // namespace p2p::app
