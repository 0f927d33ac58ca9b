#include "message_fixed.hpp"

#include "base/check.hpp"
#include "little_endian.hpp"

namespace p2p::wire {
namespace {

constexpr std::uint8_t kHave = 3;
constexpr std::uint8_t kStatus = 5;
constexpr std::uint8_t kHaveWithStatus = 7;
constexpr std::size_t kHaveFieldsBytes = 19;
constexpr std::size_t kStatusFieldsBytes = 15;
constexpr std::size_t kStripeStateBytes = 4;
// Role and giving share a byte.
constexpr std::uint8_t kRoleMask = 0x03;
constexpr std::uint8_t kGivingBit = 0x04;

/// Takes the fields that `from` begins with; false when they are not all there or outside of the limits.
bool take_have(BytesView& from, Have& have) {
  if (from.size() < kHaveFieldsBytes) return false;
  have.rendition = take<std::uint8_t>(from);
  have.queue_ms = take<std::uint16_t>(from);
  have.oldest = take<std::uint32_t>(from);
  have.base = take<std::uint32_t>(from);
  have.clock_ms = take<std::uint32_t>(from);
  have.echo_ms = take<std::uint32_t>(from);
  return have.rendition < kRenditionsMax && have.base <= UINT32_MAX - kHaveBytesMax * 8;
}

bool take_status(BytesView& from, Status& status) {
  if (from.size() < kStatusFieldsBytes) return false;
  status.rendition = take<std::uint8_t>(from);
  const auto flags = take<std::uint8_t>(from);
  status.role = flags & kRoleMask;
  status.giving = (flags & kGivingBit) != 0;
  status.slots = take<std::uint16_t>(from);
  status.slots_free = take<std::uint16_t>(from);
  status.gives_kbit_per_s = take<std::uint32_t>(from);
  status.full_below = take<std::uint32_t>(from);
  const std::size_t stripes = take<std::uint8_t>(from);
  if (status.rendition >= kRenditionsMax || flags > (kRoleMask | kGivingBit) || stripes > kStripesMax) return false;
  if (from.size() < stripes * kStripeStateBytes) return false;
  status.stripes.resize(stripes);
  for (StripeState& stripe : status.stripes) {
    stripe.delay_ms = take<std::uint16_t>(from);
    stripe.hop = take<std::uint8_t>(from);
    stripe.wanted = take<std::uint8_t>(from);
  }
  return true;
}

Result<Message> decode_have(BytesView fields, bool with_status) {
  Have have;
  if (!take_have(fields, have) || (with_status && !take_status(fields, have.status.emplace())) || fields.size() > kHaveBytesMax) {
    return fail("a have-map outside of the limits");
  }
  have.bits.assign(fields.begin(), fields.end());
  return have;
}

Result<Message> decode_status(BytesView fields) {
  Status status;
  if (!take_status(fields, status) || !fields.empty()) return fail("a status outside of the limits");
  return status;
}

void put_have(Bytes& to, const Have& have) {
  put(to, have.rendition);
  put(to, have.queue_ms);
  put(to, have.oldest);
  put(to, have.base);
  put(to, have.clock_ms);
  put(to, have.echo_ms);
}

void put_status(Bytes& to, const Status& status) {
  CHECK(status.role <= kRoleMask && status.stripes.size() <= kStripesMax, "a status that has no bytes");
  put(to, status.rendition);
  put(to, static_cast<std::uint8_t>(status.role | (status.giving ? kGivingBit : 0)));
  put(to, status.slots);
  put(to, status.slots_free);
  put(to, status.gives_kbit_per_s);
  put(to, status.full_below);
  put(to, static_cast<std::uint8_t>(status.stripes.size()));
  for (const StripeState& stripe : status.stripes) {
    put(to, stripe.delay_ms);
    put(to, stripe.hop);
    put(to, stripe.wanted);
  }
}

std::size_t bytes_of(const Status& status) { return kStatusFieldsBytes + status.stripes.size() * kStripeStateBytes; }

}  // namespace

bool has_fixed_layout(BytesView message) { return !message.empty() && (std::to_integer<unsigned>(message.front()) & 1) != 0; }

Result<Message> decode_fixed(BytesView message) {
  switch (take<std::uint8_t>(message)) {
    case kHave: return decode_have(message, false);
    case kStatus: return decode_status(message);
    case kHaveWithStatus: return decode_have(message, true);
    default: return fail("a message of unknown kind");
  }
}

Bytes encode_fixed(const Have& have) {
  Bytes bytes;
  bytes.reserve(1 + kHaveFieldsBytes + (have.status ? bytes_of(*have.status) : 0) + have.bits.size());
  put(bytes, have.status ? kHaveWithStatus : kHave);
  put_have(bytes, have);
  if (have.status) put_status(bytes, *have.status);
  append(bytes, have.bits);
  return bytes;
}

Bytes encode_fixed(const Status& status) {
  Bytes bytes;
  bytes.reserve(1 + bytes_of(status));
  put(bytes, kStatus);
  put_status(bytes, status);
  return bytes;
}

}  // namespace p2p::wire
