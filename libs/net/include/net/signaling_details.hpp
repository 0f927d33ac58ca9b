#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace p2p::net {

/// What viewers see of a stream in the list, as docs/signaling.md explains it.
struct SignalingDetails {
  std::string title;
  std::string category;            ///< one of the list's ids; empty: other
  std::vector<std::string> tags;   ///< the server brings them into one form
  std::string language;            ///< ISO 639; empty: not said
  bool listed = true;              ///< false: only who has the link finds it
};

/// Whether the server will take them; else a sentence that says what is wrong with which.
[[nodiscard]] Result<void> check_details(const SignalingDetails& details);

}  // namespace p2p::net
