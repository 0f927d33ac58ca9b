#include "digests.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.hpp"

namespace p2p::turn {
namespace {

const unsigned char* raw(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

Sha1Digest hmac_sha1(BytesView key, BytesView bytes) {
  Sha1Digest digest{};
  unsigned size = 0;
  const auto* done = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), raw(bytes), bytes.size(),
                          reinterpret_cast<unsigned char*>(digest.data()), &size);
  CHECK(done != nullptr && size == digest.size(), "OpenSSL has HMAC-SHA1");
  return digest;
}

IntegrityKey integrity_key(std::string_view username, std::string_view realm, std::string_view password) {
  std::string text;
  text.append(username).append(":").append(realm).append(":").append(password);
  IntegrityKey key{};
  unsigned size = 0;
  const int done = EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(key.data()), &size, EVP_md5(), nullptr);
  CHECK(done == 1 && size == key.size(), "OpenSSL has MD5");
  return key;
}

bool equal_in_constant_time(BytesView a, BytesView b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string to_base64(BytesView bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), raw(bytes), static_cast<int>(bytes.size()));
  return text;
}

}  // namespace p2p::turn
