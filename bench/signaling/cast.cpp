#include "cast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/hex.hpp"
#include "socketio/json_text.hpp"

namespace p2p::bench {
namespace {

constexpr std::uint64_t kEnterAck = 1;
constexpr std::uint64_t kReportAck = 2;
constexpr std::size_t kAtOnce = 64;
constexpr std::size_t kNeighbors = 8;
constexpr Duration kReportEvery = 5s;
constexpr Duration kReportTick = 5ms;
constexpr Duration kPatience = 120s;

}  // namespace

std::string join_request(std::string_view stream_id, const net::PeerSecret& secret) {
  return fmt::format(R"({{"streamId":"{}","peerSecret":"{}","giving":true}})", stream_id, to_hex(secret));
}

Cast::Cast(Net& net, Options options) : net_{net}, options_{options}, report_timer_{net.io} {
  for (std::size_t i = 0; i < options_.members; ++i) {
    Member member{.client = std::make_shared<Client>(net_, *this, i), .secret = net::make_peer_secret()};
    member.peer_id = to_text(net::peer_id_of(member.secret));
    members_.push_back(std::move(member));
    if (options_.room_size > 0 && i % options_.room_size == 0) {
      net::StreamKey key = net::StreamKey::generate();
      std::string id = net::stream_id_of(key.public_key());
      rooms_.push_back({std::move(key), std::move(id)});
    }
  }
  for (std::size_t i = 0; i < members_.size() && options_.room_size > 0; ++i) {
    std::string neighbors;
    const std::size_t first = i / options_.room_size * options_.room_size;
    for (std::size_t n = 1; n <= std::min(kNeighbors, options_.room_size - 1); ++n) {
      const std::size_t other = first + (i - first + n) % options_.room_size;
      if (other >= members_.size()) continue;
      neighbors += fmt::format(R"({}{{"peerId":"{}","receivedBytes":{},"failedPieces":0,"rttMs":{}}})", neighbors.empty() ? "" : ",",
                               members_[other].peer_id, 200'000 + i, 20 + n);
    }
    members_[i].report = fmt::format(
        R"({{"uploadBitsPerS":5000000,"uploadUsedBitsPerS":1500000,"latencyMs":700,"bufferMs":900,"hop":2,"receiving":true,"neighbors":[{}]}})", neighbors);
  }
}

Result<void> Cast::assemble() {
  began_ = steady_now();
  for (std::size_t i = 0; i < kAtOnce; ++i) next_step();
  const std::size_t steps = members_.size() * (options_.room_size > 0 ? 2 : 1);
  while (steps_done_ < steps) {
    if (!failures_.empty()) return fail(fmt::format("a member was not served: {}", failures_.begin()->first));
    if (steady_now() - began_ > kPatience) return fail(fmt::format("after {} s only {} of {} steps are done", kPatience / 1s, steps_done_, steps));
    net_.io.run_one_for(std::chrono::milliseconds{100});
  }
  if (options_.room_size > 0) report_on();
  return {};
}

/// Connections first, then sources, then viewers.
void Cast::next_step() {
  const std::size_t step = steps_begun_;
  const std::size_t all = members_.size();
  if (step < all) {
    ++steps_begun_;
    members_[step].client->open();
    return;
  }
  if (options_.room_size == 0 || step >= 2 * all || (steps_done_ < all && step == all)) return;
  const std::size_t sources = rooms_.size();
  const std::size_t turn = step - all;
  if (turn >= sources && steps_done_ < all + sources) return;
  ++steps_begun_;
  if (turn < sources) {
    Member& member = members_[turn * options_.room_size];
    const Room& room = rooms_[turn];
    member.client->emit("stream:create",
                        fmt::format(R"({{"publicKey":"{}","signature":"{}","title":"Stream {}","peerSecret":"{}"}})", to_hex(room.key.public_key()),
                                    to_hex(room.key.sign(as_bytes(net::create_message(member.nonce)))), turn, to_hex(member.secret)),
                        kEnterAck);
  } else {
    // The turn-th of those who are no sources.
    const std::size_t viewer = turn - sources;
    const std::size_t number = viewer / (options_.room_size - 1) * options_.room_size + 1 + viewer % (options_.room_size - 1);
    members_[number].client->emit("stream:join", join_request(stream_id(number), members_[number].secret), kEnterAck);
  }
}

void Cast::step_done() {
  ++steps_done_;
  while (steps_begun_ - steps_done_ < kAtOnce) {
    const std::size_t before = steps_begun_;
    next_step();
    if (steps_begun_ == before) return;
  }
}

void Cast::on_hello(Client& client, std::string_view hello) {
  members_[client.number()].nonce = socketio::json_string_member(hello, "nonce").value_or("");
  step_done();
}

void Cast::on_event(Client& client, std::string_view name, std::string_view json) {
  if (scenario_ != nullptr) scenario_->on_event(client, name, json);
}

void Cast::on_ack(Client& client, std::uint64_t id, std::string_view json) {
  if (id >= kFirstFreeAck) {
    if (scenario_ != nullptr) scenario_->on_ack(client, id, json);
    return;
  }
  if (!is_ok(json)) failed(json);
  if (id == kEnterAck) step_done();
}

void Cast::on_lost(Client& /*client*/, std::string_view why) { failed(why); }

/// In turn, so that a fifth of everybody speaks in each second.
void Cast::report_on() {
  const auto due = static_cast<std::size_t>((steady_now() - began_).count() * static_cast<std::int64_t>(members_.size()) / kReportEvery.count());
  if (reported_ == 0) reported_ = due;
  for (; reported_ < due; ++reported_) {
    Member& member = members_[reported_ % members_.size()];
    member.client->emit("report", member.report, kReportAck);
  }
  report_timer_.expires_after(kReportTick);
  report_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) report_on();
  });
}

}  // namespace p2p::bench
