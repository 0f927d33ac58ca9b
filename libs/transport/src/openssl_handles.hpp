#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>

#include <memory>

#include "transport/crypto.hpp"

namespace p2p::transport {

template <auto free_function>
struct FreeBy {
  template <typename T>
  void operator()(T* handle) const {
    free_function(handle);
  }
};

using KeyHandle = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using BioHandle = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;

struct SigningKey::Handle {
  explicit Handle(KeyHandle owned) : key{std::move(owned)} {}
  KeyHandle key;
};

}  // namespace p2p::transport
