#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "tls_server.hpp"

/// Certificates for a LAN, where no authority gives one and browsers demand TLS for cameras, codecs and hashes.
namespace p2p::net {

/// How others may call this machine: localhost, its name, its name in mDNS (.local), and the addresses of its interfaces.
[[nodiscard]] std::vector<std::string> own_names();

/// For these names and addresses, with a new key (P-256). Valid for 397 days, the most that browsers grant (CA/Browser Forum, ballot SC31).
[[nodiscard]] Result<CertificateText> make_self_signed(const std::vector<std::string>& names);

/// The one in `folder`, so that its fingerprint stays; made there anew if there is none, if it does not have all these names, or ends within
/// thirty days. Empty folder: one for this run only.
[[nodiscard]] Result<CertificateText> keep_self_signed(const std::string& folder, const std::vector<std::string>& names);

}  // namespace p2p::net
