#include "net/stream_key.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"

namespace p2p::net {
namespace {

TEST(StreamKey, SignsLikeTheFirstVectorOfRfc8032) {
  StreamKey::Seed seed{};
  const auto bytes = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  std::copy(bytes->begin(), bytes->end(), seed.begin());
  const StreamKey key = StreamKey::from_seed(seed);
  EXPECT_EQ(to_hex(key.public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Signature signature = key.sign({});
  EXPECT_EQ(to_hex(signature).substr(0, 16), "e5564300c360ac72");
  EXPECT_TRUE(verify(key.public_key(), {}, signature));
  EXPECT_FALSE(verify(key.public_key(), as_bytes("x"), signature));
  EXPECT_FALSE(verify(StreamKey::generate().public_key(), {}, signature));
}

TEST(StreamKey, NamesAreTheHeadOfTheHash) {
  const PeerSecret zeros{};  // SHA-256 of 32 zero bytes is 66687aadf862bd776c8fc18b8e9f8e20...
  EXPECT_EQ(to_text(peer_id_of(zeros)), "66687aadf862bd77");
  EXPECT_EQ(stream_id_of(PublicKeyBytes{}), "66687aadf862bd776c8f");
}

}  // namespace
}  // namespace p2p::net
