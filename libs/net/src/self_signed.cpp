#include "self_signed.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "ip_address.hpp"
#include "net/signaling_server.hpp"

namespace p2p::net {
namespace {

constexpr long kDay = 24 * 60 * 60;
constexpr long kValidFor = 397 * kDay;
constexpr int kRenewDays = 30;

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

std::string text_in(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// "DNS:localhost,IP:127.0.0.1"
std::string alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list.append(list.empty() ? "" : ",").append(parse_ip_address(name) ? "IP:" : "DNS:").append(name);
  return list;
}

bool add_extension(X509* certificate, int id, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension{X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str())};
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool covers(X509* certificate, const std::vector<std::string>& names) {
  return std::ranges::all_of(names, [&](const std::string& name) {
    return (parse_ip_address(name) ? X509_check_ip_asc(certificate, name.c_str(), 0) : X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr)) == 1;
  });
}

/// Whether a certificate that was kept still serves.
bool serves(const std::string& pem, const std::vector<std::string>& names) {
  const BioPtr bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  const X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
  if (!certificate || !covers(certificate.get(), names)) return false;
  int days = 0;
  int seconds = 0;
  return ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())) == 1 && days >= kRenewDays;
}

/// Readable by its owner alone, and never half written.
bool write_private(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  const std::string fresh = path.string() + "." + std::to_string(getpid());
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (close(file) != 0 || !written) return false;
  std::filesystem::rename(fresh, path, error);
  return !error;
}

}  // namespace

std::vector<std::string> lan_addresses() {
  std::vector<std::string> found;
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return found;
  const std::unique_ptr<ifaddrs, Freed<freeifaddrs>> owned{all};
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0 || (one->ifa_flags & IFF_LOOPBACK) != 0) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = one->ifa_addr->sa_family;
    if (family == AF_INET) {
      inet_ntop(family, &reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr, text.data(), text.size());
    } else if (family == AF_INET6) {
      const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr;
      if (IN6_IS_ADDR_LINKLOCAL(&address)) continue;  // of no use without the name of an interface
      inet_ntop(family, &address, text.data(), text.size());
    } else {
      continue;
    }
    found.emplace_back(text.data());
  }
  return found;
}

std::vector<std::string> own_names() {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  std::array<char, 256> host{};
  const auto valid = [](std::string_view name) {
    return !name.empty() && name.size() <= 63 && std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
  };
  if (gethostname(host.data(), host.size() - 1) == 0 && valid(host.data()) && std::string_view{host.data()} != "localhost") {
    names.emplace_back(host.data());
    if (names.back().find('.') == std::string::npos) names.push_back(names.back() + ".local");
  }
  for (std::string& address : lan_addresses()) names.push_back(std::move(address));
  return names;
}

Result<CertificateText> make_self_signed(const std::vector<std::string>& names) {
  const KeyPtr key{EVP_EC_gen("P-256")};
  const X509Ptr certificate{X509_new()};
  const BioPtr chain{BIO_new(BIO_s_mem())};
  const BioPtr key_text{BIO_new(BIO_s_mem())};
  std::array<unsigned char, 16> serial{};
  const auto failed = [] { return fail("A self-signed certificate could not be made. Give certificate files with --tls-cert and --tls-key."); };
  if (!key || !certificate || !chain || !key_text || RAND_bytes(serial.data(), serial.size()) != 1) return failed();
  serial[0] &= 0x7f;  // a positive number
  const std::unique_ptr<BIGNUM, Freed<BN_free>> number{BN_bin2bn(serial.data(), serial.size(), nullptr)};
  X509_set_version(certificate.get(), X509_VERSION_3);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);  // clocks in a house differ
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kValidFor - kDay);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("p2p-stream"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const bool extended = add_extension(certificate.get(), NID_subject_alt_name, alternative_names(names)) &&
                        add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                        add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature") &&
                        add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
  if (!extended || X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) return failed();
  if (PEM_write_bio_X509(chain.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return failed();
  }
  return CertificateText{.chain = text_in(chain.get()), .key = text_in(key_text.get())};
}

Result<CertificateText> keep_self_signed(const std::string& folder, const std::vector<std::string>& names) {
  if (folder.empty()) return make_self_signed(names);
  const std::filesystem::path path = std::filesystem::path{folder} / "self-signed.pem";
  std::ifstream file{path, std::ios::binary};
  const std::string kept{std::istreambuf_iterator<char>{file}, {}};
  if (serves(kept, names)) return CertificateText{.chain = kept, .key = kept};
  Result<CertificateText> made = make_self_signed(names);
  if (made && !write_private(path, made->chain + made->key)) {
    return fail("The self-signed certificate cannot be kept in \"" + path.string() + "\". Make that folder writable, or set XDG_STATE_HOME to another.");
  }
  return made;
}

}  // namespace p2p::net
