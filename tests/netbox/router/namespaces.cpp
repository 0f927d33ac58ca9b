#include "namespaces.hpp"

#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "base/check.hpp"
#include "ip_command.hpp"

namespace p2p::netbox {
namespace {

constexpr int kMtu = 1500;
constexpr int kTunQueuePackets = 2000;   // between two rounds of the router; a site's own queue is the link's

std::string path_of(const std::string& name) { return "/run/netns/" + name; }

std::string why() { return std::strerror(errno); }

/// While it lives, this thread is in another network namespace.
class Visit {
 public:
  explicit Visit(const std::string& name)
      : home_{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)}, there_{::open(path_of(name).c_str(), O_RDONLY | O_CLOEXEC)} {
    inside_ = home_ && there_ && ::setns(there_.get(), CLONE_NEWNET) == 0;
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    if (inside_) CHECK(::setns(home_.get(), CLONE_NEWNET) == 0, "the way back from a namespace");
  }
  [[nodiscard]] bool inside() const { return inside_; }

 private:
  FileDescriptor home_, there_;
  bool inside_ = false;
};

/// A TUN device belongs to the namespace in which it was opened.
Result<FileDescriptor> open_tun(const std::string& name) {
  const Visit visit{name};
  if (!visit.inside()) return fail(fmt::format("The namespace {} cannot be entered: {}.", name, why()));
  // Only IPv4 crosses the box; without this each host would first send its router solicitations and wait for nobody's answer.
  if (const FileDescriptor ipv6{::open("/proc/sys/net/ipv6/conf/all/disable_ipv6", O_WRONLY | O_CLOEXEC)}; ipv6) {
    if (::write(ipv6.get(), "1", 1) != 1) return fail(fmt::format("IPv6 cannot be turned off in {}: {}.", name, why()));
  }
  FileDescriptor tun{::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)};
  if (!tun) return fail(fmt::format("/dev/net/tun cannot be opened: {}.", why()));
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strcpy(request.ifr_name, "tun0");
  if (::ioctl(tun.get(), TUNSETIFF, &request) != 0) return fail(fmt::format("No TUN device in {}: {}.", name, why()));
  return tun;
}

}  // namespace

std::optional<Error> why_not_here() {
  if (::geteuid() != 0) return Error{"A network in a box needs root, to make network namespaces."};
  if (const FileDescriptor tun{::open("/dev/net/tun", O_RDWR | O_CLOEXEC)}; !tun) {
    return Error{fmt::format("A network in a box needs /dev/net/tun, which cannot be opened here: {}.", why())};
  }
  if (auto version = run_ip({"-V"}); !version) return version.error();
  return std::nullopt;
}

std::string namespace_of(const std::string& run, const HostAddress& host) { return run + "-" + host.name; }

bool namespace_exists(const std::string& name) { return ::access(path_of(name).c_str(), F_OK) == 0; }

Result<FileDescriptor> make_host(const std::string& name, Address address) {
  if (auto made = run_ip({"netns", "add", name}); !made) return std::unexpected{made.error()};
  auto tun = open_tun(name);
  if (!tun) return tun;
  const std::string settings = fmt::format(
      "link set lo up\n"
      "addr add {}/32 dev tun0\n"
      "link set tun0 mtu {} txqueuelen {} up\n"
      "route add default dev tun0\n",
      to_text(address), kMtu, kTunQueuePackets);
  if (auto set = run_ip({"-n", name, "-batch", "-"}, settings); !set) return std::unexpected{set.error()};
  return tun;
}

void remove_namespaces(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!namespace_exists(name)) continue;
    if (const auto inside = run_ip({"netns", "pids", name})) {
      std::istringstream ids{*inside};
      for (pid_t id = 0; ids >> id;) {
        if (id > 1) ::kill(id, SIGKILL);
      }
    }
    // An error says that it is gone: the keeper and the router may both be at it.
    (void)run_ip({"netns", "del", name});
  }
}

}  // namespace p2p::netbox
