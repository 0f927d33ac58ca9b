#include "net/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <memory>

#include "tls_server.hpp"
#include "x509_time.hpp"

namespace p2p::net {
namespace {

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};
using FilePtr = std::unique_ptr<std::FILE, Freed<std::fclose>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>> list{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    int kind = 0;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &kind));
    const unsigned char* data = kind == GEN_DNS || kind == GEN_IPADD ? ASN1_STRING_get0_data(value) : nullptr;
    if (data == nullptr) continue;
    const int bytes = ASN1_STRING_length(value);
    if (kind == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(data), static_cast<std::size_t>(bytes));
    } else if (bytes == 4 || bytes == 16) {
      std::array<char, INET6_ADDRSTRLEN> text{};
      if (inet_ntop(bytes == 4 ? AF_INET : AF_INET6, data, text.data(), text.size()) != nullptr) names.emplace_back(text.data());
    }
  }
  return names;
}

}  // namespace

std::optional<std::chrono::sys_seconds> sys_seconds_of(const asn1_string_st* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{timegm(&parts)}};
}

Result<CertificateFacts> read_certificate(const std::string& certificate_file, const std::string& key_file) {
  if (const auto usable = TlsServer::from_files(certificate_file, key_file); !usable) return std::unexpected{usable.error()};
  const FilePtr file{std::fopen(certificate_file.c_str(), "re")};
  const X509Ptr own{file ? PEM_read_X509_AUX(file.get(), nullptr, nullptr, nullptr) : nullptr};
  const auto begins = own ? sys_seconds_of(X509_get0_notBefore(own.get())) : std::nullopt;
  const auto ends = own ? sys_seconds_of(X509_get0_notAfter(own.get())) : std::nullopt;
  if (!begins || !ends) return fail("The certificate in \"" + certificate_file + "\" does not say when it begins and ends. Make another.");
  CertificateFacts facts{.names = names_of(own.get()), .begins = *begins, .ends = *ends};
  facts.own_issuer = X509_NAME_cmp(X509_get_subject_name(own.get()), X509_get_issuer_name(own.get())) == 0;
  while (const X509Ptr issuer{PEM_read_X509(file.get(), nullptr, nullptr, nullptr)}) ++facts.issuers;
  return facts;
}

}  // namespace p2p::net
