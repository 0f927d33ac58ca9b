#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "forwarder.hpp"
#include "namespaces.hpp"
#include "scenario_file.hpp"

namespace {

using namespace p2p;
using namespace p2p::netbox;

constexpr int kCannotRun = 1, kBadScenario = 2;

int say_error(const std::string& text, int code) {
  fmt::print(stderr, "{}\n", text);
  return code;
}

Result<Network> load(const std::string& file) {
  std::ifstream in{file};
  if (!in) return fail(fmt::format("{} cannot be read.", file));
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto network = parse_scenario(text);
  if (!network) return fail(fmt::format("{}: {}", file, network.error().text));
  return network;
}

void say_ready(const std::string& run, const std::vector<HostAddress>& hosts, const Network& network) {
  boost::json::object all;
  for (const HostAddress& host : hosts) {
    boost::json::object one{{"namespace", namespace_of(run, host)}, {"address", to_text(host.address)}};
    one["public_address"] = to_text(network.sites[host.site].nat ? nat_address_of(host.site) : host.address);
    all[host.name] = std::move(one);
  }
  fmt::print("{}\n", boost::json::serialize(boost::json::object{{"ready", std::move(all)}}));
  std::fflush(stdout);
}

int route(const std::string& run, const Network& network, const std::vector<HostAddress>& hosts, const std::vector<std::string>& names) {
  std::vector<FileDescriptor> tuns;
  int code = 0;
  for (std::size_t i = 0; i < hosts.size() && code == 0; ++i) {
    auto tun = make_host(names[i], hosts[i].address);
    if (tun) tuns.push_back(std::move(*tun));
    else code = say_error(tun.error().text, kCannotRun);
  }
  if (code == 0) {
    Forwarder forwarder{network, std::move(tuns)};
    say_ready(run, hosts, network);
    code = forwarder.run();
  }
  remove_namespaces(names);
  return code;
}

pid_t router_pid = 0;
void pass_on(int signal) {
  if (router_pid > 0) ::kill(router_pid, signal);
}

/// Stays behind to clean up should the router be killed. When this process is killed instead, the router is told and cleans up.
int keep(pid_t router, const std::vector<std::string>& names) {
  router_pid = router;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, pass_on);
  // The terminal's end of input is the router's alone.
  ::close(STDIN_FILENO);
  int status = 0;
  while (::waitpid(router, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  remove_namespaces(names);
  return say_error("The router was killed; its namespaces are removed.", kCannotRun);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A network in a box: hosts as network namespaces, and one process that is the lines, the NATs and the distance between them."};
  std::string file;
  std::string run = fmt::format("netbox{}", ::getpid());
  bool check = false;
  app.add_option("SCENARIO", file, "The network, as JSON (tests/netbox/README.md)")->required();
  app.add_option("--run", run, "Namespaces are called RUN-HOST; netbox and the process's number if left out");
  app.add_flag("--check", check, "Only read the scenario");
  CLI11_PARSE(app, argc, argv);

  const auto network = load(file);
  if (!network) return say_error(network.error().text, kBadScenario);
  if (check) return 0;
  if (const auto why = why_not_here()) return say_error(why->text, kCannotRun);
  const std::vector<HostAddress> hosts = addresses_of(*network);
  std::vector<std::string> names;
  for (const HostAddress& host : hosts) names.push_back(namespace_of(run, host));
  // What stands there already is somebody else's, and would be removed at the end.
  if (const auto taken = std::ranges::find_if(names, namespace_exists); taken != names.end()) {
    return say_error(fmt::format("The namespace {} exists already. Give another --run, or remove it: ip netns del {}", *taken, *taken), kCannotRun);
  }

  const pid_t keeper = ::getpid();
  const pid_t router = ::fork();
  if (router < 0) return say_error("No second process can be started.", kCannotRun);
  if (router > 0) return keep(router, names);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &stops, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != keeper) return kCannotRun;   // it died before we asked to be told
  return route(run, *network, hosts, names);
}
