#include "joins.hpp"

#include <chrono>

#include "signals.hpp"

namespace p2p::bench {

void Joins::begin_next() {
  if (stopping_) return;
  auto client = std::make_shared<Client>(net_, *this, next_number_++);
  under_way_.emplace(client->number(), client);
  client->open();
}

void Joins::on_hello(Client& client, std::string_view /*hello*/) {
  client.emit("stream:join", join_request(cast_.stream_id(0), net::make_peer_secret()), 1);
}

void Joins::on_ack(Client& client, std::uint64_t /*id*/, std::string_view json) {
  ++joined_;
  if (!is_ok(json) || json.find("\"candidates\":[{") == std::string_view::npos) cast_.failed(json);
  if (measuring_) latencies_.push_back((steady_now() - client.opened_at()).count());
  client.leave();
  end(client);
}

void Joins::on_lost(Client& client, std::string_view why) {
  if (!stopping_) cast_.failed(why);
  end(client);
}

void Joins::end(Client& client) {
  under_way_.erase(client.number());
  begin_next();
}

Result<JoinsOutcome> Joins::run() {
  for (std::size_t i = 0; i < plan_.in_flight; ++i) begin_next();
  const auto until = [&](Instant end) {
    while (steady_now() < end) net_.io.run_one_for(std::chrono::milliseconds{20});
  };
  until(steady_now() + plan_.warm_up);
  const Instant from = steady_now();
  const Duration cpu_before = server_.cpu_time();
  const std::uint64_t joined_before = joined_;
  measuring_ = true;
  until(from + plan_.measured);
  measuring_ = false;
  JoinsOutcome outcome{.joined = joined_ - joined_before, .cpu = server_.cpu_time() - cpu_before, .wall = steady_now() - from};
  stopping_ = true;
  if (outcome.joined == 0) return fail("nobody could join");
  outcome.p50 = percentile(latencies_, 0.5);
  outcome.p99 = percentile(latencies_, 0.99);
  return outcome;
}

}  // namespace p2p::bench
