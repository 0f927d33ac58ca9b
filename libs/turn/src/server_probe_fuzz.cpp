#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "turn/server_probe.hpp"

using namespace p2p;
using namespace p2p::turn;

/// A hostile server: pieces of the input are its messages, each made an answer to what was asked, so that it is looked into.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  BytesView left{reinterpret_cast<const std::byte*>(data), size};
  ServerProbe probe{{.username = "u", .password = "p", .first_transaction = {}}};
  while (!left.empty()) {
    const std::size_t length = std::min<std::size_t>(std::to_integer<std::size_t>(left[0]), left.size() - 1);
    Bytes message{left.begin() + 1, left.begin() + 1 + static_cast<std::ptrdiff_t>(length)};
    left = left.subspan(1 + length);
    const Bytes& request = probe.request();
    for (std::size_t i = 4; i < 20 && i < message.size() && i < request.size(); ++i) message[i] = request[i];   // cookie and transaction
    const auto state = probe.handle(message);
    CHECK((state == ServerProbe::State::kAsking) == !probe.request().empty(), "there is something to ask while it asks, and only then");
  }
  return 0;
}
