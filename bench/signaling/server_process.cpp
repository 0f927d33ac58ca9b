#include "server_process.hpp"

#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/check.hpp"

namespace p2p::bench {

Duration ServerProcess::cpu_time() const {
  clockid_t clock{};
  timespec spent{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &spent) != 0) return {};
  return std::chrono::seconds{spent.tv_sec} + std::chrono::duration_cast<Duration>(std::chrono::nanoseconds{spent.tv_nsec});
}

double ServerProcess::resident_kb() const {
  const std::string path = "/proc/" + std::to_string(pid_) + "/status";
  std::FILE* file = std::fopen(path.c_str(), "r");
  if (file == nullptr) return 0;
  double kb = 0;
  char line[256];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::strncmp(line, "VmRSS:", 6) == 0) kb = std::strtod(line + 6, nullptr);
  }
  std::fclose(file);
  return kb;
}

}  // namespace p2p::bench
