#include "counted_memory.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kHeadBytes = 8;   // what glibc's allocator keeps in front of each block
std::size_t held = 0;

void give_back(void* memory) noexcept {
  if (memory) held -= malloc_usable_size(memory) + kHeadBytes;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (!memory) throw std::bad_alloc{};
  held += malloc_usable_size(memory) + kHeadBytes;
  return memory;
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

std::size_t p2p::bench::memory_held() { return held; }
