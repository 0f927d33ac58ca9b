#include "turn/stun_message.hpp"

#include <algorithm>

#include "digests.hpp"

namespace p2p::turn {
namespace {

constexpr std::size_t kHeaderBytes = 20;
constexpr std::size_t kAttributeHeaderBytes = 4;
constexpr std::uint32_t kMagicCookie = 0x2112a442;
constexpr std::size_t kUsernameBytesMax = 508;   // RFC 8489, 14.3
constexpr std::size_t kTextBytesMax = 763;       // realm and nonce: RFC 8489, 14.9 and 14.10

namespace attribute_type {
constexpr std::uint16_t kUsername = 0x0006;
constexpr std::uint16_t kMessageIntegrity = 0x0008;
constexpr std::uint16_t kErrorCode = 0x0009;
constexpr std::uint16_t kUnknownAttributes = 0x000a;
constexpr std::uint16_t kChannelNumber = 0x000c;
constexpr std::uint16_t kLifetime = 0x000d;
constexpr std::uint16_t kXorPeerAddress = 0x0012;
constexpr std::uint16_t kData = 0x0013;
constexpr std::uint16_t kRealm = 0x0014;
constexpr std::uint16_t kNonce = 0x0015;
constexpr std::uint16_t kXorRelayedAddress = 0x0016;
constexpr std::uint16_t kRequestedAddressFamily = 0x0017;
constexpr std::uint16_t kRequestedTransport = 0x0019;
constexpr std::uint16_t kDontFragment = 0x001a;
constexpr std::uint16_t kXorMappedAddress = 0x0020;
constexpr std::uint16_t kPriority = 0x0024;
constexpr std::uint16_t kUseCandidate = 0x0025;
constexpr std::uint16_t kOptionalFrom = 0x8000;   // may be passed over by who does not know them
}  // namespace attribute_type

constexpr std::byte kFamilyV4{1};
constexpr std::byte kFamilyV6{2};

std::size_t padded(std::size_t bytes) { return (bytes + 3) & ~std::size_t{3}; }

/// What an address is xored with: the cookie, then the transaction.
std::array<std::byte, 16> address_mask(const TransactionId& transaction) {
  std::array<std::byte, 16> mask{};
  for (std::size_t i = 0; i < 4; ++i) mask[i] = static_cast<std::byte>((kMagicCookie >> (24 - 8 * i)) & 0xff);
  std::ranges::copy(transaction, mask.begin() + 4);
  return mask;
}

std::optional<Endpoint> read_xor_address(BytesView value, const TransactionId& transaction) {
  if (value.size() < 8) return std::nullopt;
  const bool v4 = value[1] == kFamilyV4;
  if (v4 ? value.size() != 8 : value[1] != kFamilyV6 || value.size() != 20) return std::nullopt;
  const auto mask = address_mask(transaction);
  std::array<std::uint8_t, 16> plain{};
  for (std::size_t i = 4; i < value.size(); ++i) plain[i - 4] = std::to_integer<std::uint8_t>(value[i] ^ mask[i - 4]);
  Endpoint endpoint{.ip = v4 ? IpAddress::v4(plain[0], plain[1], plain[2], plain[3]) : IpAddress{plain},
                    .port = static_cast<std::uint16_t>(read_big_endian(value, 2, 2) ^ (kMagicCookie >> 16))};
  // IPv4 written as IPv6 is how rules about IPv4 ranges were passed by elsewhere (CVE-2026-27624); nobody needs it.
  if (!v4 && endpoint.ip.is_v4()) return std::nullopt;
  return endpoint;
}

}  // namespace

/// Takes the attributes of one message apart.
class StunReader {
 public:
  StunReader(BytesView datagram, StunMessage& message) : datagram_{datagram}, message_{message} {}

  void read_attributes() {
    std::size_t at = kHeaderBytes;
    while (at < datagram_.size() && !message_.malformed && !message_.integrity_at) {
      if (datagram_.size() - at < kAttributeHeaderBytes) return malformed();
      const auto type = static_cast<std::uint16_t>(read_big_endian(datagram_, at, 2));
      const auto bytes = static_cast<std::size_t>(read_big_endian(datagram_, at + 2, 2));
      if (datagram_.size() - at - kAttributeHeaderBytes < padded(bytes)) return malformed();
      take(type, datagram_.subspan(at + kAttributeHeaderBytes, bytes), at);
      at += kAttributeHeaderBytes + padded(bytes);
    }
  }

