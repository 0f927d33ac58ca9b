#include <cstdint>

#include "base/check.hpp"
#include "base/utf8.hpp"
#include "wire/fragment.hpp"
#include "wire/message.hpp"

// What decodes must lie within the limits, so that it encodes again and decodes to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const p2p::BytesView bytes = std::as_bytes(std::span{data, size});
  if (const auto message = p2p::wire::decode(bytes)) {
    const p2p::Bytes again = p2p::wire::encode(*message);
    const auto twice = p2p::wire::decode(again);
    CHECK(twice && p2p::wire::encode(*twice) == again, "a decoded message does not survive the round trip");
  }
  if (const auto entries = p2p::wire::decode_manifest(bytes)) {
    for (const auto& entry : *entries) {
      for (std::uint32_t piece = entry.first; piece < entry.end(); ++piece) {
        CHECK(entry.piece_size(piece) >= 1 && entry.piece_size(piece) <= p2p::wire::kPieceBytesMax, "a piece outside of its limits");
      }
    }
  }
  (void)p2p::wire::decode_header(bytes);
  if (const auto text = p2p::wire::decode_chat_text(bytes)) {
    CHECK(p2p::is_utf8(text->name) && p2p::is_utf8(text->text), "a chat message that is no text");
    CHECK(p2p::wire::decode_chat_text(p2p::wire::encode(*text)), "a chat message does not survive the round trip");
  }
  if (const auto page = p2p::wire::decode_chat_page(bytes)) {
    CHECK(p2p::wire::decode_chat_page(p2p::wire::encode(*page)), "chat rules do not survive the round trip");
  }
  if (const auto reaction = p2p::wire::decode_chat_reaction(bytes)) {
    CHECK(p2p::wire::decode_chat_reaction(p2p::wire::encode(*reaction)), "a reaction does not survive the round trip");
  }
  if (const auto fragment = p2p::wire::decode_fragment(bytes)) {
    CHECK(fragment->offset + (size - p2p::wire::kFragmentHeaderBytes) <= fragment->size, "a fragment beyond its piece");
  }
  return 0;
}
