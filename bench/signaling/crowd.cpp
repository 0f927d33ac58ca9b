#include "crowd.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <vector>

#include "base/hex.hpp"

namespace p2p::bench {
namespace {

using socketio::Opcode;

constexpr std::size_t kBadFrom = 512 * 1024;   // numbers of those who behave badly, and so their addresses
constexpr Duration kTick = 20ms;
constexpr Duration kVisit = 30s;        // the longest of those who are waiting for something
constexpr Duration kSilence = 70s;      // more than the server's ping interval and timeout together
constexpr std::uint64_t kJoinAck = 1;
constexpr std::uint64_t kAskAck = 2;
constexpr std::uint64_t kFloodAck = 3;

}  // namespace

Crowd::Crowd(Net& net, Cast& cast, std::uint32_t arrivals_per_s)
    : net_{net}, cast_{cast}, timer_{net.io}, per_s_{arrivals_per_s}, next_good_{cast.size()}, next_bad_{kBadFrom} {}

void Crowd::start() {
  began_ = steady_now();
  tick();
}

void Crowd::stop() {
  stopped_ = true;
  timer_.cancel();
  for (auto& [number, visitor] : visitors_) visitor.client->crash();
  visitors_.clear();
}

void Crowd::tick() {
  if (stopped_) return;
  const Instant now = steady_now();
  const auto due = static_cast<std::uint64_t>((now - began_) / 1ms) * per_s_ / 1'000;
  for (; due_ < due; ++due_) {
    const std::size_t member = static_cast<std::size_t>(net_.prng.below(cast_.size()));
    open(arrive(manner_of_next(), cast_.stream_id(member)));
  }
  std::vector<std::size_t> over;
  for (auto& [number, visitor] : visitors_) {
    if (visitor.manner == Manner::kFloods && !visitor.victim.empty()) flood(visitor, 1);
    if (visitor.until <= now || !visitor.client->open_still()) over.push_back(number);
  }
  for (const std::size_t number : over) {
    const Visitor& visitor = visitors_.at(number);
    if (visitor.manner == Manner::kLeaves && visitor.client->open_still()) cast_.failed("a viewer waited in vain");
    visitor.client->crash();
    visitors_.erase(number);
  }
  timer_.expires_after(kTick);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) tick();
  });
}

Crowd::Manner Crowd::manner_of_next() {
  const std::uint64_t draw = net_.prng.below(100);
  if (draw < 50) return Manner::kLeaves;
  if (draw < 65) return Manner::kCrashes;
  if (draw < 70) return Manner::kFallsSilent;
  if (draw < 72) return Manner::kReadsSlowly;
  return Manner::kTalksNonsense;
}

Crowd::Visitor& Crowd::arrive(Manner manner, std::string stream_id, std::string victim) {
  ++arrived_[manner];
  const std::size_t number = manner == Manner::kLeaves ? next_good_++ : next_bad_++;
  Visitor visitor{.client = std::make_shared<Client>(net_, *this, number),
                  .manner = manner,
                  .until = steady_now() + (manner == Manner::kFallsSilent ? kSilence : kVisit),
                  .secret = net::make_peer_secret(),
                  .stream_id = std::move(stream_id),
                  .victim = std::move(victim)};
  return visitors_.emplace(number, std::move(visitor)).first->second;
}

void Crowd::open(Visitor& visitor) {
  // Held here: who cannot even connect is dropped from the list at once.
  const std::shared_ptr<Client> client = visitor.client;
  if (visitor.manner == Manner::kReadsSlowly) client->take_little();
  if (visitor.manner != Manner::kTalksNonsense) {
    client->open();
    return;
  }
  switch (net_.prng.below(4)) {
    case 0:
      client->open("\x16\x03\x01\x02\x01\x01\xfc\x03\x03 this is TLS, more or less\r\n\r\n");
      return;
    case 1:
      client->open("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: webs");  // and no more
      return;
    default:
      client->open();
  }
}

