#include "chat_record.hpp"

#include <algorithm>
#include <iterator>

#include "percentiles.hpp"

namespace p2p::simulator {

void ChatRecord::shown(std::uint32_t viewer, const mesh::ChatMessage& message, bool shout, bool own, Instant now) {
  Viewer& at = viewers_[viewer];
  if (shout) {
    ++at.shouts;
    return;
  }
  at.shown.insert({message.time_ms, message.counter, message.id});
  if (own) {
    said_[message.id] = now;
    return;
  }
  const auto said = said_.find(message.id);
  // Who came later gets it as history.
  if (said != said_.end() && at.joined < said->second) delays_ms_.push_back(static_cast<float>((now - said->second) / 1us) / 1000);
}

void ChatRecord::hidden(std::uint32_t viewer, const std::vector<mesh::ChatId>& ids) {
  std::erase_if(viewers_[viewer].shown, [&](const Place& place) { return std::ranges::count(ids, std::get<2>(place)) > 0; });
}

void ChatRecord::finish(const std::vector<std::uint32_t>& there, Instant end, Duration measured, Figures& figures) const {
  figures.chat_said = said_.size();
  figures.chat_shout_links = shout_links_.size();
  std::vector<float> delays = delays_ms_;
  figures.chat_ms_p50 = percentile(delays, 50);
  figures.chat_ms_p95 = percentile(delays, 95);
  figures.chat_ms_p99 = percentile(delays, 99);
  // What all should have: everything that anybody said and that is settled, in its order.
  std::set<Place> all;
  for (const auto& [number, viewer] : viewers_) {
    for (const Place& place : viewer.shown) {
      const auto said = said_.find(std::get<2>(place));
      if (said != said_.end() && said->second + kSettled < end) all.insert(place);
    }
  }
  std::vector<Place> last{all.begin(), all.end()};
  if (last.size() > kCompared) last.erase(last.begin(), last.end() - static_cast<std::ptrdiff_t>(kCompared));
  std::size_t asked = 0, whole = 0, due = 0, missed = 0;
  std::vector<float> shouts;
  for (const std::uint32_t number : there) {
    const auto found = viewers_.find(number);
    if (found == viewers_.end() || end - found->second.joined < 2 * kSettled) continue;
    ++asked;
    whole += std::ranges::includes(found->second.shown, last) ? 1 : 0;
    shouts.push_back(static_cast<float>(found->second.shouts));
    for (const Place& place : all) {
      if (said_.at(std::get<2>(place)) < found->second.joined + kSettled) continue;
      ++due;
      missed += found->second.shown.contains(place) ? 0 : 1;
    }
  }
  figures.chat_whole = asked == 0 ? 1 : static_cast<double>(whole) / static_cast<double>(asked);
  figures.chat_missed = ratio(static_cast<double>(missed), static_cast<double>(due));
  figures.chat_shouts_per_min = static_cast<double>(percentile(shouts, 50)) * 60e6 / static_cast<double>(std::max<std::int64_t>(measured.count(), 1));
}

}  // namespace p2p::simulator
