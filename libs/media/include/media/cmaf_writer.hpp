#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "media/track.hpp"

namespace p2p::media {

struct Run;

/// A piece of the stream that plays after the init segment and the parts before it: one `moof` and its `mdat`.
///
/// A segment ends where a part with index 0 of the next one begins; no part carries a flag "last", since that is known only once
/// the next key frame is there, and waiting for it would cost a frame of latency.
struct CmafPart {
  std::uint32_t segment = 0;
  std::uint16_t index = 0;
  bool independent = false;  ///< begins with a key frame (without a video track: always)
  Duration start{};          ///< media time; parts follow each other without a hole while frames keep coming
  Duration duration{};
  WallTime captured{};  ///< of its last frame
  Bytes bytes;
};

/// Packages one rendition as CMAF parts: H.264 and, muxed with it, Opus or AAC; either may be missing.
///
/// Always holds:
/// - a part leaves as soon as its last frame is there (the declared duration tells that it is the last), not with the next frame;
/// - a segment starts with a key frame once the one before has `segment_target`; an encoder that sends none lets it grow to
///   `segment_max`, then the next segment begins without one (`independent` is false). A key frame before that starts a new
///   part, if the open one has at least half its target;
/// - video decode times never jump by more than the last frame's duration (Media Source Extensions would drop everything up to
///   the next key frame): after a pause the first frame keeps its presentation time and gets an earlier decode time;
/// - a part has all audio that starts before its end, so audio ends up to one frame later; audio ticks are contiguous, timestamps
///   that are off by less than half a frame are straightened;
/// - missing audio is replaced by silence, since players stall on a muxed stream whose one track ends. If one track is more than
///   `wait_max` behind the other, the writer stops to wait for it until it speaks again; audio that comes after its silence was
///   written is dropped, late video is not.
///
/// Until the first key frame nothing is kept. Decode times below zero are dropped; those that do not grow are moved by a tick.
/// Bounded: `kPendingSamplesMax` frames or `kPendingBytesMax` bytes at most wait for their part; when reached, a part is cut at once.
///
/// Out of scope: several renditions (one writer each), encryption, the manifest with hashes (the engine).
class CmafWriter {
 public:
  struct Options {
    std::optional<VideoTrack> video;
    std::optional<AudioTrack> audio;
    Duration part_target = 200ms;
    Duration segment_target = 2s;
    Duration segment_max = 6s;
    Duration wait_max = 1s;
    std::uint32_t first_segment = 0;  ///< a source that resumes its stream goes on counting
  };
  struct Counters {
    std::uint64_t silence_frames = 0;      ///< audio frames made up
    std::uint64_t dropped_late_audio = 0;  ///< whose silence had been written already
    std::uint64_t dropped_video = 0;       ///< before the first key frame, or of no use (empty, below zero)
    std::uint64_t forced_segments = 0;     ///< begun without a key frame
    std::uint64_t forced_parts = 0;        ///< cut because too much was waiting
  };

  static constexpr std::size_t kPendingSamplesMax = 2048;
  static constexpr std::size_t kPendingBytesMax = 32u << 20;

  /// At least one track must be there.
  explicit CmafWriter(Options options);

  /// `ftyp` and `moov`; the same for the whole stream.
  [[nodiscard]] const Bytes& init_segment() const { return init_; }

  /// Takes a frame; gives the parts that it completes, usually none or one.
  [[nodiscard]] std::vector<CmafPart> push(const Sample& sample);

  /// The stream is over: whatever waits becomes the last part.
  [[nodiscard]] std::vector<CmafPart> flush();

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Pending {
    std::int64_t dts_ticks;
    Duration dts;
    Duration pts;
    Duration duration;
    bool key;
    WallTime captured;
    Bytes data;
    [[nodiscard]] Duration end() const { return dts + duration; }
  };
  struct Cut {
    Duration end{};
    std::size_t video_count = 0;
    bool without_video = false;  ///< video is so late that audio goes on alone
  };

  void accept_video(const Sample& sample);
  void accept_audio(const Sample& sample);
  std::vector<CmafPart> drain(bool final);
  [[nodiscard]] std::optional<Cut> next_cut() const;
  [[nodiscard]] std::optional<Cut> next_video_cut() const;
  [[nodiscard]] bool starts_segment(const Pending& frame) const;
  [[nodiscard]] bool audio_is_there(Duration end);
  void begin_part();
  void begin_segment();
  void jump_to(Duration start);
  void close_part(const Cut& cut, std::vector<CmafPart>& parts);
  [[nodiscard]] Run take_video(std::size_t count);
  [[nodiscard]] Run take_audio(Duration end);
  void add_silence(Run& run, std::int64_t until_ticks);
  [[nodiscard]] Duration half_frame() const;

  Options options_;
  Bytes init_;
  Counters counters_;
  std::deque<Pending> video_;
  std::deque<Pending> audio_;
  std::size_t pending_bytes_ = 0;

  bool started_ = false;
  std::uint32_t segment_ = 0;
  std::uint32_t index_ = 0;
  std::uint32_t sequence_ = 0;
  Duration segment_start_{};
  Duration part_start_{};
  WallTime last_captured_{};

  bool audio_away_ = false;
  bool video_away_ = false;
  std::optional<std::int64_t> last_video_ticks_;   ///< newest decode time taken
  std::optional<std::int64_t> video_written_end_;  ///< where decode time stands in the file
  std::optional<std::int64_t> audio_written_end_;
  std::optional<Duration> audio_end_;  ///< of the newest frame taken
};

}  // namespace p2p::media
