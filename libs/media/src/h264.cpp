#include "media/h264.hpp"

#include <algorithm>
#include <optional>

#include "media/track.hpp"

namespace p2p::media {
namespace {

constexpr unsigned kIdrSlice = 5;
constexpr unsigned kSps = 7;
constexpr unsigned kPps = 8;
constexpr unsigned kDelimiter = 9;
constexpr unsigned kFiller = 12;

unsigned nal_type(BytesView nal) { return nal.empty() ? 0 : std::to_integer<unsigned>(nal[0]) & 31; }

/// Bits of a raw byte sequence payload (7.3.1): the 3 of every 00 00 03 is no data. Past the end reads zeros and sets `broken`.
class BitReader {
 public:
  explicit BitReader(BytesView nal) {
    std::size_t zeros = 0;
    for (const std::byte b : nal) {
      if (zeros >= 2 && b == std::byte{3}) {
        zeros = 0;
        continue;
      }
      zeros = b == std::byte{0} ? zeros + 1 : 0;
      bytes_.push_back(b);
    }
  }

  std::uint32_t bits(unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i, ++at_) {
      if (at_ / 8 >= bytes_.size()) {
        broken_ = true;
        return 0;
      }
      value = value << 1 | (std::to_integer<std::uint32_t>(bytes_[at_ / 8]) >> (7 - at_ % 8) & 1);
    }
    return value;
  }
  bool flag() { return bits(1) != 0; }

