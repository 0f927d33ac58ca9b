#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cast.hpp"
#include "others.hpp"
#include "relay.hpp"

/// bench-relay paced|bulk CHILDREN SECONDS [KBIT_PER_S]: one run, a line of JSON.
int main(int count, char** arguments) {
  using namespace p2p;
  const std::string_view mode = count > 3 ? arguments[1] : "";
  if (mode != "paced" && mode != "bulk") {
    fmt::print(stderr, "bench-relay paced|bulk CHILDREN SECONDS [KBIT_PER_S]\n");
    return 2;
  }
  bench::Plan plan{.paced = mode == "paced"};
  plan.children = static_cast<std::uint32_t>(std::strtoul(arguments[2], nullptr, 10));
  plan.measured = std::chrono::seconds{std::strtoul(arguments[3], nullptr, 10)};
  if (count > 4) plan.bits_per_s = std::int64_t{std::atoi(arguments[4])} * 1000;
  if (plan.children < 1 || plan.children > bench::kChildrenMax || plan.measured.count() < 1 || plan.bits_per_s < 100'000) {
    fmt::print(stderr, "1 to {} children, at least 1 second and 100 kbit/s.\n", bench::kChildrenMax);
    return 2;
  }
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()) != 0) return 1;
  auto key = transport::SigningKey::generate();
  // Before there is any thread: the relay is a process of its own, so that its CPU time is only its own.
  const pid_t relay = ::fork();
  if (relay < 0) return 1;
  ::close(sockets[relay == 0 ? 0 : 1]);
  bench::Courier courier{sockets[relay == 0 ? 1 : 0]};
  if (relay == 0) {
    bench::run_relay(courier, key.public_key());
    return 0;
  }
  const auto outcome = bench::run_others(courier, std::move(key), plan);
  ::waitpid(relay, nullptr, 0);
  if (!outcome) {
    fmt::print(stderr, "{}\n", outcome.error().text);
    return 1;
  }
  const bench::Mark& used = outcome->used;
  fmt::print(R"({{"children":{},"seconds":{:.3f},"cpu_us":{},"given_bytes":{},"received_bytes":{},"pieces_verified":{},"parts_due":{},"parts_come":{}}})"
             "\n",
             plan.children, outcome->seconds, used.cpu_us, used.given_bytes, used.received_bytes, used.pieces_verified, outcome->parts_due,
             outcome->parts_come);
  return 0;
}
