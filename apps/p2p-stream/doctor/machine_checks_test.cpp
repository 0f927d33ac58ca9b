#include "doctor/machine_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "doctor/testing/running_server.hpp"
#include "net/turn_server.hpp"

namespace p2p::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// A port of 127.0.0.1 that is taken by a program which does not answer.
class TakenPort {
 public:
  explicit TakenPort(int type) : descriptor_{::socket(AF_INET, type | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~TakenPort() { ::close(descriptor_); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  std::uint16_t port_ = 0;
};

TEST(PortCheck, IsContentWithAPortThatIsFree) {
  EXPECT_EQ(check_tcp_port("127.0.0.1", 0).verdict, Verdict::kOk);
  EXPECT_EQ(check_tcp_port("::1", 0).verdict, Verdict::kOk);
  EXPECT_EQ(check_udp_port("0.0.0.0", 0).verdict, Verdict::kOk);
}

TEST(PortCheck, FailsOneThatAnotherProgramHas) {
  const TakenPort udp{SOCK_DGRAM};
  const Finding finding = check_udp_port("127.0.0.1", udp.port());
  EXPECT_EQ(finding.verdict, Verdict::kFailed);
  EXPECT_THAT(finding.advice, HasSubstr("turn-port"));
  const TakenPort tcp{SOCK_STREAM};
  EXPECT_EQ(check_tcp_port("127.0.0.1", tcp.port()).verdict, Verdict::kFailed);
}

TEST(PortCheck, KnowsAServerOfOurs) {
  const testing_support::RunningServer server;
  const Finding finding = check_tcp_port("127.0.0.1", server.port());
  EXPECT_EQ(finding.verdict, Verdict::kWarning);
  EXPECT_THAT(finding.advice, HasSubstr("doctor --url http://127.0.0.1:"));
  const auto relay = net::TurnServer::start({.host = "127.0.0.1", .port = 0, .relay = {}});
  ASSERT_TRUE(relay) << relay.error().text;
  EXPECT_THAT(check_udp_port("127.0.0.1", (*relay)->port()).text, HasSubstr("in use by a STUN server"));
}

TEST(PortCheck, FailsAnAddressOfAnotherMachine) {
  EXPECT_THAT(check_tcp_port("192.0.2.1", 0).text, HasSubstr("no such address"));
  EXPECT_THAT(check_tcp_port("live.example", 0).text, HasSubstr("is no IP address"));
}

TEST(OpenFilesCheck, ComparesTheLimitWithWhatMayBeOpen) {
  ServeSettings settings;
  settings.connections_max = 50'000;
  settings.turn.allocations_max = 2'000;
  EXPECT_EQ(check_open_files(1'048'576, settings).verdict, Verdict::kOk);
  const Finding few = check_open_files(1'024, settings);
  EXPECT_EQ(few.verdict, Verdict::kWarning);
  EXPECT_THAT(few.advice, HasSubstr("LimitNOFILE=53100"));
  settings.turn.enabled = false;
  EXPECT_THAT(check_open_files(1'024, settings).advice, HasSubstr("LimitNOFILE=51100"));
}

TEST(StateCheck, WantsAFolderThatCanBeMadeWhereOneIsNeeded) {
  EXPECT_EQ(check_state_directory("/proc/nowhere", false).verdict, Verdict::kOk);
  EXPECT_EQ(check_state_directory(testing::TempDir() + "not/yet/there", true).verdict, Verdict::kOk);
  EXPECT_EQ(check_state_directory("/dev/null/state", true).verdict, Verdict::kFailed);
  EXPECT_EQ(check_state_directory("", true).verdict, Verdict::kWarning);
}

TEST(ClockCheck, ComparesWithTheDateOfAServer) {
  const auto now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + 8h;
  const auto compare = [&](std::string_view date) { return compare_clocks("https://a", date, now); };
  EXPECT_EQ(compare("Mon, 30 Nov 2026 08:00:03 GMT").verdict, Verdict::kOk);
  EXPECT_EQ(compare("Mon, 30 Nov 2026 08:01:00 GMT").verdict, Verdict::kWarning);
  EXPECT_THAT(compare("Mon, 30 Nov 2026 08:01:00 GMT").text, HasSubstr("60 s behind that of https://a"));
  EXPECT_EQ(compare("Mon, 30 Nov 2026 07:00:00 GMT").verdict, Verdict::kFailed);
  EXPECT_EQ(compare("yesterday").verdict, Verdict::kWarning);
}

TEST(ClockCheck, AsksAServerThatWasNamed) {
  const testing_support::RunningServer server;
  EXPECT_EQ(check_clock_against("http://127.0.0.1:" + std::to_string(server.port()), {}).verdict, Verdict::kOk);
  EXPECT_EQ(check_clock_against("not an address", {}).verdict, Verdict::kFailed);
}

TEST(ClockCheck, SaysWhatTheKernelKnows) { EXPECT_NE(check_clock().verdict, Verdict::kFailed); }

}  // namespace
}  // namespace p2p::app
