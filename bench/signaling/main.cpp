#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "cast.hpp"
#include "crowd.hpp"
#include "growth.hpp"
#include "joins.hpp"
#include "lists.hpp"
#include "server_process.hpp"
#include "signals.hpp"

/// bench-signaling SCENARIO --port N --pid N: one scenario against a server that runs already; a line of JSON.
namespace p2p::bench {
namespace {

struct Arguments {
  std::uint16_t port = 0;
  int pid = 0;
  std::size_t members = 1'000;
  std::size_t room = 20;
  std::size_t in_flight = 64;
  std::size_t burst = 1;
  std::uint32_t per_s = 0;
  std::uint32_t arrivals_per_s = 200;
  std::size_t watchers = 5'000;
  std::string filters = "same";
  int seconds = 10;
};

/// A socket is a file descriptor, and the usual soft limit is far below what the machine allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

double ms(Duration span) { return static_cast<double>(span.count()) / 1e3; }
double s(Duration span) { return static_cast<double>(span.count()) / 1e6; }

std::string failures_json(const Cast& cast) {
  std::size_t count = 0;
  for (const auto& [why, times] : cast.failures()) {
    count += times;
    fmt::print(stderr, "{} times: {}\n", times, why);
  }
  return fmt::format(R"("failures":{})", count);
}

Result<void> signals(const Arguments& with) {
  Net net{.port = with.port};
  const ServerProcess server{with.pid};
  Cast cast{net, {.members = with.members / with.room * with.room, .room_size = with.room}};
  if (auto there = cast.assemble(); !there) return there;
  Signals scenario{net, cast, server,
                   {.burst = with.burst, .in_flight = with.in_flight, .per_s = with.per_s, .measured = std::chrono::seconds{with.seconds}}};
  const auto outcome = scenario.run();
  if (!outcome) return std::unexpected{outcome.error()};
  fmt::print(R"({{"delivered":{},"cpu_s":{:.3f},"wall_s":{:.3f},"p50_ms":{:.3f},"p99_ms":{:.3f},{}}})"
             "\n",
             outcome->delivered, s(outcome->cpu), s(outcome->wall), ms(outcome->p50), ms(outcome->p99), failures_json(cast));
  return {};
}

Result<void> joins(const Arguments& with) {
  Net net{.port = with.port};
  const ServerProcess server{with.pid};
  Cast cast{net, {.members = with.members, .room_size = with.members}};
  if (auto there = cast.assemble(); !there) return there;
  Joins scenario{net, cast, server, {.in_flight = with.in_flight, .measured = std::chrono::seconds{with.seconds}}};
  const auto outcome = scenario.run();
  if (!outcome) return std::unexpected{outcome.error()};
  fmt::print(R"({{"joined":{},"cpu_s":{:.3f},"wall_s":{:.3f},"p50_ms":{:.3f},"p99_ms":{:.3f},{}}})"
             "\n",
             outcome->joined, s(outcome->cpu), s(outcome->wall), ms(outcome->p50), ms(outcome->p99), failures_json(cast));
  return {};
}

/// `--room 0`: connections that joined nothing. Otherwise members, who report.
Result<void> idle(const Arguments& with) {
  Net net{.port = with.port};
  const ServerProcess server{with.pid};
  const double before_kb = server.resident_kb();
  Cast cast{net, {.members = with.room > 0 ? with.members / with.room * with.room : with.members, .room_size = with.room}};
  if (auto there = cast.assemble(); !there) return there;
  net.io.run_for(std::chrono::seconds{with.seconds});
  const double after_kb = server.resident_kb();
  fmt::print(R"({{"connections":{},"rss_before_kb":{},"rss_after_kb":{},{}}})"
             "\n",
             cast.size(), before_kb, after_kb, failures_json(cast));
  return {};
}

/// Load and a crowd that misbehaves; memory by the minute. The error names what was done to members who behave.
Result<void> soak(const Arguments& with) {
  Net net{.port = with.port};
  const ServerProcess server{with.pid};
  Cast cast{net, {.members = with.members / with.room * with.room, .room_size = with.room}};
  if (auto there = cast.assemble(); !there) return there;
  Signals load{net, cast, server, {.per_s = with.per_s, .measured = std::chrono::seconds{std::min(60, with.seconds)}}};
  Crowd crowd{net, cast, with.arrivals_per_s};
  crowd.start();
  for (int at = 0; at < with.seconds; at += 60) {
    const auto minute = load.run();
    if (!minute) return std::unexpected{minute.error()};
    fmt::print(R"({{"second":{},"rss_kb":{},"signals_per_s":{:.0f},"cpu_percent":{:.0f},"p50_ms":{:.3f},"p99_ms":{:.3f},"served":{},"present":{},{}}})"
               "\n",
               at + std::min(60, with.seconds), server.resident_kb(), static_cast<double>(minute->delivered) / s(minute->wall),
               100 * s(minute->cpu) / s(minute->wall), ms(minute->p50), ms(minute->p99), crowd.served(), crowd.present(), failures_json(cast));
    std::fflush(stdout);
  }
  crowd.stop();
  const std::uint64_t missing = load.missing(30s);
  net.io.run_for(std::chrono::seconds{5});
  std::string manners;
  for (const auto& [manner, count] : crowd.arrived()) manners += fmt::format("{}{}", manners.empty() ? "" : ",", count);
  fmt::print(R"({{"rss_after_kb":{},"missing":{},"arrived":[{}],{}}})"
             "\n",
             server.resident_kb(), missing, manners, failures_json(cast));
  if (missing > 0) return fail(fmt::format("{} signals of members who behave did not arrive or were not acknowledged", missing));
  if (!cast.failures().empty()) return fail("somebody who behaves was not served: " + cast.failures().begin()->first);
  return {};
}

/// The members are sources.
Result<void> lists(const Arguments& with) {
  Net net{.port = with.port};
  const ServerProcess server{with.pid};
  Cast cast{net, {.members = with.members, .room_size = 1}};
  if (auto there = cast.assemble(); !there) return there;
  const double before_kb = server.resident_kb();
  Lists scenario{net, cast, server,
                 {.watchers = with.watchers,
                  .filters = with.filters == "own" ? Filters::kOwn : with.filters == "some" ? Filters::kSome : Filters::kSame,
                  .measured = std::chrono::seconds{with.seconds}}};
  const auto outcome = scenario.run();
  if (!outcome) return std::unexpected{outcome.error()};
  const double watchers = static_cast<double>(with.watchers);
  fmt::print(R"({{"streams":{},"watchers":{},"filters":"{}","cpu_percent":{:.1f},"deltas_per_s":{:.2f},"kb_per_s":{:.2f},"p50_ms":{:.3f},"p99_ms":{:.3f},"rss_kb":{:.2f},{}}})"
             "\n",
             cast.size(), with.watchers, with.filters, 100 * s(outcome->cpu) / s(outcome->wall), static_cast<double>(outcome->deltas) / s(outcome->wall) / watchers,
             static_cast<double>(outcome->bytes) / 1e3 / s(outcome->wall) / watchers, ms(outcome->p50), ms(outcome->p99),
             (server.resident_kb() - before_kb) / watchers, failures_json(cast));
  return {};
}

Result<void> growth(const Arguments& with) {
  const GrowthOutcome outcome = measure_growth(with.members, with.room);
  fmt::print(R"({{"peers":{},"room":{},"join_us":{:.2f},"candidates_us":{:.2f},"report_us":{:.2f}}})"
             "\n",
             with.members, with.room, outcome.join_us, outcome.candidates_us, outcome.report_us);
  return {};
}

}  // namespace
}  // namespace p2p::bench

