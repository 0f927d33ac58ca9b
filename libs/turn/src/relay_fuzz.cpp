#include <algorithm>
#include <cstdint>

#include "base/check.hpp"
#include "testing/relay_client.hpp"

namespace {

using namespace p2p;
using namespace p2p::turn;

constexpr std::size_t kAllocationsMax = 6;

class Input {
 public:
  explicit Input(BytesView bytes) : left_{bytes} {}
  [[nodiscard]] bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto first = std::to_integer<std::uint8_t>(left_[0]);
    left_ = left_.subspan(1);
    return first;
  }
  BytesView take(std::size_t bytes) {
    const BytesView head = left_.first(std::min(bytes, left_.size()));
    left_ = left_.subspan(head.size());
    return head;
  }

 private:
  BytesView left_;
};

Endpoint endpoint(Input& input) {
  switch (input.byte() % 4) {
    case 0: return testing::at("9.9.9.9", input.byte());
    case 1: return testing::at("192.0.2.1", static_cast<std::uint16_t>(50'000 + input.byte() % 8));   // perhaps another allocation
    case 2: return testing::at("127.0.0.1", input.byte());
    default: return {IpAddress::v4(input.byte(), input.byte(), input.byte(), input.byte()), input.byte()};
  }
}

/// A request with a good credential and any attributes, so that what stands behind the door is reached.
void request(testing::RelayClient& client, Input& input) {
  const auto method = static_cast<StunMethod>(input.byte() % 10);
  (void)client.ask(method, [&](StunWriter& writer) {
    for (int left = input.byte() % 5; left > 0; --left) {
      switch (input.byte() % 6) {
        case 0: writer.udp_transport(); break;
        case 1: writer.peer(endpoint(input)); break;
        case 2: writer.channel(static_cast<std::uint16_t>(0x3fff + input.byte() % 8)); break;
        case 3: writer.lifetime(input.byte() % 4 == 0 ? 0 : input.byte() * 10U); break;
        case 4: writer.family(input.byte() % 4); break;
        default: writer.data(input.take(input.byte())); break;
      }
    }
  });
}

void check(const testing::Bench& bench) {
  CHECK(bench.network.open.size() <= kAllocationsMax, "as many sockets as there may be");
  CHECK(bench.network.open.size() == bench.relay.stats().allocations, "a socket each allocation");
  for (const auto& sent : bench.network.to_peers) CHECK(!is_special(sent.peer.ip), "nothing goes behind a firewall");
}

}  // namespace

/// The first byte says whether the rest is one datagram as it is, or a sequence of operations of three clients.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  testing::Bench bench{{.allocations_max = kAllocationsMax, .allocations_per_peer_max = 3}};
  Input input{std::as_bytes(std::span{data, size})};
  testing::RelayClient clients[] = {{bench, testing::at("5.1.1.1", 1), "alice"}, {bench, testing::at("5.1.1.1", 2), "alice"}, {bench, testing::at("5.2.2.2", 1), "bob"}};
  if (input.byte() % 2 == 0) {
    bench.relay.handle_client({testing::at("5.1.1.1", 1), testing::ip("192.0.2.1")}, input.take(size), bench.time);
    check(bench);
    return 0;
  }
  while (!input.empty()) {
    testing::RelayClient& client = clients[input.byte() % 3];
    switch (input.byte() % 7) {
      case 0: (void)client.allocate(); break;
      case 1: request(client, input); break;
      case 2: client.send(endpoint(input), as_text(input.take(input.byte()))); break;
      case 3: client.send(static_cast<std::uint16_t>(0x3fff + input.byte() % 8), as_text(input.take(input.byte()))); break;
      case 4: bench.relay.handle_peer(static_cast<std::uint16_t>(50'000 + input.byte() % 8), endpoint(input), input.take(input.byte()), bench.time); break;
      case 5: bench.pass(std::chrono::seconds{input.byte() * 4}); break;
      default: bench.relay.handle_client({testing::at("5.1.1.1", 1), testing::ip("192.0.2.1")}, input.take(input.byte()), bench.time); break;
    }
    check(bench);
  }
  return 0;
}
