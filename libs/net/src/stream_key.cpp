#include "net/stream_key.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "base/check.hpp"
#include "base/hex.hpp"

namespace p2p::net {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* data_of(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* data_of(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

StreamKey StreamKey::generate() {
  Seed seed{};
  fill_random(seed);
  return from_seed(seed);
}

StreamKey StreamKey::from_seed(const Seed& seed) {
  const Key key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, data_of(BytesView{seed}), seed.size())};
  CHECK(key, "OpenSSL refused an Ed25519 seed");
  PublicKeyBytes public_key{};
  std::size_t size = public_key.size();
  CHECK(EVP_PKEY_get_raw_public_key(key.get(), data_of(std::span<std::byte>{public_key}), &size) == 1, "OpenSSL gave no public key");
  return {seed, public_key};
}

Signature StreamKey::sign(BytesView message) const {
  const Key key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, data_of(BytesView{seed_}), seed_.size())};
  const Context context{EVP_MD_CTX_new()};
  Signature signature{};
  std::size_t size = signature.size();
  CHECK(key && context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
            EVP_DigestSign(context.get(), data_of(std::span<std::byte>{signature}), &size, data_of(message), message.size()) == 1,
        "OpenSSL did not sign");
  return signature;
}

bool verify(const PublicKeyBytes& public_key, BytesView message, const Signature& signature) {
  const Key key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(BytesView{public_key}), public_key.size())};
  const Context context{EVP_MD_CTX_new()};
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), data_of(BytesView{signature}), signature.size(), data_of(message), message.size()) == 1;
}

std::string create_message(std::string_view nonce_hex) { return std::string{"p2p-stream create v1 "}.append(nonce_hex); }

void fill_random(std::span<std::byte> bytes) {
  CHECK(RAND_bytes(data_of(bytes), static_cast<int>(bytes.size())) == 1, "the system gave no random bytes");
}

PeerSecret make_peer_secret() {
  PeerSecret secret{};
  fill_random(secret);
  return secret;
}

std::array<std::byte, 32> sha256(BytesView bytes) {
  std::array<std::byte, 32> digest{};
  SHA256(data_of(bytes), bytes.size(), data_of(std::span<std::byte>{digest}));
  return digest;
}

std::array<std::byte, 32> hmac_sha256(BytesView key, BytesView bytes) {
  std::array<std::byte, 32> digest{};
  unsigned int size = digest.size();
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data_of(bytes), bytes.size(), data_of(std::span<std::byte>{digest}), &size) != nullptr,
        "OpenSSL gave no HMAC");
  return digest;
}

std::string stream_id_of(const PublicKeyBytes& key) { return to_hex(BytesView{sha256(key)}.first(10)); }
PeerId peer_id_of(const PeerSecret& secret) { return PeerId{read_big_endian(sha256(secret), 0, 8)}; }

}  // namespace p2p::net
