#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "turn/endpoint.hpp"

/// The messages of STUN (RFC 8489) and TURN (RFC 8656) as bytes.
namespace p2p::turn {

enum class StunClass : std::uint8_t { kRequest = 0, kIndication = 1, kSuccess = 2, kError = 3 };

enum class StunMethod : std::uint16_t {
  kBinding = 0x001,
  kAllocate = 0x003,
  kRefresh = 0x004,
  kSend = 0x006,
  kData = 0x007,
  kCreatePermission = 0x008,
  kChannelBind = 0x009,
};

using TransactionId = std::array<std::byte, 12>;

/// A message that was read. Views point into the datagram.
///
/// Always holds: every attribute lies within the datagram; of an attribute that may stand once, the first counts; what stands behind the
/// message's integrity does not count.
struct StunMessage {
  static constexpr std::size_t kPeersMax = 8;
  static constexpr std::size_t kUnknownMax = 8;

  StunClass kind = StunClass::kRequest;
  StunMethod method = StunMethod::kBinding;   ///< perhaps none of those named
  TransactionId transaction{};
  bool malformed = false;                     ///< an attribute is not as its RFC says, or there are too many peers

  std::string_view username;                  ///< these three: empty when absent
  std::string_view realm;
  std::string_view nonce;
  std::optional<std::uint32_t> lifetime_s;
  std::optional<std::uint8_t> transport;      ///< IP protocol number
  std::optional<std::uint8_t> family;         ///< 1: IPv4, 2: IPv6
  std::optional<std::uint16_t> channel;
  std::optional<BytesView> data;
  std::optional<std::uint16_t> error_code;    ///< of a response
  std::optional<Endpoint> mapped;             ///< of a response
  std::optional<Endpoint> relayed;            ///< of a response
  std::optional<std::size_t> integrity_at;    ///< where MESSAGE-INTEGRITY begins

  /// XOR-PEER-ADDRESS, in their order.
  [[nodiscard]] std::span<const Endpoint> peers() const { return std::span{peers_}.first(peer_count_); }
  /// Attributes that must be understood (below 0x8000) and are not; the first kUnknownMax.
  [[nodiscard]] std::span<const std::uint16_t> unknown() const { return std::span{unknown_}.first(unknown_count_); }

 private:
  friend class StunReader;
  std::array<Endpoint, kPeersMax> peers_{};
  std::array<std::uint16_t, kUnknownMax> unknown_{};
  std::size_t peer_count_ = 0;
  std::size_t unknown_count_ = 0;
};

/// A STUN message begins with two zero bits, ChannelData with 0x40 to 0x4f (RFC 8656, 12).
[[nodiscard]] bool looks_like_stun(BytesView datagram);
[[nodiscard]] bool looks_like_channel_data(BytesView datagram);

/// Nothing for what is no STUN message.
[[nodiscard]] std::optional<StunMessage> parse_stun(BytesView datagram);

/// Whether a message that was read from `datagram` and has an integrity was made with the password (long-term, RFC 8489, 9.2).
[[nodiscard]] bool integrity_holds(BytesView datagram, const StunMessage& message, std::span<const std::byte, 16> key);

/// Writes one message, attribute by attribute.
class StunWriter {
 public:
  StunWriter(Bytes& out, StunClass kind, StunMethod method, const TransactionId& transaction);

  StunWriter& username(std::string_view text) { return text_attribute(0x0006, text); }
  StunWriter& realm(std::string_view text) { return text_attribute(0x0014, text); }
  StunWriter& nonce(std::string_view text) { return text_attribute(0x0015, text); }
  StunWriter& data(BytesView bytes) { return attribute(0x0013, bytes); }
  StunWriter& mapped(const Endpoint& endpoint) { return xor_address(0x0020, endpoint); }
  StunWriter& peer(const Endpoint& endpoint) { return xor_address(0x0012, endpoint); }
  StunWriter& relayed(const Endpoint& endpoint) { return xor_address(0x0016, endpoint); }
  StunWriter& lifetime(std::uint32_t seconds);
  StunWriter& udp_transport();
  StunWriter& family(std::uint8_t number);
  StunWriter& channel(std::uint16_t number);
  StunWriter& error(std::uint16_t code, std::string_view reason);
  StunWriter& unknown(std::span<const std::uint16_t> attributes);
  /// The last attribute.
  void integrity(std::span<const std::byte, 16> key);

 private:
  StunWriter& attribute(std::uint16_t type, BytesView value);
  StunWriter& text_attribute(std::uint16_t type, std::string_view text) { return attribute(type, as_bytes(text)); }
  StunWriter& xor_address(std::uint16_t type, const Endpoint& endpoint);

  Bytes& out_;
};

/// ChannelData's header: the number, then the length of what follows.
inline constexpr std::size_t kChannelHeaderBytes = 4;

}  // namespace p2p::turn
