#include "bandwidth/upload_budget.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace p2p::mesh {
namespace {

constexpr std::int64_t kMicroBitsPerByte = 8'000'000;

}  // namespace

UploadBudget::UploadBudget(Options options, Instant now)
    : options_{options}, refilled_at_{now}, saved_micro_bits_{burst_micro_bits()} {}

bool UploadBudget::try_spend(std::int64_t bytes, Instant now) {
  refill(now);
  const std::int64_t price = bytes * kMicroBitsPerByte;
  if (price > saved_micro_bits_) return false;
  saved_micro_bits_ -= price;
  return true;
}

void UploadBudget::spend(std::int64_t bytes, Instant now) {
  refill(now);
  saved_micro_bits_ = std::max(saved_micro_bits_ - bytes * kMicroBitsPerByte, -burst_micro_bits());
}

Instant UploadBudget::next_affordable(std::int64_t bytes) const {
  const std::int64_t missing = bytes * kMicroBitsPerByte - saved_micro_bits_;
  CHECK(bytes * kMicroBitsPerByte <= burst_micro_bits(), "more than the burst can never be paid");
  if (missing <= 0) return refilled_at_;
  return refilled_at_ + Duration{(missing + options_.bits_per_s - 1) / options_.bits_per_s};
}

void UploadBudget::set_rate(std::int64_t bits_per_s, Instant now) {
  refill(now);
  options_.bits_per_s = bits_per_s;
  saved_micro_bits_ = std::clamp(saved_micro_bits_, -burst_micro_bits(), burst_micro_bits());
}

void UploadBudget::check_invariants() const {
  CHECK(options_.bits_per_s > 0, "a peer that gives nothing is a leaf, not a rate of zero");
  CHECK(-burst_micro_bits() <= saved_micro_bits_ && saved_micro_bits_ <= burst_micro_bits(), "saved outside of [-burst, burst]");
}

void UploadBudget::refill(Instant now) {
  CHECK(now >= refilled_at_, "the driver's time went backwards");
  // A peer may sleep for hours: the span is capped first, so that the product cannot overflow.
  const Duration full = Duration{2 * burst_micro_bits() / options_.bits_per_s + 1};   // from the deepest debt
  const Duration span = std::min(now - refilled_at_, full);
  saved_micro_bits_ = std::min(saved_micro_bits_ + span.count() * options_.bits_per_s, burst_micro_bits());
  refilled_at_ = now;
}

std::int64_t UploadBudget::burst_micro_bits() const {
  return std::max(options_.burst.count() * options_.bits_per_s, options_.burst_bytes_min * kMicroBitsPerByte);
}

}  // namespace p2p::mesh
