#include "tls_server.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>

#include "base/check.hpp"

namespace p2p::net {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;  // RFC 8446 section 5.1
constexpr std::size_t kFileBytesMax = 1 << 20;

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};
using BioPtr = std::unique_ptr<BIO, Freed<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

// ---- OpenSSL's own socket BIO would let a broken connection raise SIGPIPE.

int socket_of(BIO* bio) { return *static_cast<const int*>(BIO_get_data(bio)); }

bool passes() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = recv(socket_of(bio), into, static_cast<std::size_t>(size), 0);
  if (got < 0 && passes()) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

int bio_write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send(socket_of(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && passes()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* bio_method() {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_ctrl(method, bio_control);
    return method;
  }();
  return kMethod;
}

// ---- certificates

/// RFC 7301: HTTP/1.1 is all that is spoken here.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* size, const unsigned char* offered, unsigned offered_size, void* /*none*/) {
  static constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kHttp11.data(), kHttp11.size(), offered, offered_size) != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

ContextPtr make_context() {
  ContextPtr context{SSL_CTX_new(TLS_server_method())};
  if (!context) throw std::bad_alloc{};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // tickets need no memory here
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return context;
}

BioPtr bio_of(std::string_view text) { return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))}; }

/// A key with a password is refused instead of asked for on a terminal.
int no_password(char* /*into*/, int /*size*/, int /*writing*/, void* /*none*/) { return -1; }

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file || text.size() > kFileBytesMax) return std::nullopt;
  return text;
}

}  // namespace

TlsStream::TlsStream(ssl_ctx_st* context, int socket) : socket_{socket}, ssl_{SSL_new(context)} {
  BIO* bio = BIO_new(bio_method());
  if (ssl_ == nullptr || bio == nullptr) throw std::bad_alloc{};
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

TlsStream::State TlsStream::state_of(int result) {
  wants_to_write_ = false;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_NONE:
      return State::kOk;
    case SSL_ERROR_WANT_WRITE:
      wants_to_write_ = true;
      return State::kWouldBlock;
    case SSL_ERROR_WANT_READ:
      return State::kWouldBlock;
    case SSL_ERROR_ZERO_RETURN:
      return State::kEnd;
    default:
      break;
  }
  const unsigned long why = ERR_peek_error();
  const int reason = ERR_GET_REASON(why);
  met_plain_http_ = reason == SSL_R_HTTP_REQUEST;
  // Many clients close without the goodbye of TLS; requests and messages say their own lengths.
  if (why == 0 || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return established() ? State::kEnd : State::kFailed;
  return State::kFailed;
}

TlsStream::Outcome TlsStream::read(std::span<std::byte> into) {
  CHECK(into.size() >= kRecordBytes, "a record's bytes would stay behind");
  ERR_clear_error();
  std::size_t got = 0;
  const int result = SSL_read_ex(ssl_, into.data(), into.size(), &got);
  return {result == 1 ? State::kOk : state_of(result), got};
}

TlsStream::Outcome TlsStream::write(std::span<const std::string_view> parts) {
  // One after the other in records of their largest size: OpenSSL takes one block at a time, and a record costs 22 bytes.
  thread_local std::array<char, kRecordBytes> record;
  std::size_t total = 0;
  for (const std::string_view part : parts) total += part.size();
  Outcome outcome;
  while (outcome.bytes < total) {
    std::size_t filled = 0;
    std::size_t skip = outcome.bytes;
    for (const std::string_view part : parts) {
      const std::string_view rest = part.substr(std::min(skip, part.size()));
      skip -= std::min(skip, part.size());
      const std::size_t taken = std::min(rest.size(), record.size() - filled);
      std::copy_n(rest.begin(), taken, record.begin() + static_cast<std::ptrdiff_t>(filled));
      filled += taken;
    }
    ERR_clear_error();
    std::size_t sent = 0;
    const int result = SSL_write_ex(ssl_, record.data(), filled, &sent);
    if (result != 1) {
      outcome.state = state_of(result);
      // Nothing but a handshake could want to read here, and that is over.
      if (outcome.state == State::kWouldBlock && !wants_to_write_) outcome.state = State::kFailed;
      return outcome;
    }
    outcome.bytes += sent;
  }
  return outcome;
}

void TlsStream::finish() {
  if (!established()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

bool TlsStream::established() const { return SSL_is_init_finished(ssl_) == 1; }

TlsServer::~TlsServer() { SSL_CTX_free(context_); }

Result<std::shared_ptr<TlsServer>> TlsServer::from_files(std::string certificate_file, std::string key_file) {
  std::shared_ptr<TlsServer> server{new TlsServer};
  server->certificate_file_ = std::move(certificate_file);
  server->key_file_ = std::move(key_file);
  if (auto loaded = server->reload(); !loaded) return std::unexpected{loaded.error()};
  return server;
}

Result<std::shared_ptr<TlsServer>> TlsServer::from_text(const CertificateText& certificate) {
  std::shared_ptr<TlsServer> server{new TlsServer};
  if (auto used = server->use(certificate); !used) return std::unexpected{used.error()};
  return server;
}

Result<void> TlsServer::reload() {
  if (certificate_file_.empty()) return {};
  read_at_ = times();  // before reading: a change meanwhile is seen the next time
  const std::optional<std::string> chain = read_file(certificate_file_);
  if (!chain) return fail("The certificate \"" + certificate_file_ + "\" cannot be read. Give --tls-cert a file that this program may read.");
  const std::optional<std::string> key = read_file(key_file_);
  if (!key) return fail("The key \"" + key_file_ + "\" cannot be read. Give --tls-key a file that this program may read.");
  return use({.chain = *chain, .key = *key});
}

Result<void> TlsServer::use(const CertificateText& certificate) {
  const std::string where = certificate_file_.empty() ? "" : " in \"" + certificate_file_ + "\"";
  ContextPtr context = make_context();
  const BioPtr chain = bio_of(certificate.chain);
  const X509Ptr own{PEM_read_bio_X509_AUX(chain.get(), nullptr, no_password, nullptr)};
  if (!own) return fail("There is no certificate" + where + ". It must be in PEM: \"-----BEGIN CERTIFICATE-----\".");
  const BioPtr key_bio = bio_of(certificate.key);
  const KeyPtr key{PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr)};
  if (!key) return fail("There is no key without a password in \"" + key_file_ + "\". It must be in PEM: \"-----BEGIN PRIVATE KEY-----\".");
  if (X509_check_private_key(own.get(), key.get()) != 1) return fail("The key in \"" + key_file_ + "\" is not that of the certificate" + where + ".");
  if (SSL_CTX_use_certificate(context.get(), own.get()) != 1 || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    return fail("The certificate" + where + " is too weak for TLS. Make one with an RSA key of 2048 bits or more, or an elliptic curve.");
  }
  while (X509* issuer = PEM_read_bio_X509(chain.get(), nullptr, no_password, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context.get(), issuer) != 1) X509_free(issuer);
  }
  ERR_clear_error();  // the end of the file
  SSL_CTX_free(context_);  // connections hold it on
  context_ = context.release();
  return {};
}

TlsServer::Times TlsServer::times() const {
  std::error_code ignored;
  return {std::filesystem::last_write_time(certificate_file_, ignored), std::filesystem::last_write_time(key_file_, ignored)};
}

bool TlsServer::changed() const { return !certificate_file_.empty() && times() != read_at_; }

std::string TlsServer::fingerprint() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(SSL_CTX_get0_certificate(context_), EVP_sha256(), digest.data(), &size);
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    if (i > 0) text += ':';
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace p2p::net
