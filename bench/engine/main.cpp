#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "replay.hpp"
#include "stage.hpp"

namespace {

int failed(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  return 1;
}

}  // namespace

/// bench-engine record FILE [CHILDREN]: makes a trace. bench-engine replay FILE: tells it to an engine, and prints a line of JSON.
int main(int count, char** arguments) {
  using namespace p2p::bench;
  const std::string what = count > 2 ? arguments[1] : "";
  if (what == "record") {
    StageOptions options;
    if (count > 3) options.children = static_cast<std::uint32_t>(std::strtoul(arguments[3], nullptr, 10));
    if (options.children < 1 || options.children > 15) return failed("1 to 15 children: a relay has 16 links, one of them to the source.");
    const auto written = write(record(options), arguments[2]);
    return written ? 0 : failed(written.error().text);
  }
  if (what == "replay") {
    const auto trace = read_trace(arguments[2]);
    if (!trace) return failed(trace.error().text);
    Answers answers;
    const Cost whole = replay(*trace, nullptr, nullptr);
    (void)replay(*trace, nullptr, &answers);
    const Cost alone = replay(*trace, &answers, nullptr);
    fmt::print(R"({{"pieces":{},"cpu_ns":{},"cpu_ns_engine":{},"bytes_held":{},"piece_bytes_held":{}}})"
               "\n",
               whole.pieces, whole.cpu_ns, alone.cpu_ns, whole.bytes_held, trace->piece_bytes_held);
    return 0;
  }
  return failed("bench-engine record FILE [CHILDREN] | bench-engine replay FILE");
}
