#include "transport/crypto.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "base/hex.hpp"

namespace p2p::transport {
namespace {

template <typename Array>
Array array_of(std::string_view hex) {
  const Bytes bytes = from_hex(hex).value();
  Array array;
  CHECK(bytes.size() == array.size(), "a test vector of another length");
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

class KeyFile : public ::testing::Test {
 protected:
  KeyFile() {
    char pattern[] = "/tmp/p2p-key-XXXXXX";
    folder_ = ::mkdtemp(pattern);
  }
  ~KeyFile() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path path() const { return folder_ / "stream.pem"; }

 private:
  std::filesystem::path folder_;
};

TEST(Crypto, HashesAsFips180Says) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(piece_digest(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223");
}

TEST(Crypto, NamesPeersAndStreamsByTheHeadOfTheHash) {
  PeerSecret zeros{};
  EXPECT_EQ(to_text(peer_id_of(zeros)), to_hex(sha256(zeros)).substr(0, 16));
  mesh::PublicKey key{};
  EXPECT_EQ(to_hex(stream_id_of(key)), to_hex(sha256(key)).substr(0, 20));
}

TEST(Crypto, SecretsDiffer) { EXPECT_NE(new_peer_secret(), new_peer_secret()); }

// RFC 8032, section 7.1, TEST 3.
TEST(Crypto, SignsAsRfc8032Says) {
  const auto key = SigningKey::from_seed(array_of<SigningKey::Seed>("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
  EXPECT_EQ(to_hex(key.public_key()), "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  const Bytes message = from_hex("af82").value();
  const mesh::Signature signature = key.sign(message);
  EXPECT_EQ(to_hex(signature), "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                               "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  EXPECT_TRUE(verify(key.public_key(), message, signature));
}

TEST(Crypto, RefusesAForgedSignature) {
  const SigningKey key = SigningKey::generate();
  const mesh::Signature signature = key.sign(as_bytes("part 1"));
  EXPECT_TRUE(verify(key.public_key(), as_bytes("part 1"), signature));
  EXPECT_FALSE(verify(key.public_key(), as_bytes("part 2"), signature));
  EXPECT_FALSE(verify(SigningKey::generate().public_key(), as_bytes("part 1"), signature));
  mesh::Signature bent = signature;
  bent[5] ^= std::byte{1};
  EXPECT_FALSE(verify(key.public_key(), as_bytes("part 1"), bent));
  mesh::PublicKey no_point;
  no_point.fill(std::byte{0xff});
  EXPECT_FALSE(verify(no_point, as_bytes("part 1"), signature));
}

TEST_F(KeyFile, IsMadeOnceForItsOwnerAloneAndReadBack) {
  const auto first = SigningKey::load_or_create(path());
  ASSERT_TRUE(first) << first.error().text;
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto again = SigningKey::load_or_create(path());
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(first->public_key(), again->public_key());
  EXPECT_TRUE(verify(first->public_key(), as_bytes("x"), again->sign(as_bytes("x"))));
}

TEST_F(KeyFile, ThatHoldsSomethingElseIsNamedInASentence) {
  std::ofstream{path()} << "not a key\n";
  const auto key = SigningKey::load_or_create(path());
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().text.find("holds no Ed25519 private key"), std::string::npos) << key.error().text;
}

TEST_F(KeyFile, InAFolderThatIsNotThereCannotBeMade) {
  const auto key = SigningKey::load_or_create(path() / "below" / "key.pem");
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().text.find("cannot be made"), std::string::npos) << key.error().text;
}

}  // namespace
}  // namespace p2p::transport
