#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace p2p::simulator {

/// Things that wait to be taken out once each, named by a number: events stay small and what they carry is reused.
template <typename Thing>
class Slab {
 public:
  std::uint32_t put(Thing thing) {
    if (free_.empty()) {
      things_.push_back(std::move(thing));
      return static_cast<std::uint32_t>(things_.size() - 1);
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    things_[place] = std::move(thing);
    return place;
  }
  [[nodiscard]] Thing& at(std::uint32_t place) { return things_[place]; }
  Thing take(std::uint32_t place) {
    free_.push_back(place);
    return std::exchange(things_[place], Thing{});
  }

 private:
  std::vector<Thing> things_;
  std::vector<std::uint32_t> free_;
};

}  // namespace p2p::simulator
