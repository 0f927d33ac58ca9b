#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "base/time.hpp"
#include "p2p-core/chat.hpp"
#include "simulator/figures.hpp"

namespace p2p::simulator {

/// What is shown where in the chat, from outside of the engines.
class ChatRecord {
 public:
  /// `told`: the viewer said it now. Texts are all different.
  void shown(std::uint32_t viewer, const mesh::ChatMessage& message, bool shout, bool own, Instant now);
  void hidden(std::uint32_t viewer, const std::vector<mesh::ChatId>& ids);
  void shouted(std::uint64_t link) { shout_links_.insert(link); }
  void joined(std::uint32_t viewer, Instant now) { viewers_[viewer].joined = now; }

  /// Of the viewers named, who are there and honest, and the source (0).
  void finish(const std::vector<std::uint32_t>& there, Instant end, Duration measured, Figures& figures) const;

 private:
  using Place = std::tuple<std::int64_t, std::uint16_t, mesh::ChatId>;
  struct Viewer {
    Instant joined{};
    std::set<Place> shown;             // without shouts
    std::uint64_t shouts = 0;
  };
  static constexpr std::size_t kCompared = 100;
  static constexpr Duration kSettled = 6s;   ///< what was said later is on its way

  std::map<std::uint32_t, Viewer> viewers_;
  std::map<mesh::ChatId, Instant> said_;
  std::vector<float> delays_ms_;
  std::set<std::uint64_t> shout_links_;
};

}  // namespace p2p::simulator