void Crowd::on_hello(Client& client, std::string_view /*hello*/) {
  const auto found = visitors_.find(client.number());
  if (found == visitors_.end()) return;
  if (found->second.manner == Manner::kTalksNonsense) {
    talk_nonsense(client);
  } else {
    client.emit("stream:join", join_request(found->second.stream_id, found->second.secret), kJoinAck);
  }
}

void Crowd::on_ack(Client& client, std::uint64_t id, std::string_view json) {
  const auto found = visitors_.find(client.number());
  if (found == visitors_.end()) return;
  Visitor& visitor = found->second;
  if (visitor.manner == Manner::kLeaves && !is_ok(json)) cast_.failed(json);
  if (id == kJoinAck && is_ok(json)) {
    on_joined(visitor);
  } else if (id == kAskAck) {
    ++served_;
    client.leave();
    visitors_.erase(found);
  } else if (id == kFloodAck && json.find("no-such-peer") != std::string_view::npos) {
    client.leave();  // the victim was cut off
    visitors_.erase(found);
  }
}

void Crowd::on_joined(Visitor& visitor) {
  Client& client = *visitor.client;
  switch (visitor.manner) {
    case Manner::kLeaves:
      client.emit("candidates", R"({"exclude":[]})", kAskAck);
      return;
    case Manner::kCrashes:
      client.send_raw(std::string_view{"\x81\xfe\x40\x00head", 8});  // a frame of 16 KiB, of which no more will come
      client.crash();
      return;
    case Manner::kFallsSilent:
      client.fall_silent();
      return;
    case Manner::kReadsSlowly:
      client.stop_reading();
      open(arrive(Manner::kFloods, visitor.stream_id, to_text(net::peer_id_of(visitor.secret))));
      return;
    case Manner::kFloods:
      flood(visitor, 250);  // its burst is 300
      return;
    case Manner::kTalksNonsense:
      return;
  }
}

void Crowd::flood(Visitor& visitor, std::size_t signals) {
  static const std::string kBody(14'000, 'x');
  for (std::size_t i = 0; i < signals; ++i) {
    visitor.client->emit("signal", fmt::format(R"({{"to":"{}","data":{{"type":"offer","sdp":"{}"}}}})", visitor.victim, kBody), kFloodAck);
  }
}

void Crowd::talk_nonsense(Client& client) {
  static const std::array<std::string, 12> kTexts{"42[",
                                                  "42[\"signal\",{\"to\":}]",
                                                  "42[\"disconnect\"]",
                                                  "4",
                                                  "9",
                                                  "40",
                                                  "451-[\"x\",{\"_placeholder\":true,\"num\":7}]",
                                                  "42[" + std::string(40, '[') + std::string(40, ']') + "]",
                                                  "42[\"\xff\xfe\"]",
                                                  "427[\"no-such-event\",{}]",
                                                  "428[\"stream:join\",{\"streamId\":\"" + std::string(5'000, 'f') + "\"}]",
                                                  "429[\"signal\",[[[[[[1]]]]]]]"};
  switch (net_.prng.below(4)) {
    case 0: {
      std::string noise(64, '\0');
      for (char& c : noise) c = static_cast<char>(net_.prng.below(256));
      client.send_raw(noise);
      return;
    }
    case 1:
      client.send_frame(Opcode::kBinary, "bytes that nothing announced");
      return;
    case 2:
      client.send_frame(Opcode::kText, "42[\"" + std::string(70'000, 'a') + "\"]");
      return;
    default:
      client.send_frame(Opcode::kText, kTexts[static_cast<std::size_t>(net_.prng.below(kTexts.size()))]);
  }
}

void Crowd::on_lost(Client& client, std::string_view why) {
  const auto found = visitors_.find(client.number());
  if (found == visitors_.end()) return;
  if (found->second.manner == Manner::kLeaves) cast_.failed(why);
  // The list is walked through in tick(), which finds that it is closed.
}

}  // namespace p2p::bench
