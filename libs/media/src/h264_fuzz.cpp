#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "media/h264.hpp"
#include "media/track.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p;
  const BytesView input{reinterpret_cast<const std::byte*>(data), size};
  (void)media::parse_sps(input);
  (void)media::audio_track_from_aac_config(input);
  (void)media::audio_track_from_opus_head(input);
  (void)media::video_track_from_avcc(input);
  for (const std::uint8_t length_size : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{4}}) (void)media::has_idr(input, length_size);
  if (const auto avcc = media::avcc_from_annex_b(input)) {
    const auto config = media::parse_avcc(*avcc);
    CHECK(config.has_value(), "a record of ours must be readable");
    const Bytes unit = media::annex_b_to_lengths(input, *config);
    CHECK(unit.size() <= 2 * input.size() + 4, "lengths grow a unit by a byte a NAL unit at most");
  }
  return 0;
}
