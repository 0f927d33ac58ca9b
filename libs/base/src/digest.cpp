#include "base/digest.hpp"

#include <bit>
#include <cstring>

namespace p2p {

void RunningDigest::mix(BytesView bytes) {
  static_assert(std::endian::native == std::endian::little, "words are read as they lie: elsewhere they would give other digests");
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t word = 0;
  // The size first: zeros at the end are not nothing.
  mix(std::uint64_t{bytes.size()});
  for (; bytes.size() >= kWord; bytes = bytes.subspan(kWord)) {
    std::memcpy(&word, bytes.data(), kWord);
    mix(word);
  }
  if (bytes.empty()) return;
  word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  mix(word);
}

}  // namespace p2p
