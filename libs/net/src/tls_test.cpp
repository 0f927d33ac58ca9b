#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "net/signaling_client.hpp"
#include "net/signaling_server.hpp"
#include "self_signed.hpp"
#include "tls_server.hpp"

namespace p2p::net {
namespace {

namespace asio = boost::asio;
constexpr Duration kPatience = 60s;

class TlsTest : public testing::Test {
 protected:
  TlsTest() : folder_{testing::TempDir() + "tls_test_" + std::to_string(getpid())} { std::filesystem::create_directories(folder_); }
  ~TlsTest() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    std::filesystem::remove_all(folder_);
  }

  void start(SignalingServer::Options options) {
    options.host = "127.0.0.1";
    options.port = 0;
    auto server = SignalingServer::listen(io_, std::move(options));
    ASSERT_TRUE(server) << server.error().text;
    server_ = std::move(*server);
    port_ = server_->port();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  Result<void> reach(TlsTrust trust, const std::string& host = "localhost") {
    auto client = SignalingClient::open({.server_url = "https://" + host + ":" + std::to_string(port_), .tls = std::move(trust)}, {});
    if (!client) return std::unexpected{client.error()};
    return (*client)->probe(kPatience);
  }
  [[nodiscard]] std::string path(const char* name) const { return folder_ + "/" + name; }
  static void write(const std::string& to, const std::string& text) { std::ofstream{to} << text; }

  std::string folder_;
  asio::io_context io_{1};
  std::unique_ptr<SignalingServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(TlsTest, ASelfSignedServerIsReachedByWhoeverKnowsItsFingerprint) {
  start({.tls_self_signed = true, .state_folder = folder_});
  EXPECT_TRUE(reach({.ca_file = {}, .fingerprint = server_->tls_fingerprint()}));
  const Result<void> unknown = reach({});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().text.find("--tls-fingerprint"), std::string::npos) << unknown.error().text;
  std::string other = server_->tls_fingerprint();
  other.front() = other.front() == '0' ? '1' : '0';
  EXPECT_FALSE(reach({.ca_file = {}, .fingerprint = other}));
  const Result<void> mistyped = reach({.ca_file = {}, .fingerprint = "AB:CD"});
  ASSERT_FALSE(mistyped);
  EXPECT_NE(mistyped.error().text.find("64 hex digits"), std::string::npos);
}

TEST_F(TlsTest, ACertificateMayBeTrustedByItsFileAndThenItsNamesCount) {
  const auto made = make_self_signed({"localhost"});
  ASSERT_TRUE(made);
  write(path("cert.pem"), made->chain);
  write(path("key.pem"), made->key);
  start({.tls_certificate_file = path("cert.pem"), .tls_key_file = path("key.pem")});
  EXPECT_TRUE(reach({.ca_file = path("cert.pem"), .fingerprint = {}}));
  EXPECT_FALSE(reach({.ca_file = path("cert.pem"), .fingerprint = {}}, "127.0.0.1")) << "it is no certificate for that name";
  EXPECT_FALSE(reach({.ca_file = path("key.pem"), .fingerprint = {}}));
}

TEST_F(TlsTest, WhoSpeaksHttpWithoutTlsIsToldSo) {
  start({.tls_self_signed = true});
  asio::io_context io{1};
  asio::ip::tcp::socket socket{io};
  socket.connect({asio::ip::make_address("127.0.0.1"), port_});
  asio::write(socket, asio::buffer(std::string_view{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"}));
  std::string answer;
  std::array<char, 1024> part{};
  boost::system::error_code error;
  while (!error) answer.append(part.data(), socket.read_some(asio::buffer(part), error));
  EXPECT_NE(answer.find("Begin the address with https."), std::string::npos) << answer;
}

TEST_F(TlsTest, ASelfSignedCertificateIsKeptAsLongAsItServes) {
  const auto first = keep_self_signed(folder_, {"localhost", "127.0.0.1"});
  ASSERT_TRUE(first);
  const auto print = [](const CertificateText& text) { return (*TlsServer::from_text(text))->fingerprint(); };
  const auto again = keep_self_signed(folder_, {"localhost"});
  EXPECT_EQ(print(*first), print(*again));
  const auto more = keep_self_signed(folder_, {"localhost", "192.168.1.20"});
  EXPECT_NE(print(*first), print(*more)) << "it had no such address";
  struct stat status {};
  ASSERT_EQ(stat(path("self-signed.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u) << "its key is nobody else's";
  EXPECT_NE(print(*keep_self_signed({}, {"localhost"})), print(*keep_self_signed({}, {"localhost"})));
}

TEST_F(TlsTest, FilesThatDoNotServeAreRefusedWithASentenceAndNeverReplaceOnesThatDo) {
  const auto one = make_self_signed({"localhost"});
  const auto two = make_self_signed({"localhost"});
  write(path("cert.pem"), one->chain);
  write(path("key.pem"), one->key);
  auto server = TlsServer::from_files(path("cert.pem"), path("key.pem"));
  ASSERT_TRUE(server) << server.error().text;
  const std::string before = (*server)->fingerprint();
  EXPECT_FALSE((*server)->changed());
  write(path("cert.pem"), two->chain);
  EXPECT_EQ((*server)->reload().error().text, "The key in \"" + path("key.pem") + "\" is not that of the certificate in \"" + path("cert.pem") + "\".");
  EXPECT_EQ((*server)->fingerprint(), before);
  write(path("key.pem"), "nonsense");
  EXPECT_NE((*server)->reload().error().text.find("There is no key without a password"), std::string::npos);
  std::filesystem::remove(path("key.pem"));
  EXPECT_NE((*server)->reload().error().text.find("cannot be read"), std::string::npos);
  EXPECT_EQ((*server)->fingerprint(), before);
  write(path("key.pem"), two->key);
  EXPECT_TRUE((*server)->changed());
  EXPECT_TRUE((*server)->reload());
  EXPECT_NE((*server)->fingerprint(), before);
  write(path("cert.pem"), "nonsense");
  EXPECT_NE((*server)->reload().error().text.find("There is no certificate"), std::string::npos);
}

}  // namespace
}  // namespace p2p::net
