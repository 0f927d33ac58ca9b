#include <algorithm>
#include <string>
#include <vector>

#include "model_signature.hpp"
#include "swarm.hpp"
#include "wire/message.hpp"

// What viewers say to each other, and one who shouts.
namespace p2p::simulator {
namespace {

constexpr Duration kSilentEnd = 10s;           ///< of the run: what was said before should be everywhere then
constexpr std::uint32_t kShoutsAtOnce = 16;    ///< four times a second
constexpr std::string_view kShout = "buy this now";

mesh::PublicKey key_of(std::uint64_t a, std::uint64_t b) {
  mesh::PublicKey key{};
  for (std::size_t i = 0; i < 8; ++i) {
    key[i] = static_cast<std::byte>(a >> (8 * i));
    key[8 + i] = static_cast<std::byte>(b >> (8 * i));
  }
  return key;
}

}  // namespace

void Simulation::Impl::enter_chat(std::uint32_t number) {
  if (world_.chat_per_min == 0) return;
  chat_.joined(number, now_);
  tell(number, number == 0 ? mesh::ChatAs{.key = std::nullopt, .name = "source"} : mesh::ChatAs{.key = key_of(seed_, number), .name = "viewer " + std::to_string(number)});
}

void Simulation::Impl::somebody_says() {
  if (now_ + kSilentEnd > Instant{} + world_.length) return;
  schedule(now_ + Duration{60s} / world_.chat_per_min, {.kind = Kind::kChat});
  // Somebody who watches; whoever was drawn may have gone.
  for (int tries = 0; tries < 8; ++tries) {
    const auto number = static_cast<std::uint32_t>(chat_prng_.below(peers_.size()));
    if (!alive(number) || hostile(number) || frozen(number) || peers_[number].leaving || (number != 0 && peers_[number].first_part < 0)) continue;
    tell(number, mesh::ChatSay{++chat_number_, "message " + std::to_string(chat_number_) + std::string(static_cast<std::size_t>(chat_prng_.below(80)), '.')});
    return settle(number);
  }
}

/// Each in a name of its own, each to every neighbor: only what stands between engine and network does that.
void Simulation::Impl::shout(std::uint32_t number) {
  if (reformed()) return;
  for (std::uint32_t i = 0; i < kShoutsAtOnce; ++i) {
    const std::int64_t time_ms = now_.time_since_epoch() / 1ms;
    wire::ChatSigned text{.blob = wire::encode(wire::ChatText{.author = key_of(number, ++chat_number_), .time_ms = time_ms, .name = "shouter", .text = std::string{kShout}})};
    text.signature = model_signature(wire::signed_chat_text(text.blob));
    const Payload bytes{wire::encode(wire::Message{wire::Chat{.messages = {text}, .own = true}})};
    for (Link& link : peers_[number].links) {
      chat_.shouted(link.id);
      send(number, link, {.from = number, .to = link.other, .link = link.id, .size = static_cast<std::uint32_t>(bytes.size()),
                          .channel = mesh::Channel::kControl, .header = {}, .body = bytes});
    }
  }
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::ChatShown& shown) {
  const bool shouted = shown.message.text == kShout;
  if (shouted && shown.message.time_ms < world_.measured_from / 1ms) return;   // what comes as history was said before
  story(number, LogKind::kChat, "shows \"" + shown.message.text + "\" of " + shown.message.name);
  chat_.shown(number, shown.message, shouted, shown.message.own, now_);
}

void Simulation::Impl::carry_out(std::uint32_t number, mesh::ChatHidden& hidden) { chat_.hidden(number, hidden.ids); }

void Simulation::Impl::finish_chat(Figures& figures) const {
  std::vector<std::uint32_t> there;
  for (std::uint32_t number = 0; number < peers_.size(); ++number) {
    if (alive(number) && !hostile(number) && !peers_[number].leaving && (number == 0 || peers_[number].first_part >= 0)) there.push_back(number);
  }
  chat_.finish(there, now_, world_.length - world_.measured_from, figures);
}

}  // namespace p2p::simulator
