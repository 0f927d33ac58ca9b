#pragma once

namespace p2p {

/// Prints `why` with its place and stops the process (a trap in WebAssembly, where nobody reads standard error).
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const char* why);

}  // namespace p2p

/// A bug of ours stops the process, in every build: an engine in an unknown state would spread it to its neighbors.
/// Never for remote input; that gives p2p::Result.
#define CHECK(condition, why)                                                                 \
  do {                                                                                        \
    if (!(condition)) [[unlikely]] ::p2p::check_failed(__FILE__, __LINE__, #condition, why);  \
  } while (false)
