#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "socketio/recovery.hpp"

/// Clients that are sent events, go away and come back with offsets of any kind: each byte pair is an operation.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p::socketio;
  using namespace std::chrono_literals;
  constexpr RecoveryLimits kLimits{.packets_max = 5, .bytes_max = 200, .age_max = 60s, .away_max = 3};
  RecoveryStore store{kLimits};
  p2p::Instant now{};
  RecoverableClient here{.nspace = "/", .sid = "s", .pid = "0", .window = {}};
  std::uint64_t sent = 0;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    const std::uint8_t value = data[i + 1];
    switch (data[i] % 4) {
      case 0:
        here.window.record({std::string(value, 'x'), std::vector<std::string>(value % 3, "y"), now}, kLimits);
        ++sent;
        CHECK(here.window.packets() <= kLimits.packets_max && here.window.bytes() <= kLimits.bytes_max, "a window above its limits");
        CHECK(here.window.after(std::to_string(sent)), "who saw the last event has missed nothing");
        break;
      case 1:
        now += std::chrono::seconds{value};
        store.handle_time(now);
        CHECK(store.next_wake() > now, "a client that is away for too long");
        break;
      case 2:
        store.keep(std::move(here), now);
        CHECK(store.size() <= kLimits.away_max, "more clients away than are kept");
        here = {.nspace = "/", .sid = "s", .pid = std::to_string(value % 8), .window = {}};
        sent = 0;
        break;
      case 3: {
        const std::string offset = std::to_string(value / 8);
        if (auto client = store.take("/", std::to_string(value % 8), offset, now)) {
          const auto missed = client->window.after(offset);
          CHECK(missed && missed->size() <= kLimits.packets_max, "a client that was given back cannot be helped");
          here = std::move(*client);
          sent = std::stoull(here.window.next_offset()) - 1;
        }
        break;
      }
    }
  }
  return 0;
}
