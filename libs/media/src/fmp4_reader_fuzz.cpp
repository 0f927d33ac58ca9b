#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "media/cmaf_filler.hpp"
#include "media/fmp4_reader.hpp"

// The first two bytes say how much of the input is the init segment; the rest is the part.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p;
  const BytesView input{reinterpret_cast<const std::byte*>(data), size};
  if (size < 2) return 0;
  const std::size_t head = std::min<std::size_t>(static_cast<std::size_t>(read_big_endian(input, 0, 2)), size - 2);
  const auto init = media::read_init_segment(input.subspan(2, head));
  if (!init) return 0;
  CHECK(!init->tracks.empty() && init->tracks.size() <= 2, "one track of a kind");
  const BytesView rest = input.subspan(2 + head);
  if (const auto part = media::read_part(rest, *init)) {
    for (const auto& track : *part) {
      for (const auto& sample : track.samples) {
        CHECK(sample.offset + sample.size <= rest.size(), "a frame outside of the part");
      }
    }
  }
  const Bytes filler = media::make_filler_part(*init, {.sequence = 1, .start = 3s, .duration = 200ms, .audio_from = {}});
  CHECK(media::read_part(filler, *init).has_value(), "a filler must be readable");
  return 0;
}
