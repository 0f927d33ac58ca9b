#include <algorithm>
#include <cstdint>

#include "testing/mini_swarm.hpp"

// A viewer with a source, an honest neighbor and one that says whatever the fuzzer likes: the engine's invariants hold after every
// step (the swarm checks them), and what it plays is what the source made.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p;
  using namespace p2p::mesh;
  testing::MiniSwarm swarm;
  swarm.add_source();
  swarm.stream_for(400ms);
  const PeerId viewer = swarm.add_viewer();
  const auto name = [&](PeerId peer, std::byte key) {
    PublicKey author{};
    author[0] = key;
    swarm.handle(peer, ChatAs{.key = author, .name = "viewer"});
  };
  name(viewer, std::byte{1});
  const PeerId liar = swarm.add_viewer();
  swarm.stream_for(600ms);
  swarm.handle(viewer, ChatSay{1, "hello"});
  swarm.handle(viewer, ChatReact{2});
  std::size_t at = 0;
  while (at + 2 < size) {
    const Channel channel = (data[at] & 1) != 0 ? Channel::kPieces : Channel::kControl;
    const std::size_t length = std::min<std::size_t>({static_cast<std::size_t>(data[at + 1]) * 4 + 1, size - at - 2, kMessageBytesMax});
    const auto bytes = std::as_bytes(std::span{data + at + 2, length});
    swarm.handle(viewer, MessageReceived{liar, channel, Payload::copy_of(bytes)});
    at += 2 + length;
  }
  swarm.handle(viewer, ChatSay{2, "anybody there?"});
  swarm.stream_for(400ms);
  for (const Misbehaved& report : swarm.peers[viewer].misbehaved) CHECK(report.peer == liar, "an honest peer was accused");
  return 0;
}
