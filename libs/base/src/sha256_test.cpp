#include "base/sha256.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/hex.hpp"

namespace p2p {
namespace {

std::string hash_of(std::string_view text) { return to_hex(sha256(as_bytes(text))); }

// FIPS 180-4's examples (NIST, "Cryptographic Standards and Guidelines", SHA256.pdf) and the long message of its test vectors.
TEST(Sha256, GivesTheDigestsOfTheStandard) {
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, ReadsEachByteWhereverABlockEnds) {
  std::string last;
  for (const std::size_t size : {54u, 55u, 56u, 57u, 63u, 64u, 65u, 119u, 120u, 128u}) {
    std::string text(size, 'x');
    const std::string whole = hash_of(text);
    EXPECT_NE(whole, last);
    text.back() = 'y';
    EXPECT_NE(hash_of(text), whole) << size;
    last = whole;
  }
}

}  // namespace
}  // namespace p2p
