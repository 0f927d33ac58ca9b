#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace p2p::net {

/// What browsers will look at in the certificate of a server.
struct CertificateFacts {
  std::vector<std::string> names;     ///< DNS names and IP addresses that it is for (RFC 5280, 4.2.1.6); browsers look at no other name
  std::chrono::sys_seconds begins{};
  std::chrono::sys_seconds ends{};
  bool own_issuer = false;            ///< it vouches for itself: no browser trusts it by itself
  std::size_t issuers = 0;            ///< certificates behind it in the file, those that lead to its root
};

/// Of the files of `serve --tls-cert` and `--tls-key`. The error is the sentence with which the server would refuse them: not readable, not PEM, the
/// key of another certificate.
[[nodiscard]] Result<CertificateFacts> read_certificate(const std::string& certificate_file, const std::string& key_file);

}  // namespace p2p::net
