#include "doctor/access_checks.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "turn/address_range.hpp"

namespace p2p::app {
namespace {

constexpr std::chrono::days kRenewWithin{14};   // Let's Encrypt's clients renew 30 days before the end: what is left then is late
constexpr unsigned kV4Offset = 96;

bool is_loopback(const std::string& host) { return host == "::1" || host.starts_with("127."); }

/// How many bits all its addresses share, as they are written.
unsigned prefix_of(const turn::AddressRange& range) { return range.base.is_v4() && range.bits >= kV4Offset ? range.bits - kV4Offset : range.bits; }

/// Proxies stand on private networks, or side by side in a data center: whoever believes more of the internet believes attackers.
bool is_narrow(const turn::AddressRange& range) {
  const bool v4 = range.base.is_v4();
  return prefix_of(range) >= (turn::is_special(range.base) ? (v4 ? 8U : 7U) : (v4 ? 16U : 32U));
}

bool covers(std::string_view certified, std::string_view name) {
  if (!certified.starts_with("*.")) return certified == name;
  const std::size_t dot = name.find('.');   // a star is one label (RFC 6125, 6.4.3)
  return dot != std::string_view::npos && dot > 0 && name.substr(dot) == certified.substr(1);
}

}  // namespace

Finding check_trusted_proxies(const ServeSettings& settings) {
  if (settings.trusted_proxies.empty()) {
    if (!is_loopback(settings.host)) return fine("No proxy is trusted: clients are who connects.");
    return warning(fmt::format("The server listens on {} alone and trusts no proxy: all clients of a proxy count as one and are not limited by address.", settings.host),
                   "If a proxy on this machine stands in front, set trusted-proxies to 127.0.0.1,::1.");
  }
  for (const std::string& block : settings.trusted_proxies) {
    const auto ranges = turn::parse_ranges(block);
    if (!ranges || std::ranges::all_of(*ranges, is_narrow)) continue;
    if (std::ranges::any_of(*ranges, [](const auto& range) { return prefix_of(range) == 0; })) {
      return failed(fmt::format("trusted-proxies has {}: everybody is believed about who he is, so limits by address limit nobody.", block), "Name the addresses of your proxies alone.");
    }
    return warning(fmt::format("trusted-proxies has {}: a wide block of public addresses, each of which is believed about who its clients are.", block), "Name the addresses of your proxies alone.");
  }
  return fine(fmt::format("Trusted proxies: {}.", fmt::join(settings.trusted_proxies, ", ")));
}

Finding check_secure_context(const ServeSettings& settings) {
  if (!settings.tls_cert.empty() || !settings.tls_key.empty()) return fine("Pages are secure: the server has a certificate.");
  if (settings.tls_self_signed) return fine("Pages are secure once a browser was told to go on: the certificate is self-signed.");
  if (!settings.trusted_proxies.empty()) return fine("A proxy is trusted to end TLS in front.");
  if (is_loopback(settings.host)) return fine("Pages are secure on this machine itself: http://localhost.");
  return warning("Nothing ends TLS: browsers give cameras, codecs and hashes to https pages and to http://localhost only.",
                 "Set tls-cert and tls-key, tls = \"self-signed\" on a LAN, or put a proxy in front and name it with trusted-proxies (deploy/ has examples).");
}

Finding check_certificate_ends(std::chrono::sys_seconds ends, std::chrono::sys_seconds now) {
  const auto days = std::chrono::floor<std::chrono::days>(ends - now).count();
  const std::string when = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(ends)));
  if (ends <= now) return failed(fmt::format("The certificate ended on {}.", when), "Renew it; the server reads the new files by itself within seconds.");
  if (ends - now < kRenewWithin) return warning(fmt::format("The certificate ends on {}, in {} days.", when, days), "Renew it, and see why that did not happen by itself (certbot renew --dry-run).");
  return fine(fmt::format("The certificate is good until {} ({} days).", when, days));
}

std::vector<Finding> check_certificate(const Result<net::CertificateFacts>& certificate, const std::vector<std::string>& wanted, std::chrono::sys_seconds now) {
  if (!certificate) return {failed(certificate.error().text, "Correct tls-cert and tls-key; both are PEM files.")};
  std::vector<Finding> findings;
  if (certificate->begins > now) {
    findings.push_back(failed("The certificate is not good yet.", "Set the clock of this machine (timedatectl set-ntp true), or take another certificate."));
  } else {
    findings.push_back(check_certificate_ends(certificate->ends, now));
  }
  if (certificate->names.empty()) {
    findings.push_back(failed("The certificate is for no host name (it has no subjectAltName, and browsers look at nothing else).", "Have one made with the name under which clients come."));
  } else {
    findings.push_back(fine(fmt::format("It is for {}: clients must come under such a name.", fmt::join(certificate->names, ", "))));
  }
  for (const std::string& name : wanted) {
    if (std::ranges::any_of(certificate->names, [&](const std::string& certified) { return covers(certified, name); })) continue;
    findings.push_back(failed(fmt::format("The certificate is not for {}.", name), "Have one made that names it."));
  }
  if (certificate->own_issuer) {
    findings.push_back(warning("It vouches for itself: browsers ask before they go on, programs must be told its fingerprint.", "For the internet take one from an authority, such as Let's Encrypt."));
  } else if (certificate->issuers == 0) {
    findings.push_back(warning("The file has no certificates that lead to its root: many clients will not trust it.", "Give tls-cert the whole chain (fullchain.pem of certbot)."));
  }
  return findings;
}

}  // namespace p2p::app
