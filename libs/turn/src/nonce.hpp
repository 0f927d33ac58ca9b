#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "turn/relay.hpp"

namespace p2p::turn {

/// Nonces that need no memory: a time and what only we can compute of it and of the client's address, in base64. Who forges his address never sees
/// his nonce, so nothing that costs more than one digest is done for him.
class Nonces {
 public:
  static constexpr Duration kLifetime = 1h;   // RFC 8656, 5: at least once an hour a new one

  explicit Nonces(const std::array<std::byte, 32>& key) : key_{key} {}

  [[nodiscard]] std::string make(const FiveTuple& client, Instant now) const;
  [[nodiscard]] bool is_fresh(std::string_view nonce, const FiveTuple& client, Instant now) const;

 private:
  [[nodiscard]] std::string spell(const FiveTuple& client, std::uint32_t at_s) const;

  std::array<std::byte, 32> key_;
};

}  // namespace p2p::turn
