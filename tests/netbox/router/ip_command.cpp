#include "ip_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "file_descriptor.hpp"

namespace p2p::netbox {

Result<std::string> run_ip(const std::vector<std::string>& arguments, const std::string& input) {
  const std::string shown = fmt::format("ip {}", fmt::join(arguments, " "));
  FileDescriptor in{::memfd_create("ip-input", MFD_CLOEXEC)};
  if (!in || ::write(in.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size()) || ::lseek(in.get(), 0, SEEK_SET) != 0) {
    return fail(fmt::format("{}: its input could not be written: {}.", shown, std::strerror(errno)));
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(fmt::format("{}: no pipe: {}.", shown, std::strerror(errno)));
  FileDescriptor out{ends[0]}, child_out{ends[1]};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, child_out.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, child_out.get(), STDERR_FILENO);
  std::vector<char*> argv{const_cast<char*>("ip")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int spawned = ::posix_spawnp(&pid, "ip", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0) return fail(fmt::format("{}: {}. Install the Debian package iproute2.", shown, std::strerror(spawned)));

  child_out = FileDescriptor{};
  std::string output;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::read(out.get(), buffer.data(), buffer.size())) != 0;) {
    if (n < 0 && errno != EINTR) break;
    if (n > 0) output.append(buffer.data(), static_cast<std::size_t>(n));
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return fail(fmt::format("{} failed: {}", shown, output));
  return output;
}

}  // namespace p2p::netbox
