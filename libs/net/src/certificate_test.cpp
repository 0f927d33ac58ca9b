#include "net/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "self_signed.hpp"

namespace p2p::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CertificateTest : public testing::Test {
 protected:
  CertificateTest() : folder_{testing::TempDir() + "certificate_test_" + std::to_string(getpid())} { std::filesystem::create_directories(folder_); }
  ~CertificateTest() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{folder_ + "/" + name} << text;
    return folder_ + "/" + name;
  }

  std::string folder_;
};

TEST_F(CertificateTest, IsReadWithItsNamesAndTimes) {
  const CertificateText made = make_self_signed({"live.example", "192.0.2.7", "2001:db8::7"}).value();
  const auto facts = read_certificate(write("cert.pem", made.chain), write("key.pem", made.key));
  ASSERT_TRUE(facts) << facts.error().text;
  EXPECT_THAT(facts->names, ElementsAre("live.example", "192.0.2.7", "2001:db8::7"));
  const auto now = std::chrono::system_clock::now();
  EXPECT_LT(facts->begins, now);
  EXPECT_GT(facts->ends, now + std::chrono::days{300});
  EXPECT_TRUE(facts->own_issuer);
  EXPECT_EQ(facts->issuers, 0u);
}

TEST_F(CertificateTest, CountsThoseThatLeadToTheRoot) {
  const CertificateText made = make_self_signed({"live.example"}).value();
  const CertificateText other = make_self_signed({"authority.example"}).value();
  EXPECT_EQ(read_certificate(write("chain.pem", made.chain + other.chain + other.chain), write("key.pem", made.key))->issuers, 2u);
}

TEST_F(CertificateTest, ThatCannotBeUsedIsRefusedWithTheServersSentence) {
  const CertificateText made = make_self_signed({"live.example"}).value();
  const CertificateText other = make_self_signed({"live.example"}).value();
  const std::string certificate = write("cert.pem", made.chain);
  EXPECT_THAT(read_certificate(certificate, write("other.pem", other.key)).error().text, HasSubstr("is not that of the certificate"));
  EXPECT_THAT(read_certificate(certificate, folder_ + "/nowhere").error().text, HasSubstr("cannot be read"));
  EXPECT_THAT(read_certificate(write("text.pem", "words"), write("key.pem", made.key)).error().text, HasSubstr("There is no certificate"));
}

}  // namespace
}  // namespace p2p::net