int main(int count, char** texts) {
  using namespace p2p::bench;
  CLI::App app{"Load on a signaling server that runs already"};
  app.require_subcommand(1);
  Arguments with;
  const auto add = [&](const char* name, const char* what, p2p::Result<void> (*run)(const Arguments&)) {
    CLI::App* command = app.add_subcommand(name, what);
    command->add_option("--port", with.port, "of the server, on 127.0.0.1");
    command->add_option("--pid", with.pid, "of the server, whose CPU time and memory are read");
    command->add_option("--members", with.members, "connections that are there all the time")->capture_default_str();
    command->add_option("--room", with.room, "members of a room")->capture_default_str();
    command->add_option("--in-flight", with.in_flight, "bursts of signals, or joins, under way at once")->capture_default_str();
    command->add_option("--burst", with.burst, "signals that a member sends at once")->capture_default_str();
    command->add_option("--per-s", with.per_s, "signals a second at times of their own; 0: as many as come back")->capture_default_str();
    command->add_option("--arrivals-per-s", with.arrivals_per_s, "of a crowd that comes and goes")->capture_default_str();
    command->add_option("--watchers", with.watchers, "of the list of streams")->capture_default_str();
    command->add_option("--filters", with.filters, "of theirs: the same, one of some, or each its own")->check(CLI::IsMember({"same", "some", "own"}))->capture_default_str();
    command->add_option("--seconds", with.seconds, "measured, after a warm-up of 2")->capture_default_str();
    command->callback([&with, run] {
      if (const auto done = run(with); !done) {
        fmt::print(stderr, "{}\n", done.error().text);
        throw CLI::RuntimeError{1};
      }
    });
  };
  raise_descriptor_limit();
  add("signals", "Members of rooms signal each other", &signals);
  add("joins", "Viewers come with new connections, join and go", &joins);
  add("idle", "Connections that do nothing", &idle);
  add("soak", "Load, and a crowd that misbehaves", &soak);
  add("lists", "The list of streams changes and is watched", &lists);
  add("growth", "The directory alone, in this process, with so many members", &growth);
  CLI11_PARSE(app, count, texts);
  return 0;
}
