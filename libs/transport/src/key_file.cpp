#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "base/check.hpp"
#include "openssl_handles.hpp"
#include "transport/crypto.hpp"

namespace p2p::transport {
namespace {

constexpr std::size_t kKeyFileBytesMax = 4096;   // an Ed25519 key in PEM takes 119

class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_{descriptor} {}
  ~FileDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string quoted(const std::filesystem::path& file) { return "'" + file.string() + "'"; }

Result<std::string> read_all(int descriptor, const std::filesystem::path& file) {
  std::string text;
  char buffer[1024];
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("The key file " + quoted(file) + " cannot be read: " + std::strerror(errno) + ". Name another with --key; one that does not exist is made.");
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > kKeyFileBytesMax) {
      return fail("The key file " + quoted(file) + " is far too long for a key. Name the file that an earlier run wrote, or a new one.");
    }
  }
}

// A key file that is encrypted asks for nothing on the terminal; it is simply no key file of ours.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<KeyHandle> parse_key(const std::string& pem, const std::filesystem::path& file) {
  const BioHandle bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  CHECK(bio != nullptr, "out of memory");
  KeyHandle key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return fail("The file " + quoted(file) + " holds no Ed25519 private key (PEM, without a passphrase). Name another file with --key; "
                "one that does not exist is made.");
  }
  return key;
}

std::optional<Error> write_key(int descriptor, EVP_PKEY* key, const std::filesystem::path& file) {
  const BioHandle bio{BIO_new(BIO_s_mem())};
  CHECK(bio != nullptr, "out of memory");
  const int ok = PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  CHECK(ok == 1, "a new key can be written to memory");
  char* data = nullptr;
  std::size_t left = static_cast<std::size_t>(BIO_get_mem_data(bio.get(), &data));
  while (left > 0) {
    const ssize_t put = ::write(descriptor, data, left);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Error{"The new key cannot be written to " + quoted(file) + ": " + std::strerror(errno) + "."};
    data += put;
    left -= static_cast<std::size_t>(put);
  }
  return std::nullopt;
}

}  // namespace

Result<SigningKey> SigningKey::load_or_create(const std::filesystem::path& file) {
  const FileDescriptor existing{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (existing.is_open()) {
    auto pem = read_all(existing.get(), file);
    if (!pem) return std::unexpected{pem.error()};
    auto key = parse_key(*pem, file);
    if (!key) return std::unexpected{key.error()};
    return SigningKey{std::make_unique<Handle>(std::move(*key))};
  }
  if (errno != ENOENT) return fail("The key file " + quoted(file) + " cannot be opened: " + std::strerror(errno) + ". Name another with --key, or make it readable.");

  // O_EXCL: two runs that start at once must not end up with two keys for one file.
  const FileDescriptor created{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  if (!created.is_open()) {
    return fail("The key file " + quoted(file) + " cannot be made: " + std::strerror(errno) + ". Choose a place that you may write to.");
  }
  SigningKey key = generate();
  if (auto error = write_key(created.get(), key.handle_->key.get(), file)) {
    ::unlink(file.c_str());
    return std::unexpected{std::move(*error)};
  }
  return key;
}

}  // namespace p2p::transport
