#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "doctor/finding.hpp"
#include "net/certificate.hpp"
#include "serve/serve_settings.hpp"

/// Who can come in, and whether browsers will trust the way.
namespace p2p::app {

[[nodiscard]] Finding check_trusted_proxies(const ServeSettings& settings);
[[nodiscard]] Finding check_secure_context(const ServeSettings& settings);

/// `wanted`: names under which clients will come; may be empty.
[[nodiscard]] std::vector<Finding> check_certificate(const Result<net::CertificateFacts>& certificate, const std::vector<std::string>& wanted, std::chrono::sys_seconds now);
/// Of a certificate, wherever it was seen.
[[nodiscard]] Finding check_certificate_ends(std::chrono::sys_seconds ends, std::chrono::sys_seconds now);

}  // namespace p2p::app