 private:
  void malformed() { message_.malformed = true; }

  void take(std::uint16_t type, BytesView value, std::size_t at) {
    switch (type) {
      case attribute_type::kUsername:
        return take_text(message_.username, value, kUsernameBytesMax);
      case attribute_type::kRealm:
        return take_text(message_.realm, value, kTextBytesMax);
      case attribute_type::kNonce:
        return take_text(message_.nonce, value, kTextBytesMax);
      case attribute_type::kMessageIntegrity:
        if (value.size() != Sha1Digest{}.size()) return malformed();
        message_.integrity_at = at;
        return;
      case attribute_type::kErrorCode:
        if (value.size() < 4) return malformed();
        message_.error_code = static_cast<std::uint16_t>((read_big_endian(value, 2, 1) & 7) * 100 + read_big_endian(value, 3, 1));
        return;
      case attribute_type::kChannelNumber:
        return take_number(message_.channel, value, 2);
      case attribute_type::kLifetime:
        return take_number(message_.lifetime_s, value, 4);
      case attribute_type::kRequestedAddressFamily:
        return take_number(message_.family, value, 1);
      case attribute_type::kRequestedTransport:
        return take_number(message_.transport, value, 1);
      case attribute_type::kData:
        if (!message_.data) message_.data = value;
        return;
      case attribute_type::kXorPeerAddress:
        return take_peer(value);
      case attribute_type::kXorMappedAddress:
        return take_address(message_.mapped, value);
      case attribute_type::kXorRelayedAddress:
        return take_address(message_.relayed, value);
      case attribute_type::kDontFragment:       // a wish that the sockets here do not keep; the datagrams of ICE are small
      case attribute_type::kUnknownAttributes:  // of a response
      case attribute_type::kPriority:           // of ICE's checks, which come here by mistake only
      case attribute_type::kUseCandidate:
        return;
      default:
        if (type < attribute_type::kOptionalFrom && message_.unknown_count_ < StunMessage::kUnknownMax) {
          message_.unknown_[message_.unknown_count_++] = type;
        }
    }
  }

  void take_text(std::string_view& into, BytesView value, std::size_t bytes_max) {
    if (value.size() > bytes_max) return malformed();
    if (into.empty()) into = as_text(value);
  }

  template <typename Number>
  void take_number(std::optional<Number>& into, BytesView value, std::size_t width) {
    if (value.size() != 4) return malformed();   // the rest is reserved
    if (!into) into = static_cast<Number>(read_big_endian(value, 0, width));
  }

  void take_address(std::optional<Endpoint>& into, BytesView value) {
    const auto endpoint = read_xor_address(value, message_.transaction);
    if (!endpoint) return malformed();
    if (!into) into = endpoint;
  }

  void take_peer(BytesView value) {
    const auto endpoint = read_xor_address(value, message_.transaction);
    if (!endpoint || message_.peer_count_ == StunMessage::kPeersMax) return malformed();
    message_.peers_[message_.peer_count_++] = *endpoint;
  }

