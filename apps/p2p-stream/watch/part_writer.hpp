#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <variant>

#include "p2p-core/output.hpp"
#include "watch/mp4_output.hpp"

namespace p2p::app {

/// Writes on a thread of its own, so that a slow disk or a paused player never holds up the relaying.
///
/// One rendition is written: the one that choose() names. What comes before it is named waits.
///
/// Bounded: at most `kWaitingBytesMax` wait; what comes then is left out, and the file goes on with a later key frame.
class PartWriter {
 public:
  static constexpr std::size_t kWaitingBytesMax = 64u << 20;

  struct Written {
    std::int64_t bytes = 0;
    std::int64_t parts = 0;
    std::int64_t parts_left_out = 0;   ///< because the output was too slow
    Duration media{};
  };

  /// `failed` is called once, on the writer's thread, when the output cannot be written any more.
  PartWriter(Mp4Output output, std::function<void(Error)> failed);
  ~PartWriter();

  /// Once.
  void choose(mesh::RenditionId rendition);

  void put(const mesh::PlayRendition& play);
  void put(const mesh::PlayPart& play);

  /// Writes what waits, the first rendition that came if none was chosen, and ends the thread.
  void finish();

  [[nodiscard]] Written written() const;

 private:
  using Item = std::variant<mesh::PlayRendition, mesh::PlayPart>;

  void run();
  [[nodiscard]] std::optional<Error> write(const Item& item, std::optional<mesh::RenditionId> chosen);

  Mp4Output output_;
  std::function<void(Error)> failed_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::optional<mesh::RenditionId> chosen_;
  bool left_out_ = false;
  bool finishing_ = false;
  Written written_;
  std::thread thread_;
};

}  // namespace p2p::app