  std::uint32_t exp_golomb() {
    unsigned zeros = 0;
    while (!broken_ && !flag()) {
      if (++zeros > 31) broken_ = true;
    }
    return broken_ ? 0 : ((1u << zeros) - 1) + bits(zeros);
  }
  std::int32_t signed_exp_golomb() {
    const std::uint32_t code = exp_golomb();
    const auto half = static_cast<std::int32_t>(code / 2);
    return code % 2 == 1 ? half + 1 : -half;
  }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

void skip_scaling_lists(BitReader& r, std::size_t count) {
  for (std::size_t list = 0; list < count && !r.broken(); ++list) {
    if (!r.flag()) continue;
    std::int32_t last = 8;
    std::int32_t next = 8;
    for (int i = 0; i < (list < 6 ? 16 : 64) && !r.broken(); ++i) {
      if (next != 0) next = (last + r.signed_exp_golomb() % 256 + 256) % 256;
      if (next != 0) last = next;
    }
  }
}

bool has_chroma_fields(std::uint8_t profile) {
  constexpr std::uint8_t kProfiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return std::find(std::begin(kProfiles), std::end(kProfiles), profile) != std::end(kProfiles);
}

void skip_picture_order(BitReader& r) {
  const std::uint32_t type = r.exp_golomb();
  if (type == 0) {
    r.exp_golomb();
  } else if (type == 1) {
    r.flag();
    r.signed_exp_golomb();
    r.signed_exp_golomb();
    const std::uint32_t cycle = r.exp_golomb();
    for (std::uint32_t i = 0; i < std::min(cycle, 255u) && !r.broken(); ++i) r.signed_exp_golomb();
  }
}

/// Calls `visit` with each NAL unit of an Annex B stream, without its start code.
template <typename Visit>
void for_each_annex_b(BytesView stream, Visit visit) {
  const auto start_code = [&](std::size_t from) {
    for (std::size_t i = from; i + 3 <= stream.size(); ++i) {
      if (stream[i] == std::byte{0} && stream[i + 1] == std::byte{0} && stream[i + 2] == std::byte{1}) return i;
    }
    return stream.size();
  };
  std::size_t at = start_code(0);
  while (at < stream.size()) {
    const std::size_t begin = at + 3;
    at = start_code(begin);
    std::size_t end = at;
    while (end > begin && stream[end - 1] == std::byte{0}) --end;
    if (end > begin) visit(stream.subspan(begin, end - begin));
  }
}

bool same(BytesView a, BytesView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

bool known(BytesView nal, const std::vector<Bytes>& sets) {
  return std::any_of(sets.begin(), sets.end(), [&](const Bytes& set) { return same(nal, set); });
}

/// Reads `count` parameter sets, each with a length of two bytes.
bool read_sets(BytesView& rest, std::size_t count, std::vector<Bytes>& sets) {
  for (std::size_t i = 0; i < count; ++i) {
    if (rest.size() < 2) return false;
    const auto size = static_cast<std::size_t>(read_big_endian(rest, 0, 2));
    rest = rest.subspan(2);
    if (size == 0 || size > rest.size()) return false;
    sets.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    rest = rest.subspan(size);
  }
  return true;
}

}  // namespace

Result<SpsInfo> parse_sps(BytesView sps) {
  if (sps.size() < 4 || sps.size() > kConfigSizeMax || nal_type(sps) != kSps) {
    return fail("The H.264 sequence parameter set is broken.");
  }
  BitReader r{sps.subspan(1)};
  SpsInfo info;
  info.profile = static_cast<std::uint8_t>(r.bits(8));
  info.constraints = static_cast<std::uint8_t>(r.bits(8));
  info.level = static_cast<std::uint8_t>(r.bits(8));
  r.exp_golomb();  // id
  if (has_chroma_fields(info.profile)) {
    info.chroma_format = static_cast<std::uint8_t>(std::min(r.exp_golomb(), 4u));
    if (info.chroma_format == 3) r.flag();
    info.bit_depth_luma = static_cast<std::uint8_t>(8 + std::min(r.exp_golomb(), 8u));
    info.bit_depth_chroma = static_cast<std::uint8_t>(8 + std::min(r.exp_golomb(), 8u));
    r.flag();
    if (r.flag()) skip_scaling_lists(r, info.chroma_format == 3 ? 12 : 8);
  }
  r.exp_golomb();  // log2_max_frame_num
  skip_picture_order(r);
  r.exp_golomb();  // reference frames
  r.flag();
  const std::uint64_t width_mbs = std::uint64_t{r.exp_golomb()} + 1;
  const std::uint64_t height_units = std::uint64_t{r.exp_golomb()} + 1;
  info.frames_only = r.flag();
  if (!info.frames_only) r.flag();
  r.flag();
  std::uint64_t crop[4] = {};
  if (r.flag()) {
    for (auto& side : crop) side = r.exp_golomb();
  }
  const std::uint64_t unit_x = info.chroma_format == 1 || info.chroma_format == 2 ? 2 : 1;
  const std::uint64_t unit_y = (info.chroma_format == 1 ? 2 : 1) * (info.frames_only ? 1 : 2);
  const std::uint64_t width = width_mbs * 16;
  const std::uint64_t height = height_units * (info.frames_only ? 16 : 32);
  const std::uint64_t crop_x = (crop[0] + crop[1]) * unit_x;
  const std::uint64_t crop_y = (crop[2] + crop[3]) * unit_y;
  if (r.broken() || info.chroma_format > 3 || width > 16'384 || height > 16'384 || crop_x >= width || crop_y >= height) {
    return fail("The H.264 sequence parameter set is broken.");
  }
  info.width = static_cast<std::uint16_t>(width - crop_x);
  info.height = static_cast<std::uint16_t>(height - crop_y);
  return info;
}

Result<AvcConfig> parse_avcc(BytesView avcc) {
  const auto broken = [] { return fail("The H.264 configuration (avcC) is broken."); };
  if (avcc.size() < 7 || avcc.size() > kConfigSizeMax || avcc[0] != std::byte{1}) return broken();
  AvcConfig config;
  config.profile = std::to_integer<std::uint8_t>(avcc[1]);
  config.constraints = std::to_integer<std::uint8_t>(avcc[2]);
  config.level = std::to_integer<std::uint8_t>(avcc[3]);
  config.length_size = static_cast<std::uint8_t>((std::to_integer<unsigned>(avcc[4]) & 3) + 1);
  if (config.length_size == 3) return broken();
  BytesView rest = avcc.subspan(6);
  if (!read_sets(rest, std::to_integer<std::size_t>(avcc[5]) & 31, config.sps) || rest.empty()) return broken();
  const auto pps_count = std::to_integer<std::size_t>(rest[0]);
  rest = rest.subspan(1);
  if (!read_sets(rest, pps_count, config.pps) || config.sps.empty() || config.pps.empty()) return broken();
  return config;
}

Result<Bytes> avcc_from_annex_b(BytesView stream) {
  std::vector<BytesView> sps;
  std::vector<BytesView> pps;
  for_each_annex_b(stream, [&](BytesView nal) {
    auto* sets = nal_type(nal) == kSps ? &sps : nal_type(nal) == kPps ? &pps : nullptr;
    if (sets && std::none_of(sets->begin(), sets->end(), [&](BytesView set) { return same(set, nal); })) sets->push_back(nal);
  });
  if (sps.empty() || pps.empty()) return fail("The H.264 stream does not begin with its parameter sets.");
  if (sps.size() > 31 || pps.size() > 255) return fail("The H.264 stream has too many parameter sets.");
  const auto info = parse_sps(sps.front());
  if (!info) return std::unexpected{info.error()};
  Bytes out;
  append_big_endian(out, std::uint8_t{1});
  append(out, sps.front().subspan(1, 3));
  append_big_endian(out, std::uint8_t{0xff});  // lengths of four bytes
  append_big_endian(out, static_cast<std::uint8_t>(0xe0 | sps.size()));
  const auto put = [&](BytesView set) {
    append_big_endian(out, static_cast<std::uint16_t>(set.size()));
    append(out, set);
  };
  for (const BytesView set : sps) put(set);
  append_big_endian(out, static_cast<std::uint8_t>(pps.size()));
  for (const BytesView set : pps) put(set);
  if (has_chroma_fields(info->profile)) {
    append_big_endian(out, static_cast<std::uint8_t>(0xfc | info->chroma_format));
    append_big_endian(out, static_cast<std::uint8_t>(0xf8 | (info->bit_depth_luma - 8)));
    append_big_endian(out, static_cast<std::uint8_t>(0xf8 | (info->bit_depth_chroma - 8)));
    append_big_endian(out, std::uint8_t{0});
  }
  if (out.size() > kConfigSizeMax) return fail("The H.264 parameter sets are too large.");
  return out;
}

std::string avc_codec_string(const AvcConfig& config) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "avc1.";
  for (const std::uint8_t value : {config.profile, config.constraints, config.level}) {
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

Bytes annex_b_to_lengths(BytesView access_unit, const AvcConfig& config) {
  Bytes out;
  out.reserve(access_unit.size() + 16);
  for_each_annex_b(access_unit, [&](BytesView nal) {
    const unsigned type = nal_type(nal);
    if (type == kDelimiter || type == kFiller) return;
    if (type == kSps && known(nal, config.sps)) return;
    if (type == kPps && known(nal, config.pps)) return;
    append_big_endian(out, static_cast<std::uint32_t>(nal.size()));
    append(out, nal);
  });
  return out;
}

bool is_annex_b(BytesView bytes) {
  if (bytes.size() < 4 || bytes[0] != std::byte{0} || bytes[1] != std::byte{0}) return false;
  return bytes[2] == std::byte{1} || (bytes[2] == std::byte{0} && bytes[3] == std::byte{1});
}

bool has_idr(BytesView access_unit, std::uint8_t length_size) {
  while (access_unit.size() > length_size) {
    const std::uint64_t size = read_big_endian(access_unit, 0, length_size);
    access_unit = access_unit.subspan(length_size);
    if (size > access_unit.size()) return false;
    if (nal_type(access_unit.first(static_cast<std::size_t>(size))) == kIdrSlice) return true;
    access_unit = access_unit.subspan(static_cast<std::size_t>(size));
  }
  return false;
}

}  // namespace p2p::media
