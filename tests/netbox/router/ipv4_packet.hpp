#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace p2p::netbox {

using Address = StrongId<struct AddressTag, std::uint32_t>;

struct Endpoint {
  Address address;
  std::uint16_t port = 0;   ///< of an ICMP query: its identifier (RFC 5508), 0 at the side that is asked
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

enum class Protocol : std::uint8_t { kIcmp = 1, kTcp = 6, kUdp = 17 };

[[nodiscard]] std::string to_text(Address address);

/// An IPv4 packet in somebody's buffer, read and rewritten in place.
///
/// Always holds: headers lie within the buffer, and every rewrite leaves IP, TCP, UDP and ICMP checksums right (if they were).
/// Out of scope: IPv6, reassembly, options (they are carried, not read).
class Ipv4Packet {
 public:
  enum class Whole { kYes, kQuoted };   ///< an ICMP error quotes a header and eight bytes or more (RFC 792)

  /// Nothing when the bytes are no IPv4 packet that holds together. Only `size()` bytes of the buffer are the packet.
  [[nodiscard]] static std::optional<Ipv4Packet> parse(std::span<std::byte> bytes, Whole whole = Whole::kYes);

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] BytesView bytes() const { return bytes_; }
  [[nodiscard]] std::uint8_t protocol() const { return std::to_integer<std::uint8_t>(bytes_[9]); }
  [[nodiscard]] bool is(Protocol protocol) const { return this->protocol() == static_cast<std::uint8_t>(protocol); }

  /// A fragment other than a whole packet: its ports cannot be trusted to be there.
  [[nodiscard]] bool is_fragment() const { return (read16(6) & 0x3fff) != 0; }

  [[nodiscard]] Address source_address() const { return Address{std::uint32_t{read16(12)} << 16 | read16(14)}; }
  [[nodiscard]] Address destination_address() const { return Address{std::uint32_t{read16(16)} << 16 | read16(18)}; }

  /// With ports: TCP, UDP and ICMP queries. Nothing for anything else, fragments included.
  [[nodiscard]] std::optional<Endpoint> source() const;
  [[nodiscard]] std::optional<Endpoint> destination() const;

  /// Only after source() or destination() gave something.
  void set_source(Endpoint endpoint);
  void set_destination(Endpoint endpoint);

  void set_source_address(Address address) { set_address(12, address); }
  void set_destination_address(Address address) { set_address(16, address); }

  [[nodiscard]] bool tcp_opens() const { return tcp_flag(0x02); }
  [[nodiscard]] bool tcp_closes() const { return tcp_flag(0x01) || tcp_flag(0x04); }

  /// An ICMP message that quotes the packet it is about.
  [[nodiscard]] bool is_icmp_error() const;
  /// What an ICMP error quotes. After changing it, seal_icmp().
  [[nodiscard]] std::optional<Ipv4Packet> quoted() const;
  void seal_icmp();

 private:
  Ipv4Packet(std::span<std::byte> bytes, std::size_t header) : bytes_{bytes}, header_{header} {}

  [[nodiscard]] std::uint16_t read16(std::size_t at) const;
  void write16(std::size_t at, std::uint16_t value);
  void set_address(std::size_t at, Address address);
  void set_port(bool of_source, std::uint16_t port);
  void adjust_transport_checksum(std::uint16_t before, std::uint16_t after);
  [[nodiscard]] bool tcp_flag(unsigned flag) const;
  [[nodiscard]] std::size_t transport_size() const { return bytes_.size() - header_; }
  [[nodiscard]] std::optional<std::uint8_t> icmp_type() const;

  std::span<std::byte> bytes_;
  std::size_t header_;
};

/// "Destination unreachable" about `packet`, from `router` (RFC 792; quotes as much as RFC 1812, 4.3.2.3 wants).
[[nodiscard]] Bytes icmp_unreachable(Address router, const Ipv4Packet& packet);

}  // namespace p2p::netbox