  BytesView datagram_;
  StunMessage& message_;
};

bool looks_like_stun(BytesView datagram) { return !datagram.empty() && (datagram[0] & std::byte{0xc0}) == std::byte{0}; }

bool looks_like_channel_data(BytesView datagram) { return !datagram.empty() && (datagram[0] & std::byte{0xf0}) == std::byte{0x40}; }

std::optional<StunMessage> parse_stun(BytesView datagram) {
  if (datagram.size() < kHeaderBytes || !looks_like_stun(datagram)) return std::nullopt;
  if (read_big_endian(datagram, 4, 4) != kMagicCookie) return std::nullopt;
  const auto length = static_cast<std::size_t>(read_big_endian(datagram, 2, 2));
  if (length % 4 != 0 || length != datagram.size() - kHeaderBytes) return std::nullopt;
  // The class's two bits stand between those of the method (RFC 8489, 5).
  const auto type = static_cast<unsigned>(read_big_endian(datagram, 0, 2));
  StunMessage message;
  message.kind = static_cast<StunClass>(((type >> 4) & 1) | ((type >> 7) & 2));
  message.method = static_cast<StunMethod>((type & 0x000f) | ((type >> 1) & 0x0070) | ((type >> 2) & 0x0f80));
  std::copy_n(datagram.begin() + 8, message.transaction.size(), message.transaction.begin());
  StunReader{datagram, message}.read_attributes();
  return message;
}

bool integrity_holds(BytesView datagram, const StunMessage& message, std::span<const std::byte, 16> key) {
  if (!message.integrity_at) return false;
  const std::size_t at = *message.integrity_at;
  Bytes covered{datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(at)};
  // The length as it was when the integrity was the last attribute.
  const std::size_t length = at + kAttributeHeaderBytes + Sha1Digest{}.size() - kHeaderBytes;
  covered[2] = static_cast<std::byte>(length >> 8);
  covered[3] = static_cast<std::byte>(length & 0xff);
  return equal_in_constant_time(hmac_sha1(key, covered), datagram.subspan(at + kAttributeHeaderBytes, Sha1Digest{}.size()));
}

StunWriter::StunWriter(Bytes& out, StunClass kind, StunMethod method, const TransactionId& transaction) : out_{out} {
  const auto number = static_cast<unsigned>(method);
  const auto bits = static_cast<unsigned>(kind);
  const unsigned type = (number & 0x000f) | ((number & 0x0070) << 1) | ((number & 0x0f80) << 2) | ((bits & 1) << 4) | ((bits & 2) << 7);
  out_.clear();
  append_big_endian(out_, static_cast<std::uint16_t>(type));
  append_big_endian(out_, std::uint16_t{0});
  append_big_endian(out_, kMagicCookie);
  append(out_, transaction);
}

StunWriter& StunWriter::attribute(std::uint16_t type, BytesView value) {
  append_big_endian(out_, type);
  append_big_endian(out_, static_cast<std::uint16_t>(value.size()));
  append(out_, value);
  out_.resize(padded(out_.size()));
  const std::size_t length = out_.size() - kHeaderBytes;
  out_[2] = static_cast<std::byte>(length >> 8);
  out_[3] = static_cast<std::byte>(length & 0xff);
  return *this;
}

StunWriter& StunWriter::xor_address(std::uint16_t type, const Endpoint& endpoint) {
  TransactionId transaction{};
  std::copy_n(out_.begin() + 8, transaction.size(), transaction.begin());
  const auto mask = address_mask(transaction);
  const bool v4 = endpoint.ip.is_v4();
  Bytes value{std::byte{0}, v4 ? kFamilyV4 : kFamilyV6};
  append_big_endian(value, static_cast<std::uint16_t>(endpoint.port ^ (kMagicCookie >> 16)));
  const auto address = std::span{endpoint.ip.bytes}.last(v4 ? 4 : 16);
  for (std::size_t i = 0; i < address.size(); ++i) value.push_back(static_cast<std::byte>(address[i]) ^ mask[i]);
  return attribute(type, value);
}

StunWriter& StunWriter::lifetime(std::uint32_t seconds) {
  Bytes value;
  append_big_endian(value, seconds);
  return attribute(attribute_type::kLifetime, value);
}

StunWriter& StunWriter::udp_transport() {
  constexpr std::array kUdp{std::byte{17}, std::byte{0}, std::byte{0}, std::byte{0}};   // its IP protocol number
  return attribute(attribute_type::kRequestedTransport, kUdp);
}

StunWriter& StunWriter::family(std::uint8_t number) {
  const std::array value{static_cast<std::byte>(number), std::byte{0}, std::byte{0}, std::byte{0}};
  return attribute(attribute_type::kRequestedAddressFamily, value);
}

StunWriter& StunWriter::channel(std::uint16_t number) {
  Bytes value;
  append_big_endian(value, number);
  append_big_endian(value, std::uint16_t{0});
  return attribute(attribute_type::kChannelNumber, value);
}

StunWriter& StunWriter::error(std::uint16_t code, std::string_view reason) {
  Bytes value{std::byte{0}, std::byte{0}, static_cast<std::byte>(code / 100), static_cast<std::byte>(code % 100)};
  append(value, as_bytes(reason));
  return attribute(attribute_type::kErrorCode, value);
}

StunWriter& StunWriter::unknown(std::span<const std::uint16_t> attributes) {
  Bytes value;
  for (const std::uint16_t type : attributes) append_big_endian(value, type);
  return attribute(attribute_type::kUnknownAttributes, value);
}

void StunWriter::integrity(std::span<const std::byte, 16> key) {
  attribute(attribute_type::kMessageIntegrity, Sha1Digest{});
  const std::size_t at = out_.size() - Sha1Digest{}.size();
  const Sha1Digest digest = hmac_sha1(key, BytesView{out_}.first(at - kAttributeHeaderBytes));
  std::ranges::copy(digest, out_.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace p2p::turn
