#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <deque>
#include <string>

#include "client.hpp"
#include "load.hpp"
#include "net/turn_server.hpp"
#include "server_process.hpp"

/// bench-turn serve --secret S: the relay of libs/net alone, without a quota in the way; says its port.
/// bench-turn load --port N --pid N --secret S: one scenario against a TURN server on this machine; a line of JSON.
namespace p2p::bench {
namespace {

struct Arguments {
  std::string secret;
  std::uint16_t port = 0;
  int pid = 0;
  std::size_t allocations = 1;
  std::size_t payload_bytes = 1'200;
  std::size_t in_flight = 64;
  int seconds = 10;
};

int serve(const Arguments& with) {
  sigset_t end{};
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigprocmask(SIG_BLOCK, &end, nullptr);   // before the relay's thread, which has the same
  auto server = net::TurnServer::start({.host = "127.0.0.1",
                                        .port = 0,
                                        .relay = {.secret = with.secret,
                                                  .allowed = turn::parse_ranges("127.0.0.0/8").value(),
                                                  .allocations_per_peer_max = 10'000,
                                                  .bits_per_s_per_peer = 1'000'000'000'000}});
  if (!server) {
    fmt::print(stderr, "{}\n", server.error().text);
    return 1;
  }
  fmt::print("port {}\n", (*server)->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&end, &signal);
  return 0;
}

/// One allocation: a client and a peer without one, both ways. More: pairs of clients, each with an allocation, both ways.
int load(const Arguments& with) {
  const turn::Endpoint server{.ip = turn::IpAddress::v4(127, 0, 0, 1), .port = with.port};
  Load load{{.payload_bytes = with.payload_bytes, .in_flight = with.in_flight, .measured = std::chrono::seconds{with.seconds}}};
  constexpr std::uint16_t kChannel = 0x4000;
  std::deque<Client> clients;
  for (std::size_t i = 0; i < with.allocations; ++i) clients.emplace_back(server, with.secret);
  const Socket peer;
  if (clients.size() == 1) {
    clients[0].bind(kChannel, peer.endpoint());
    peer.connect(clients[0].relayed());
    load.add(clients[0].socket(), kChannel, peer);
    load.add(peer, 0, clients[0].socket());
  }
  for (std::size_t i = 0; i + 1 < clients.size(); i += 2) {
    clients[i].bind(kChannel, clients[i + 1].relayed());
    clients[i + 1].bind(kChannel, clients[i].relayed());
    load.add(clients[i].socket(), kChannel, clients[i + 1].socket());
    load.add(clients[i + 1].socket(), kChannel, clients[i].socket());
  }
  const auto [delivered, lost, wall, cpu] = load.run(ServerProcess{with.pid});
  const auto seconds = [](Duration span) { return static_cast<double>(span.count()) / 1e6; };
  fmt::print(R"({{"delivered":{},"lost":{},"wall_s":{:.3f},"cpu_s":{:.3f}}})"
             "\n",
             delivered, lost, seconds(wall), seconds(cpu));
  return 0;
}

}  // namespace
}  // namespace p2p::bench

int main(int argc, char** argv) {
  using namespace p2p::bench;
  Arguments with;
  int exit_code = 0;
  CLI::App app{"The relay under load"};
  app.require_subcommand(1);
  CLI::App* serving = app.add_subcommand("serve");
  serving->add_option("--secret", with.secret)->required();
  serving->callback([&] { exit_code = serve(with); });
  CLI::App* loading = app.add_subcommand("load");
  loading->add_option("--secret", with.secret)->required();
  loading->add_option("--port", with.port)->required();
  loading->add_option("--pid", with.pid)->required();
  loading->add_option("--allocations", with.allocations);
  loading->add_option("--payload", with.payload_bytes);
  loading->add_option("--in-flight", with.in_flight);
  loading->add_option("--seconds", with.seconds);
  loading->callback([&] { exit_code = load(with); });
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
