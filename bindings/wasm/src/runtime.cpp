#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>

#include "abi.hpp"

// What the C++ runtime would otherwise bring printf, clocks and file descriptors for: a failure is a trap, there is no exit.
extern "C" {
void abort() { __builtin_trap(); }
void __assert_fail(const char*, const char*, int, const char*) { __builtin_trap(); }
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
}

_LIBCPP_BEGIN_NAMESPACE_STD
void __libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD

void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (!memory) __builtin_trap();
  return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace p2p::abi {
namespace {

/// What may be handed in at once: a part of a high rendition, with room.
constexpr std::size_t kBufferBytesMax = std::size_t{16} * 1024 * 1024;

Bytes& buffer() {
  static Bytes bytes;
  return bytes;
}

}  // namespace

Bytes take_buffer() { return std::exchange(buffer(), {}); }

}  // namespace p2p::abi

/// Room for the bytes of the next call; 0 when `size` is beyond what may be handed in.
P2P_EXPORT(buffer_new) std::uint32_t buffer_new(std::uint32_t size) {
  using namespace p2p::abi;
  if (size > kBufferBytesMax) return 0;
  buffer().assign(size, std::byte{});
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(buffer().data()));
}
