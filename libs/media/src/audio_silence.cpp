#include "audio_silence.hpp"

#include <array>

namespace p2p::media {
namespace {

// RFC 6716: CELT, full band, 20 ms, one frame; the two bytes decode to nothing.
constexpr std::array kOpusSilence{std::byte{0xf8}, std::byte{0xff}, std::byte{0xfe}};

// ISO/IEC 14496-3, 4.4.2: a raw_data_block with one channel element whose max_sfb is 0, so that it has no spectrum, then ID_END.
// Mono: ID_SCE 000, tag 0000, global_gain 0, ics_info 0 00 0 000000 0, pulse 0, tns 0, gain 0, ID_END 111.
constexpr std::array kAacMono{std::byte{0x00}, std::byte{0x00}, std::byte{0x00}, std::byte{0x07}};
// Stereo: ID_CPE 001, tag 0000, common_window 1, ics_info 0 00 0 000000 0, ms_mask 00, twice (global_gain 0, 0, 0, 0), ID_END 111.
constexpr std::array kAacStereo{std::byte{0x21}, std::byte{0x00}, std::byte{0x00},
                                std::byte{0x00}, std::byte{0x00}, std::byte{0x1c}};

}  // namespace

SilenceFrame silence_of(AudioCodec format, std::uint16_t channels) {
  if (format == AudioCodec::kOpus) return {kOpusSilence, 960};
  if (channels == 1) return {kAacMono, 1024};
  return {kAacStereo, 1024};
}

}  // namespace p2p::media
