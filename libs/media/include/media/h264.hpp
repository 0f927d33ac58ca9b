#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace p2p::media {

// What fMP4 needs to know of H.264: parameter sets, the two ways to delimit NAL units, and which frames are IDR.
// Sections and tables of ITU-T H.264 (08/2021) and ISO/IEC 14496-15. Input is hostile; nothing here is decoded further.

/// What a sequence parameter set says of the picture.
struct SpsInfo {
  std::uint8_t profile = 0;
  std::uint8_t constraints = 0;
  std::uint8_t level = 0;
  std::uint8_t chroma_format = 1;  ///< 1 is 4:2:0, the only one that browsers play
  std::uint8_t bit_depth_luma = 8;
  std::uint8_t bit_depth_chroma = 8;
  bool frames_only = true;  ///< false: fields, an interlaced picture
  std::uint16_t width = 0;
  std::uint16_t height = 0;
};

/// Reads a sequence parameter set, its NAL header included.
[[nodiscard]] Result<SpsInfo> parse_sps(BytesView sps);

/// A parsed AVCDecoderConfigurationRecord.
struct AvcConfig {
  std::uint8_t profile = 0;
  std::uint8_t constraints = 0;
  std::uint8_t level = 0;
  std::uint8_t length_size = 4;  ///< bytes of the length before each NAL unit: 1, 2 or 4
  std::vector<Bytes> sps;
  std::vector<Bytes> pps;
};

[[nodiscard]] Result<AvcConfig> parse_avcc(BytesView avcc);

/// The record of the parameter sets that stand in an Annex B byte stream (start codes); lengths of four bytes.
[[nodiscard]] Result<Bytes> avcc_from_annex_b(BytesView stream);

/// "avc1.64001f" from profile, constraints and level.
[[nodiscard]] std::string avc_codec_string(const AvcConfig& config);

/// One access unit with start codes to one with lengths of four bytes. Access unit delimiters, filler and the parameter sets that
/// `config` has already are left out.
[[nodiscard]] Bytes annex_b_to_lengths(BytesView access_unit, const AvcConfig& config);

/// Whether the bytes begin with a start code of Annex B.
[[nodiscard]] bool is_annex_b(BytesView bytes);

/// Whether a length-prefixed access unit has an IDR slice: the only frames at which a decoder may start without artefacts.
[[nodiscard]] bool has_idr(BytesView access_unit, std::uint8_t length_size);

}  // namespace p2p::media
