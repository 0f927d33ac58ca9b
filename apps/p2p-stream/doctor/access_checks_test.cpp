#include "doctor/access_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace p2p::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 30};

net::CertificateFacts good() {
  return {.names = {"live.example", "*.media.example"}, .begins = kNow - 24h, .ends = kNow + 90 * 24h, .own_issuer = false, .issuers = 1};
}

/// The gravest of the findings.
Finding worst(const std::vector<Finding>& findings) {
  return *std::ranges::max_element(findings, {}, &Finding::verdict);
}

TEST(CertificateCheck, IsContentWithOneThatBrowsersTrust) {
  const auto findings = check_certificate(good(), {"live.example", "a.media.example"}, kNow);
  EXPECT_EQ(worst(findings).verdict, Verdict::kOk);
  EXPECT_THAT(findings.front().text, HasSubstr("good until 2027-02-28 (90 days)"));
}

TEST(CertificateCheck, FailsOneThatHasEndedOrNotBegunAndWarnsOfOneAtItsEnd) {
  EXPECT_EQ(worst(check_certificate(good(), {}, kNow + 91 * 24h)).verdict, Verdict::kFailed);
  EXPECT_EQ(worst(check_certificate(good(), {}, kNow - 48h)).verdict, Verdict::kFailed);
  const Finding soon = worst(check_certificate(good(), {}, kNow + 80 * 24h));
  EXPECT_EQ(soon.verdict, Verdict::kWarning);
  EXPECT_THAT(soon.text, HasSubstr("in 10 days"));
}

TEST(CertificateCheck, FailsOneForOtherNames) {
  for (const char* name : {"other.example", "media.example", "a.b.media.example", "xmedia.example"}) {
    EXPECT_EQ(worst(check_certificate(good(), {name}, kNow)).verdict, Verdict::kFailed) << name;
  }
  auto nameless = good();
  nameless.names.clear();
  EXPECT_EQ(worst(check_certificate(nameless, {}, kNow)).verdict, Verdict::kFailed);
}

TEST(CertificateCheck, WarnsWhereNobodyLeadsToARoot) {
  auto alone = good();
  alone.issuers = 0;
  EXPECT_THAT(worst(check_certificate(alone, {}, kNow)).advice, HasSubstr("fullchain.pem"));
  alone.own_issuer = true;
  EXPECT_THAT(worst(check_certificate(alone, {}, kNow)).text, HasSubstr("vouches for itself"));
}

TEST(CertificateCheck, PassesOnWhyFilesCannotBeUsed) {
  const auto findings = check_certificate(fail("The key is another's."), {}, kNow);
  EXPECT_EQ(worst(findings).verdict, Verdict::kFailed);
  EXPECT_EQ(findings.front().text, "The key is another's.");
}

TEST(ProxyCheck, WantsFewWhoAreBelieved) {
  const auto check = [](std::vector<std::string> proxies, std::string host = "0.0.0.0") {
    ServeSettings settings;
    settings.host = std::move(host);
    settings.trusted_proxies = std::move(proxies);
    return check_trusted_proxies(settings).verdict;
  };
  EXPECT_EQ(check({}), Verdict::kOk);
  EXPECT_EQ(check({}, "127.0.0.1"), Verdict::kWarning);
  EXPECT_EQ(check({"127.0.0.1", "::1", "10.0.0.0/8", "8.8.8.0/24", "2600:1f18::/33"}), Verdict::kOk);
  EXPECT_EQ(check({"8.0.0.0/8"}), Verdict::kWarning);
  EXPECT_EQ(check({"127.0.0.1", "0.0.0.0/0"}), Verdict::kFailed);
  EXPECT_EQ(check({"::/0"}), Verdict::kFailed);
}

TEST(SecureContextCheck, WantsTlsFromSomebodyUnlessNobodyElseIsServed) {
  ServeSettings settings{.host = "0.0.0.0"};
  EXPECT_EQ(check_secure_context(settings).verdict, Verdict::kWarning);
  settings.host = "127.0.0.1";
  EXPECT_EQ(check_secure_context(settings).verdict, Verdict::kOk);
  settings = {.host = "0.0.0.0", .trusted_proxies = {"10.0.0.1"}};
  EXPECT_EQ(check_secure_context(settings).verdict, Verdict::kOk);
  settings = {.host = "0.0.0.0", .tls_cert = "cert.pem"};
  EXPECT_EQ(check_secure_context(settings).verdict, Verdict::kOk);
}

}  // namespace
}  // namespace p2p::app
