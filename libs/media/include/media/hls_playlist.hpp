#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace p2p::media {

/// A low-latency HLS media playlist (RFC 8216bis, draft 16) of the newest parts of a stream, written as text. The rendition may change where a
/// segment begins, on the same timeline: then another header counts from there.
///
/// URIs are relative: `init<rendition>.mp4` for a header, `s<segment>.m4s` for a whole segment (its parts one after the other), `s<segment>.rest.m4s` for
/// all of its parts but the first, and `s<segment>.p<part>.m4s`. The Media Sequence Number of a segment is its number, so `_HLS_msn` and `_HLS_part` name a part
/// as the engine does; a reload that asks for a part after the last of its segment is answered by part 0 of the next (6.2.5.2).
///
/// Always holds: parts are listed without a hole. A part that was skipped is listed as missing: whoever serves it gives a filler
/// (cmaf_filler.hpp), or, with `mark_gaps`, the playlist says GAP=YES. (hls.js fetches a segment with a GAP part again and again:
/// fill for it, mark for players that know the tag.) When a whole segment was skipped or the timeline jumps, the playlist
/// starts anew at the jump, with a discontinuity. At most `segments_max` segments and kPartsPerSegmentMax parts each are kept.
///
/// Out of scope: holding a blocking reload (ask `has`), delta updates, alternate audio.
class HlsPlaylist {
 public:
  struct Options {
    Duration part_target = 200ms;     ///< PART-TARGET; a longer part raises it for good
    Duration segment_target = 2s;     ///< TARGETDURATION; a longer segment raises it for good
    int hold_back_parts = 3;          ///< PART-HOLD-BACK in parts; at least 3 by the standard
    std::size_t segments_max = 8;     ///< complete segments listed beside the open one
    std::size_t segments_in_parts = 3;  ///< of these, the newest so many list their parts as well
    bool mark_gaps = false;
    /// List the first part as a segment of its own. hls.js starts only where a whole segment is listed, so this is what lets it show
    /// the first part at once instead of up to a segment later. Media Sequence Numbers are then segment numbers plus one, to leave
    /// one free for that part, and a reload is asked about with `has_listed`.
    bool split_first = false;
  };
  struct Part {
    std::uint32_t segment = 0;
    std::uint16_t index = 0;
    bool independent = false;
    Duration start{};
    Duration duration{};
    WallTime captured{};  ///< of its last frame
    std::uint8_t rendition = 0;  ///< the same for all parts of a segment: that of the first that is added
  };

  static constexpr std::size_t kPartsPerSegmentMax = 256;
  /// A segment that misses more than this beside its neighbor begins a new timeline.
  static constexpr Duration kJumpMax = 10s;

  explicit HlsPlaylist(Options options);

  enum class Added {
    kNo,         ///< neither newer than all before nor one that was missing: nothing changed
    kYes,
    kRestarted,  ///< it follows on nothing that was listed, and is now all there is
  };
  Added add(const Part& part);

  /// The stream is over; no part follows.
  void end() { ended_ = true; }

  /// Whether the part can be had, or a later one exists: a blocking reload for it may be answered.
  [[nodiscard]] bool has(std::uint32_t segment, std::uint32_t index) const;

  /// The same in the playlist's own numbers: `_HLS_msn` and `_HLS_part` of a blocking reload.
  [[nodiscard]] bool has_listed(std::uint64_t media_sequence, std::uint32_t index) const;

  /// Whether the part is listed but was skipped.
  [[nodiscard]] bool is_missing(std::uint32_t segment, std::uint16_t index) const;

  /// Of a segment that is listed.
  [[nodiscard]] std::optional<std::uint8_t> rendition_of(std::uint32_t segment) const;

  [[nodiscard]] bool empty() const { return segments_.empty(); }
  [[nodiscard]] std::string text() const;

 private:
  struct Listed {
    Duration duration{};
    bool independent = false;
    bool missing = false;
  };
  struct Segment {
    std::uint32_t number = 0;
    Duration start{};
    Duration end{};
    WallTime began{};  ///< wall time of its start
    bool discontinuity = false;
    std::uint8_t rendition = 0;
    std::vector<Listed> parts;
  };

  void restart(const Part& part);
  void open_segment(const Part& first, Duration start);
  void append(const Part& part, std::size_t missing_before);
  void trim();
  void write_segment(std::string& out, std::size_t place) const;
  void write_parts(std::string& out, const Segment& segment, std::size_t from, std::size_t end) const;
  [[nodiscard]] bool is_split(const Segment& segment) const { return split_ == segment.number && segment.parts.size() > 0; }

  Options options_;
  std::deque<Segment> segments_;
  std::optional<std::uint32_t> split_;        ///< the segment whose first part is listed as a segment
  std::uint32_t discontinuities_before_ = 0;  ///< that have left the window
  bool ended_ = false;
};

/// One entry of a multivariant playlist.
struct HlsVariant {
  std::string uri;
  std::string codecs;  ///< "avc1.64001f,opus"
  std::uint16_t width = 0;  ///< 0: audio alone
  std::uint16_t height = 0;
  std::uint32_t bits_per_second = 0;
  std::uint32_t frame_rate = 0;  ///< 0: unknown
};

[[nodiscard]] std::string multivariant_playlist(const std::vector<HlsVariant>& variants);

/// "2026-11-22T23:44:05.120Z"
[[nodiscard]] std::string to_iso8601(WallTime time);

}  // namespace p2p::media
