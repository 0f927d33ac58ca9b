#include "lists.hpp"

#include <fmt/format.h>

#include <chrono>

#include "signals.hpp"

namespace p2p::bench {
namespace {

constexpr std::uint64_t kWatchAck = 1;
constexpr std::size_t kAtOnce = 64;
constexpr Duration kPatience = 120s;

}  // namespace

Lists::Lists(Net& net, Cast& cast, const ServerProcess& server, ListsPlan plan)
    : net_{net}, cast_{cast}, server_{server}, plan_{plan}, inside_(plan.watchers), asked_(1 << 16) {
  cast_.set_scenario(this);
  for (std::size_t i = 0; i < plan_.watchers; ++i) watchers_.push_back(std::make_shared<Client>(net_, *this, cast_.size() + i));
}

/// Titles are `Stream N, take M`: a search for three digits finds some of them.
std::string Lists::filter_of(std::size_t watcher) const {
  switch (plan_.filters) {
    case Filters::kSame: return "{}";
    case Filters::kSome: return fmt::format(R"({{"search":"stream {}"}})", watcher % 100);
    case Filters::kOwn: return fmt::format(R"({{"search":"{}","limit":{}}})", watcher % 1'000, 100 + watcher / 1'000);
  }
  return "{}";
}

Result<void> Lists::open_watchers() {
  const Instant began = steady_now();
  for (; opened_ < std::min(kAtOnce, watchers_.size()); ++opened_) watchers_[opened_]->open();
  while (watching_ < watchers_.size()) {
    if (!cast_.failures().empty()) return fail("a watcher was not served: " + cast_.failures().begin()->first);
    if (steady_now() - began > kPatience) return fail(fmt::format("after {} s only {} watch", kPatience / 1s, watching_));
    net_.io.run_one_for(std::chrono::milliseconds{100});
  }
  return {};
}

void Lists::on_hello(Client& client, std::string_view /*hello*/) { client.emit("streams:watch", filter_of(client.number() - cast_.size()), kWatchAck); }

void Lists::on_event(Client& /*client*/, std::string_view name, std::string_view json) {
  if (!measuring_ || name != "streams:delta") return;
  ++deltas_;
  bytes_ += json.size();
}

void Lists::on_ack(Client& /*client*/, std::uint64_t id, std::string_view json) {
  if (!is_ok(json)) cast_.failed(json);
  if (id == kWatchAck) {
    ++watching_;
    if (opened_ < watchers_.size()) watchers_[opened_++]->open();
  } else if (measuring_ && id >= Cast::kFirstFreeAck) {
    latencies_.push_back((steady_now() - asked_[(id - Cast::kFirstFreeAck) % asked_.size()]).count());
  }
}

void Lists::on_lost(Client& /*client*/, std::string_view why) {
  if (!stopping_) cast_.failed(why);
}

void Lists::update() {
  const std::uint64_t number = updates_++;
  const std::size_t room = number * 7 % cast_.size();
  asked_[number % asked_.size()] = steady_now();
  cast_.client(room).emit("stream:update", fmt::format(R"({{"title":"Stream {}, take {}"}})", room, number), Cast::kFirstFreeAck + number);
}

void Lists::move() {
  const std::size_t watcher = moves_++ * 13 % watchers_.size();
  if (inside_[watcher]) {
    watchers_[watcher]->emit("stream:leave", "{}");
  } else {
    watchers_[watcher]->emit("stream:join", join_request(cast_.stream_id(watcher % cast_.size()), net::make_peer_secret()));
  }
  inside_[watcher] = !inside_[watcher];
}

void Lists::change() {
  const auto due = [&](std::uint32_t per_s) { return static_cast<std::uint64_t>((steady_now() - began_).count() * per_s / 1'000'000); };
  while (updates_ < due(plan_.updates_per_s)) update();
  while (moves_ < due(plan_.moves_per_s)) move();
}

Result<ListsOutcome> Lists::run() {
  if (auto there = open_watchers(); !there) return std::unexpected{there.error()};
  began_ = steady_now();
  const auto until = [&](Instant end) {
    while (steady_now() < end) {
      change();
      net_.io.run_one_for(std::chrono::milliseconds{5});
      net_.io.poll();
    }
  };
  until(began_ + plan_.warm_up);
  const Instant from = steady_now();
  const Duration cpu_before = server_.cpu_time();
  measuring_ = true;
  until(from + plan_.measured);
  measuring_ = false;
  ListsOutcome outcome{.cpu = server_.cpu_time() - cpu_before, .wall = steady_now() - from, .deltas = deltas_, .bytes = bytes_};
  outcome.p50 = percentile(latencies_, 0.5);
  outcome.p99 = percentile(latencies_, 0.99);
  stopping_ = true;
  return outcome;
}

}  // namespace p2p::bench
