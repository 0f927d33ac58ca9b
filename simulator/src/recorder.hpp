#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/digest.hpp"
#include "p2p-core/types.hpp"
#include "simulator/figures.hpp"
#include "simulator/world.hpp"

namespace p2p::simulator {

/// Stands for SHA-256: equal bytes, equal digest. It looks at the ends only; what the simulator makes differs there.
[[nodiscard]] std::uint64_t content_of(BytesView bytes);

/// Watches what arrives where, from outside of the engines, and makes the figures of a run.
class Recorder {
 public:
  struct Piece {
    std::uint32_t part = 0;             ///< the same number in all renditions
    std::uint16_t index = 0;            ///< in its part
    std::uint32_t number = 0;           ///< in the stream
  };
  explicit Recorder(const World& world);

  // The source.
  void produced(std::uint32_t rendition, std::int64_t bytes, Instant captured, Instant now);   // each in turn
  void cut(std::uint64_t content, std::int64_t bytes);  // the source's pieces, in order
  [[nodiscard]] std::optional<Piece> piece(std::uint64_t content) const;

  // Viewers.
  void joined(std::uint32_t viewer, bool counted, Instant now);
  void left(std::uint32_t viewer, Instant now);
  void verified(std::uint32_t viewer, const Piece& piece, std::uint8_t depth, Instant now);
  void complete(std::uint32_t viewer, std::uint32_t part, Instant now);
  void played(std::uint32_t viewer, Instant now);
  /// The player has stood since then, and still does. Told again and again until it goes on.
  void stands(std::uint32_t viewer, Instant since, Instant now);
  /// How the player is, at even times.
  void watched(std::uint32_t viewer, Duration behind_live, Duration buffered, bool stands, Instant now);
  /// A part was played at `bits_per_s` where the line would have carried `oracle_bits_per_s`; `changed`: the part before was of another rendition.
  void quality(std::uint32_t viewer, std::int64_t bits_per_s, std::int64_t oracle_bits_per_s, bool changed, Instant now);

  // Bytes on their way. From here on: after the warm-up.
  void payload(std::uint32_t to, bool from_source, bool hostile, std::int64_t bytes, Instant now);
  void from_edge(std::int64_t bytes, Instant now) { from_edge_ += measuring(now) ? bytes : 0; }
  [[nodiscard]] std::int64_t edge_bytes() const { return from_edge_; }
  void control(std::int64_t bytes, Instant now);

  [[nodiscard]] bool measuring(Instant now) const { return now >= Instant{} + world_.measured_from && now < measured_until_; }
  [[nodiscard]] std::int64_t measured_payload() const { return from_peers_ + from_source_ + from_edge_; }

  /// Whether this one is among those whom figures are about.
  void count(std::uint32_t viewer, bool counted) { viewers_[viewer].counted = counted; }
  /// What came lately: parts that are two seconds old and at most `length` older.
  struct Lately {
    std::vector<std::uint32_t> delays_ms;
    std::uint64_t due = 0;
    std::uint64_t in_time = 0;           ///< within 2 s
    std::int64_t produced = 0;           ///< bytes
    std::int64_t from_source = 0;
    std::int64_t from_peers = 0;
  };
  [[nodiscard]] Lately lately(Duration length, Instant now) const;

  /// The delays, continuity, stalls, first frames, shares and hops; and the plots.
  void finish(Instant end, Outcome& outcome) const;
  /// Viewers whose last parts came.
  [[nodiscard]] double playing_at(Instant end, Duration there_for) const;

 private:
  struct Begun {
    std::uint32_t part = 0;
    std::uint16_t pieces = 0;
    std::array<std::uint64_t, 3> mask{};
  };
  struct Viewer {
    Instant joined{};
    Instant left = Instant::max();
    Instant first_frame = Instant::max();
    bool counted = true;
    std::uint32_t stalls = 0;
    Instant stall_counted{};            // the present one, last
    std::uint32_t first_part = 0;       // of `delays_ms`
    std::vector<std::uint16_t> delays_ms;
    std::vector<Begun> begun;           // bounded by kBegunMax
  };
  struct Part {
    Instant captured{};
  };
  /// A part in one rendition.
  struct Cell {
    std::int64_t bytes = 0;
    std::int64_t cut_bytes = 0;
    std::uint16_t pieces = 0;
  };
  struct Flow {
    std::int64_t from_source = 0;
    std::int64_t from_peers = 0;
  };
  static constexpr std::uint16_t kNotCome = 0xffff;
  static constexpr std::size_t kBegunMax = 256;
  static constexpr std::size_t kStripes = 8;
  static constexpr std::size_t kDepths = 32;
  static constexpr std::size_t kBehindBins = 3'000;
  static constexpr Duration kBehindBin = 10ms;
  static constexpr std::uint32_t kPlotted = 1'000;

  struct Tally;
  void count_viewer(const Viewer& viewer, Instant end, Tally& tally) const;
  void plot(Instant end, Plots& plots) const;
  [[nodiscard]] Duration delay_of(const Viewer& viewer, std::size_t part) const;

  World world_;
  Instant measured_until_;
  std::vector<Part> parts_;
  std::vector<Cell> cells_;                          // of each part in turn
  std::size_t cutting_ = 0;
  std::uint32_t pieces_cut_ = 0;
  std::unordered_map<std::uint64_t, Piece> pieces_;  // looked up, never iterated
  std::vector<Viewer> viewers_;                      // by number; 0 is the source
  std::vector<Flow> flows_;                          // by second
  std::array<std::array<std::uint64_t, kDepths>, kStripes> depths_{};
  std::int64_t from_peers_ = 0;
  std::int64_t from_edge_ = 0;
  std::int64_t from_source_ = 0;
  std::int64_t control_bytes_ = 0;
  std::int64_t control_packets_ = 0;
  std::int64_t produced_bytes_ = 0;
  std::int64_t quality_bits_per_s_ = 0;              // sums over the parts played
  std::int64_t oracle_bits_per_s_ = 0;
  std::int64_t quality_parts_ = 0;
  std::int64_t quality_changes_ = 0;
  std::vector<std::uint32_t> behind_live_ = std::vector<std::uint32_t>(kBehindBins);   // looks, by kBehindBin
  std::uint64_t looks_ = 0;
  std::uint64_t looks_standing_ = 0;
  std::vector<std::vector<float>> buffers_ms_;       // by second, of viewers up to kPlotted
};

}  // namespace p2p::simulator
