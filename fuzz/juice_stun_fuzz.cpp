#include <cstddef>
#include <cstdint>
#include <vector>

#include <juice_internals.h>

/// What comes to the UDP sockets of a native peer's links, from anybody: read, then checked against a password as the agent does.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> datagram{data, data + size};   // the check writes into it
  juice_check check{};
  (void)juice_read_check(datagram.data(), datagram.size(), &check);
  return 0;
}
