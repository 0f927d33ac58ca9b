#include "simulate/huge_pages.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace p2p::app {

void use_huge_pages() {
  constexpr const char* kTunables = "GLIBC_TUNABLES";
  if (std::getenv(kTunables) || setenv(kTunables, "glibc.malloc.hugetlb=1", 0) != 0) return;
  std::ifstream file{"/proc/self/cmdline", std::ios::binary};
  std::vector<std::string> arguments;
  for (std::string argument; std::getline(file, argument, '\0');) arguments.push_back(argument);
  if (arguments.empty()) return;
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  execv("/proc/self/exe", pointers.data());   // comes back only when it fails: then with small pages
}

}  // namespace p2p::app
