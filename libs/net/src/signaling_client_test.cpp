#include "net/signaling_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "base/hex.hpp"
#include "net/signaling_server.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;

constexpr Duration kGenerous = 60s;

/// A server on a thread of its own; killed, it says no goodbye.
class TestServer {
 public:
  explicit TestServer(std::uint16_t port = 0, IceServers::Options ice = {.listed = "stun:stun.example.org:3478"}) {
    auto server = SignalingServer::listen(io_, {.host = "127.0.0.1", .port = port, .ice_servers = std::move(ice)});
    if (!server) ADD_FAILURE() << server.error().text;
    server_ = std::move(*server);
    port_ = server_->port();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~TestServer() {
    io_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  asio::io_context io_{1};
  std::unique_ptr<SignalingServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// Writes down each event as a line and waits for lines.
class Log {
 public:
  void add(std::string line) {
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// The next line that begins so; those before it are dropped.
  std::string wait_for(std::string_view begin) {
    std::unique_lock lock{mutex_};
    std::string found;
    const bool came = changed_.wait_for(lock, kGenerous, [&] {
      while (!lines_.empty()) {
        found = std::move(lines_.front());
        lines_.pop_front();
        if (found.starts_with(begin)) return true;
      }
      return false;
    });
    EXPECT_TRUE(came) << "never came: " << begin;
    return came ? found : std::string{};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
};

struct TestClient {
  explicit TestClient(const std::string& url) {
    client = *SignalingClient::open(
        {.server_url = url},
        {.ice_servers = [this](const std::vector<IceServer>& ice) {
           std::string line = "ice";
           for (const IceServer& server : ice) line += " " + server.urls[0] + (server.credential.empty() ? "" : " with a credential");
           log.add(line);
         },
         .created = [this](const SignalingCreated& created) { log.add("created " + created.stream_id + " " + to_text(created.self)); },
         .joined =
             [this](const SignalingJoined& joined) {
               log.add("joined " + to_text(joined.self) + " " + (joined.source ? to_text(*joined.source) : "none") + " " + joined.title);
             },
         .signal = [this](PeerId from, std::uint32_t, const std::string& data) { log.add("signal " + to_text(from) + " " + data); },
         .candidates = [this](const std::vector<SignalingCandidate>& found) { log.add("candidates " + std::to_string(found.size())); },
         .ended = [this](const std::string& reason) { log.add("ended " + reason); },
         .source_changed = [this](bool online, std::optional<PeerId>) { log.add(online ? "source online" : "source offline"); },
         .replaced = [this] { log.add("replaced"); },
         .away = [this](const Error& why) { log.add("away " + why.text); },
         .refused = [this](const std::string& code, const Error&) { log.add("refused " + code); }});
  }
  Log log;
  std::unique_ptr<SignalingClient> client;  // after the log: its events write there
};

TEST(SignalingClient, CreatesJoinsSignalsAndEnds) {
  const TestServer server;
  const StreamKey key = StreamKey::generate();
  const PeerSecret viewer_secret = make_peer_secret();
  TestClient source{server.url()};
  EXPECT_TRUE(source.client->probe(kGenerous));
  source.client->create({.title = "harbor"}, key, make_peer_secret());
  source.log.wait_for("ice stun:stun.example.org:3478");
  source.log.wait_for("created " + stream_id_of(key.public_key()));
  TestClient viewer{server.url()};
  viewer.client->join(stream_id_of(key.public_key()), viewer_secret, true);
  const std::string joined = viewer.log.wait_for("joined " + to_text(peer_id_of(viewer_secret)));
  EXPECT_TRUE(joined.ends_with(" harbor"));
  source.client->signal(peer_id_of(viewer_secret), R"({"type":"bye","reason":"test"})");
  EXPECT_TRUE(viewer.log.wait_for("signal ").ends_with(R"({"type":"bye","reason":"test"})"));
  viewer.client->report({.receiving = true});
  viewer.client->find_candidates({});
  viewer.log.wait_for("candidates 0");
  source.client->leave_and_close();
  viewer.log.wait_for("ended ended");
}

TEST(SignalingClient, ComesBackByItselfAfterTheServerDied) {
  auto server = std::make_unique<TestServer>();
  const std::uint16_t port = server->port();
  const StreamKey key = StreamKey::generate();
  const PeerSecret viewer_secret = make_peer_secret();
  TestClient source{server->url()};
  source.client->create({.title = "harbor"}, key, make_peer_secret());
  const std::string created = source.log.wait_for("created ");
  TestClient viewer{server->url()};
  viewer.client->join(stream_id_of(key.public_key()), viewer_secret, true);
  const std::string joined = viewer.log.wait_for("joined ");
  server.reset();
  source.log.wait_for("away ");
  viewer.log.wait_for("away ");
  server = std::make_unique<TestServer>(port);
  EXPECT_EQ(source.log.wait_for("created "), created) << "the same stream, the same peer";
  // The viewer may be back before the source: then it is refused, and asks again.
  TestClient late{server->url()};
  late.client->join(stream_id_of(key.public_key()), make_peer_secret(), true);
  late.log.wait_for("joined ");
  viewer.client->join(stream_id_of(key.public_key()), viewer_secret, true);
  EXPECT_EQ(viewer.log.wait_for("joined "), joined);
}

TEST(SignalingClient, AMemberIsGivenCredentialsAndFreshOnesBeforeTheyEnd) {
  const TestServer server{0, {.listed = "stun:s:1", .turn_urls = "turn:t:2", .turn_secret = "north", .lifetime = 0s}};
  TestClient source{server.url()};
  EXPECT_EQ(source.log.wait_for("ice"), "ice stun:s:1") << "nobody is a member yet";
  source.client->create({.title = "harbor"}, StreamKey::generate(), make_peer_secret());
  EXPECT_EQ(source.log.wait_for("ice"), "ice stun:s:1 turn:t:2 with a credential");
  source.log.wait_for("created ");
  source.client->report({});   // half of their life has passed
  EXPECT_EQ(source.log.wait_for("ice"), "ice stun:s:1 turn:t:2 with a credential");
}

TEST(SignalingClient, SaysWhyThereIsNoServer) {
  std::uint16_t free_port = 0;
  { free_port = TestServer{}.port(); }
  TestClient nobody{"http://127.0.0.1:" + std::to_string(free_port)};
  const auto refused = nobody.client->probe(kGenerous);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "No p2p-stream server answers at http://127.0.0.1:" + std::to_string(free_port) +
                                      " (connection refused). Start one with `p2p-stream serve`, or check the address.");
  EXPECT_FALSE(SignalingClient::open({.server_url = "gopher://x"}, {}));
}

TEST(SignalingClient, KnowsAnotherKindOfServer) {
  asio::io_context io{1};
  asio::ip::tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
  std::thread thread{[&] {
    asio::ip::tcp::socket socket = acceptor.accept();
    std::array<char, 4096> request{};
    boost::system::error_code ignored;
    socket.read_some(asio::buffer(request), ignored);
    asio::write(socket, asio::buffer(std::string_view{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}), ignored);
  }};
  TestClient client{"http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port())};
  const auto outcome = client.client->probe(kGenerous);
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().text.find("is not a p2p-stream server of this version (HTTP status 404)"), std::string::npos) << outcome.error().text;
  thread.join();
}

TEST(SignalingClient, RefusalsAndReplacementsAreTold) {
  const TestServer server;
  const StreamKey key = StreamKey::generate();
  TestClient one{server.url()};
  one.client->join(stream_id_of(key.public_key()), make_peer_secret(), true);
  one.log.wait_for("refused no-such-stream");
  one.client->create({.title = "a"}, key, make_peer_secret());
  one.log.wait_for("created ");
  TestClient two{server.url()};
  two.client->create({.title = "b"}, key, make_peer_secret());
  two.log.wait_for("created ");
  one.log.wait_for("replaced");
}

}  // namespace
}  // namespace p2p::net
