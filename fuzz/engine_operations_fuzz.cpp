#include <algorithm>
#include <cstdint>
#include <vector>

#include "testing/mini_swarm.hpp"

// A swarm to which the fuzzer does what networks and people do: viewers come, go without a word and lose links; the directory is
// away; messages are lost or spoilt; an edge is offered, lies or goes; players stand and are told to; people talk, and the streamer moderates. Two bytes are an operation and whom it meets. The engines' invariants hold after every step (the swarm checks
// them), and while nothing is spoilt nobody is accused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace p2p;
  using namespace p2p::mesh;
  constexpr std::size_t kOperationsMax = 24;
  constexpr std::size_t kViewersMax = 6;
  testing::MiniSwarm swarm;
  swarm.add_source();
  std::vector<PeerId> viewers{swarm.add_viewer()};
  std::uint32_t lost_each = 0;     // every n-th message; 0: none
  std::uint32_t spoilt_each = 0;
  std::uint32_t passed = 0;
  bool spoilt = false;
  swarm.on_the_way = [&](PeerId, PeerId, Channel channel, Bytes& message) {
    ++passed;
    if (lost_each > 0 && channel == Channel::kPieces && passed % lost_each == 0) message.clear();
    if (spoilt_each > 0 && !message.empty() && passed % spoilt_each == 0) {
      message[passed % message.size()] ^= std::byte{0x20};
      spoilt = true;
    }
  };
  std::uint8_t edge = 0;   // what it gives: 1 the piece, 2 something else of its size, 3 too little; else nothing
  swarm.edge = [&](PieceNumber piece) -> Payload {
    if (edge == 0 || edge > 3 || piece >= swarm.made.size()) return {};
    const Payload& made = swarm.made[piece];
    if (edge == 1) return made;
    return Payload{Bytes(edge == 2 ? made.size() : made.size() / 2)};
  };
  const auto key_of = [](PeerId peer) {
    PublicKey key{};
    key[0] = static_cast<std::byte>(peer.value >> 32);
    return key;
  };
  std::uint32_t said = 0;
  swarm.stream_for(400ms);
  for (std::size_t at = 0; at + 1 < std::min(size, 2 * kOperationsMax); at += 2) {
    const std::uint8_t whom = data[at + 1];
    const auto viewer = [&] { return viewers[whom % viewers.size()]; };
    switch (data[at] % 18) {
      case 0:
        if (viewers.size() < kViewersMax) viewers.push_back(swarm.add_viewer({.giving = (whom & 1) != 0}));
        break;
      case 1:
        if (viewers.size() > 1) {
          swarm.kill(viewer());
          std::erase(viewers, viewer());
        }
        break;
      case 2: {
        const PeerId one = viewer();
        const std::vector<PeerId> linked = swarm.peers.at(one).linked;
        if (!linked.empty()) swarm.cut(one, linked[(whom / 8U) % linked.size()]);
        break;
      }
      case 3: (whom & 1) != 0 ? swarm.lose_directory() : swarm.find_directory(); break;
      case 4: lost_each = whom % 32; break;
      case 5: spoilt_each = whom == 0 ? 0 : 16U + whom; break;
      case 6:
        edge = whom % 5;
        swarm.handle(viewer(), EdgeOffered{edge != 4});
        break;
      case 7:
        swarm.handle(viewer(), Playhead{.media_time = Duration{whom * 40'000}, .buffered = Duration{(whom % 8) * 100'000}, .playing = (whom & 1) != 0,
                                        .stalled = (whom & 2) != 0});
        break;
      case 8: swarm.handle(viewer(), LatencyChosen{(whom & 1) != 0 ? Latency::kBalanced : Latency::kLow}); break;
      case 9: swarm.handle(viewer(), ReturnToLive{}); break;
      case 10: swarm.handle(viewer(), SharingChanged{.giving = (whom & 1) != 0, .upload_bits_per_s_max = std::int64_t{whom} * 20'000}); break;
      case 11: swarm.hold_up(viewer(), Duration{(whom % 32) * 50'000}); break;
      case 12: swarm.run_for(Duration{whom * 20'000}); break;
      case 13:
        swarm.handle(viewer(), ChatAs{.key = key_of(viewer()), .name = "viewer"});
        for (int i = 0; i <= whom / 64; ++i) swarm.handle(viewer(), ChatSay{++said, std::string(1 + whom * 2, 'a')});
        break;
      case 14: swarm.handle(viewer(), ChatReact{static_cast<std::uint8_t>(whom % 8)}); break;
      case 15: {
        const auto& chat = swarm.peers.at(viewer()).chat;
        ChatModerate wish{.what = static_cast<ChatModerate::What>(whom % 5), .slow_s = static_cast<std::uint16_t>(whom / 8), .name = "viewer", .text = "pinned"};
        if (!chat.empty()) {
          wish.author = chat[whom % chat.size()].author;
          wish.message = chat[whom % chat.size()].id;
        }
        swarm.handle(testing::MiniSwarm::id(1), wish);   // the source
        break;
      }
      default: swarm.stream_for(Duration{(whom % 16) * 200'000}); break;
    }
    swarm.stream_for(200ms);
  }
  if (spoilt) return 0;
  for (const auto& [id, peer] : swarm.peers) CHECK(peer.misbehaved.empty(), "an honest peer was accused");
  return 0;
}
