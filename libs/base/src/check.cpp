#include "base/check.hpp"

#ifndef __wasm__
#include <cstdio>
#include <cstdlib>
#endif

namespace p2p {

void check_failed([[maybe_unused]] const char* file, [[maybe_unused]] int line, [[maybe_unused]] const char* condition,
                  [[maybe_unused]] const char* why) {
#ifdef __wasm__
  __builtin_trap();
#else
  std::fprintf(stderr, "%s:%d: CHECK(%s): %s\n", file, line, condition, why);
  std::abort();
#endif
}

}  // namespace p2p
