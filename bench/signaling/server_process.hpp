#pragma once

#include <sys/types.h>

#include "base/time.hpp"

namespace p2p::bench {

/// What the kernel says of the server under load, all its threads together.
class ServerProcess {
 public:
  explicit ServerProcess(pid_t pid) : pid_{pid} {}

  [[nodiscard]] Duration cpu_time() const;
  [[nodiscard]] double resident_kb() const;

 private:
  pid_t pid_;
};

}  // namespace p2p::bench
