#pragma once

#include <flatbuffers/flatbuffers.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/bytes.hpp"
#include "wire/limits.hpp"

/// FlatBuffers from the network: verified before they are read, copied out of them within limits.
namespace p2p::wire {

using Octets = flatbuffers::Vector<std::uint8_t>;

inline BytesView view(const Octets* vector) { return vector ? std::as_bytes(std::span{vector->data(), vector->size()}) : BytesView{}; }

inline flatbuffers::Offset<Octets> put(flatbuffers::FlatBufferBuilder& to, BytesView bytes) {
  return to.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

inline Bytes bytes_of(const flatbuffers::FlatBufferBuilder& built) {
  const auto bytes = std::as_bytes(std::span{built.GetBufferPointer(), built.GetSize()});
  return {bytes.begin(), bytes.end()};
}

template <std::size_t N>
bool copy_exact(const Octets* from, std::array<std::byte, N>& to) {
  const BytesView bytes = view(from);
  if (bytes.size() != N) return false;
  std::memcpy(to.data(), bytes.data(), N);
  return true;
}

inline bool copy_bytes(const Octets* from, std::size_t bytes_max, Bytes& to) {
  const BytesView bytes = view(from);
  if (bytes.size() > bytes_max) return false;
  to.assign(bytes.begin(), bytes.end());
  return true;
}

/// Arrays of N bytes that lie one after the other.
template <std::size_t N>
bool copy_arrays(const Octets* from, std::size_t count_max, std::vector<std::array<std::byte, N>>& to) {
  const BytesView bytes = view(from);
  if (bytes.size() % N != 0 || bytes.size() / N > count_max) return false;
  to.resize(bytes.size() / N);
  if (!bytes.empty()) std::memcpy(to.data(), bytes.data(), bytes.size());
  return true;
}

template <std::size_t N>
flatbuffers::Offset<Octets> put_arrays(flatbuffers::FlatBufferBuilder& to, const std::vector<std::array<std::byte, N>>& arrays) {
  return to.CreateVector(reinterpret_cast<const std::uint8_t*>(arrays.data()), arrays.size() * N);
}

/// FlatBuffers reads in place and wants aligned memory; what comes from the network has any alignment.
struct Aligned {
  explicit Aligned(BytesView from) : words((from.size() + 7) / 8), size{from.size()} { std::memcpy(words.data(), from.data(), from.size()); }
  [[nodiscard]] BytesView bytes() const { return std::as_bytes(std::span{words}).first(size); }
  std::vector<std::uint64_t> words;
  std::size_t size;
};

inline bool plausible_size(BytesView bytes) { return bytes.size() >= 8 && bytes.size() <= kMessageBytesMax; }

template <typename Root>
const Root* verified_root(BytesView bytes) {
  constexpr unsigned kDepthMax = 4;
  constexpr unsigned kTablesMax = 64;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier{data, bytes.size(), kDepthMax, kTablesMax};
  return verifier.VerifyBuffer<Root>(nullptr) ? flatbuffers::GetRoot<Root>(data) : nullptr;
}

inline Bytes with_context(std::string_view context, BytesView bytes) {
  Bytes all;
  all.reserve(context.size() + bytes.size());
  append(all, as_bytes(context));
  append(all, bytes);
  return all;
}

}  // namespace p2p::wire
