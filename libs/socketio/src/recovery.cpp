#include "socketio/recovery.hpp"

#include <charconv>
#include <numeric>
#include <utility>

namespace p2p::socketio {
namespace {

std::size_t bytes_of(const SentEvent& event) {
  return std::accumulate(event.attachments.begin(), event.attachments.end(), event.packet.size(),
                         [](std::size_t sum, const std::string& attachment) { return sum + attachment.size(); });
}

}  // namespace

void RecoveryWindow::record(SentEvent event, const RecoveryLimits& limits) {
  trim(event.sent_at, limits);
  bytes_ += bytes_of(event);
  events_.push_back(std::move(event));
  ++next_;
  while (events_.size() > limits.packets_max || bytes_ > limits.bytes_max) drop_first();
}

void RecoveryWindow::trim(Instant now, const RecoveryLimits& limits) {
  while (!events_.empty() && events_.front().sent_at + limits.age_max < now) drop_first();
}

void RecoveryWindow::drop_first() {
  bytes_ -= bytes_of(events_.front());
  events_.pop_front();
}

std::optional<std::vector<const SentEvent*>> RecoveryWindow::after(std::string_view offset) const {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(offset.data(), offset.data() + offset.size(), number);
  if (error != std::errc{} || end != offset.data() + offset.size() || number == 0 || number >= next_) return std::nullopt;
  const std::uint64_t missed = next_ - 1 - number;
  if (missed > events_.size()) return std::nullopt;
  std::vector<const SentEvent*> events;
  for (std::size_t i = events_.size() - static_cast<std::size_t>(missed); i < events_.size(); ++i) events.push_back(&events_[i]);
  return events;
}

void RecoveryStore::keep(RecoverableClient client, Instant now) {
  if (limits_.away_max == 0 || by_pid_.contains(client.pid)) return;
  handle_time(now);
  if (away_.size() == limits_.away_max) drop_first();
  away_.push_back({std::move(client), now});
  by_pid_.emplace(away_.back().client.pid, std::prev(away_.end()));
}

std::optional<RecoverableClient> RecoveryStore::take(std::string_view nspace, std::string_view pid, std::string_view offset, Instant now) {
  handle_time(now);
  const auto found = by_pid_.find(pid);
  if (found == by_pid_.end() || found->second->client.nspace != nspace) return std::nullopt;
  const auto away = found->second;
  by_pid_.erase(found);
  RecoverableClient client = std::move(away->client);
  away_.erase(away);
  client.window.trim(now, limits_);
  if (!client.window.after(offset)) return std::nullopt;
  return client;
}

void RecoveryStore::handle_time(Instant now) {
  while (!away_.empty() && next_wake() <= now) drop_first();
}

void RecoveryStore::drop_first() {
  by_pid_.erase(away_.front().client.pid);
  away_.pop_front();
}

}  // namespace p2p::socketio
