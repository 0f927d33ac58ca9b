#include "media/hls_playlist.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.hpp"

namespace p2p::media {
namespace {

/// Parts that begin within this of where the last ended follow it without a hole.
constexpr Duration kSlack = 20ms;
/// A part that is a segment by itself is listed this much shorter than the segment: hls.js loads parts only when what it knows ends
/// at or after the sum of their durations, and rounding must not make that false.
constexpr Duration kSplitMargin = 1ms;

void put(std::string& out, std::uint64_t value, std::size_t width = 1) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

/// Seconds with six decimals.
void put_seconds(std::string& out, Duration span) {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(span.count(), 0));
  put(out, us / 1'000'000);
  out += '.';
  put(out, us % 1'000'000, 6);
}

void put_part_uri(std::string& out, std::uint32_t segment, std::size_t index) {
  out += 's';
  put(out, segment);
  out += ".p";
  put(out, index);
  out += ".m4s";
}

/// Text in an attribute's quotes: what would end them or the line is left out.
void put_quoted(std::string& out, const std::string& text) {
  out += '"';
  for (const char c : text) {
    if (c != '"' && c != '\n' && c != '\r') out += c;
  }
  out += '"';
}

}  // namespace

HlsPlaylist::HlsPlaylist(Options options) : options_{options} {
  CHECK(options_.part_target > 0s && options_.segment_target > 0s && options_.segments_max > 0, "a playlist of nothing");
}

HlsPlaylist::Added HlsPlaylist::add(const Part& part) {
  if (part.duration <= 0s || part.duration > kJumpMax || part.index >= kPartsPerSegmentMax || ended_) return Added::kNo;
  if (segments_.empty()) {
    restart(part);
    return Added::kYes;
  }
  const Segment& last = segments_.back();
  if (part.segment < last.number || (part.segment == last.number && part.index < last.parts.size())) {
    for (Segment& segment : segments_) {
      if (segment.number != part.segment || part.index >= segment.parts.size()) continue;
      Listed& listed = segment.parts[part.index];
      if (!listed.missing) return Added::kNo;
      listed.missing = false;
      listed.independent = part.independent;
      return Added::kYes;
    }
    return Added::kNo;
  }
  const Duration hole = part.start - last.end;
  const bool follows = part.segment <= last.number + 1 && hole > -kJumpMax && hole < kJumpMax;
  if (!follows) {
    restart(part);
    return Added::kRestarted;
  }
  if (part.segment == last.number) {
    append(part, part.index - last.parts.size());
    return Added::kYes;
  }
  // A new segment. What is missing before it belongs to the old one, unless its own first parts are missing too.
  if (part.index == 0 && hole > kSlack && last.parts.size() < kPartsPerSegmentMax) {
    Segment& open = segments_.back();
    open.parts.push_back({.duration = hole, .independent = false, .missing = true});
    open.end = part.start;
  }
  const Duration start = segments_.back().end;
  open_segment(part, start);
  append(part, part.index);
  trim();
  return Added::kYes;
}

void HlsPlaylist::restart(const Part& part) {
  const bool anew = !segments_.empty();
  // After a jump the free number before this segment is there only when a whole segment was skipped.
  const bool numbered = !anew || part.segment > segments_.back().number + 1;
  split_.reset();
  if (options_.split_first && part.index == 0 && part.independent && numbered) split_ = part.segment;
  for (const Segment& segment : segments_) discontinuities_before_ += segment.discontinuity ? 1 : 0;
  segments_.clear();
  // Joined in the middle of a segment: its first parts are unknown, and count as missing at their likely length.
  const Duration start = part.start - part.index * part.duration;
  open_segment(part, start);
  segments_.back().discontinuity = anew;
  append(part, part.index);
}

void HlsPlaylist::open_segment(const Part& first, Duration start) {
  segments_.push_back({.number = first.segment,
                       .start = start,
                       .end = start,
                       .began = first.captured - (first.start + first.duration - start),
                       .discontinuity = false,
                       .rendition = first.rendition,
                       .parts = {}});
}

/// Lists the part after `missing_before` that were skipped, which share the time up to it.
void HlsPlaylist::append(const Part& part, std::size_t missing_before) {
  Segment& segment = segments_.back();
  if (missing_before > 0) {
    const Duration each = std::max<Duration>((part.start - segment.end) / static_cast<std::int64_t>(missing_before), 1ms);
    segment.parts.insert(segment.parts.end(), missing_before, {.duration = each, .independent = false, .missing = true});
  }
  segment.parts.push_back({.duration = part.duration, .independent = part.independent, .missing = false});
  segment.end = part.start + part.duration;
  options_.part_target = std::max(options_.part_target, part.duration);
  options_.segment_target = std::max(options_.segment_target, segment.end - segment.start);
}

void HlsPlaylist::trim() {
  while (segments_.size() > options_.segments_max + 1) {
    discontinuities_before_ += segments_.front().discontinuity ? 1 : 0;
    segments_.pop_front();
  }
}

bool HlsPlaylist::has(std::uint32_t segment, std::uint32_t index) const {
  if (segments_.empty()) return false;
  const Segment& last = segments_.back();
  return segment < last.number || (segment == last.number && index < last.parts.size());
}

bool HlsPlaylist::is_missing(std::uint32_t segment, std::uint16_t index) const {
  for (const Segment& s : segments_) {
    if (s.number == segment && index < s.parts.size()) return s.parts[index].missing;
  }
  return false;
}

std::optional<std::uint8_t> HlsPlaylist::rendition_of(std::uint32_t segment) const {
  const auto found = std::ranges::find(segments_, segment, &Segment::number);
  return found == segments_.end() ? std::nullopt : std::optional{found->rendition};
}

bool HlsPlaylist::has_listed(std::uint64_t media_sequence, std::uint32_t index) const {
  if (segments_.empty()) return false;
  const std::uint64_t segment = media_sequence - (options_.split_first ? 1 : 0);
  if (segment > segments_.back().number) return false;
  return segment < segments_.front().number || has(static_cast<std::uint32_t>(segment), index + (split_ == segment ? 1 : 0));
}

void HlsPlaylist::write_parts(std::string& out, const Segment& segment, std::size_t from, std::size_t end) const {
  for (std::size_t i = from; i < end; ++i) {
    const Listed& part = segment.parts[i];
    out += "#EXT-X-PART:DURATION=";
    put_seconds(out, i == 0 && is_split(segment) ? part.duration - kSplitMargin : part.duration);
    out += ",URI=\"";
    put_part_uri(out, segment.number, i);
    out += '"';
    if (part.independent) out += ",INDEPENDENT=YES";
    if (part.missing && options_.mark_gaps) out += ",GAP=YES";
    out += '\n';
  }
}

void HlsPlaylist::write_segment(std::string& out, std::size_t place) const {
  const Segment& segment = segments_[place];
  const bool open = place + 1 == segments_.size() && !ended_;
  const bool in_parts = open || place + 1 + options_.segments_in_parts >= segments_.size();
  const std::size_t first = is_split(segment) ? 1 : 0;
  if (segment.discontinuity) out += "#EXT-X-DISCONTINUITY\n";
  if (place == 0 || segment.rendition != segments_[place - 1].rendition) {
    out += "#EXT-X-MAP:URI=\"init";
    put(out, segment.rendition);
    out += ".mp4\"\n";
  }
  out += "#EXT-X-PROGRAM-DATE-TIME:" + to_iso8601(segment.began) + '\n';
  if (first == 1) {
    if (in_parts) write_parts(out, segment, 0, 1);
    out += "#EXTINF:";
    put_seconds(out, segment.parts[0].duration);
    out += ",\n";
    put_part_uri(out, segment.number, 0);
    out += '\n';
  }
  if (in_parts) write_parts(out, segment, first, segment.parts.size());
  if (open) {
    out += "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"";
    put_part_uri(out, segment.number, segment.parts.size());
    out += "\"\n";
    return;
  }
  if (segment.parts.size() == first) return;
  const bool missing = std::any_of(segment.parts.begin(), segment.parts.end(), [](const Listed& p) { return p.missing; });
  if (options_.mark_gaps && missing) out += "#EXT-X-GAP\n";
  Duration total{};
  for (std::size_t i = first; i < segment.parts.size(); ++i) total += segment.parts[i].duration;
  out += "#EXTINF:";
  put_seconds(out, total);
  out += ",\ns";
  put(out, segment.number);
  out += first == 1 ? ".rest.m4s\n" : ".m4s\n";
}

std::string HlsPlaylist::text() const {
  std::string out = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:";
  // The nearest second, as the standard compares it; it never falls below what a segment took.
  put(out, static_cast<std::uint64_t>(std::max<std::int64_t>((options_.segment_target + 500ms) / 1s, 1)));
  out += "\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=";
  put_seconds(out, options_.part_target * std::max(options_.hold_back_parts, 1));
  out += "\n#EXT-X-PART-INF:PART-TARGET=";
  put_seconds(out, options_.part_target);
  out += "\n#EXT-X-MEDIA-SEQUENCE:";
  const std::uint64_t first = segments_.empty() ? 0 : segments_.front().number;
  const bool split = !segments_.empty() && is_split(segments_.front());
  put(out, first + (options_.split_first && !split ? 1 : 0));
  out += '\n';
  const std::uint32_t discontinuities = discontinuities_before_;
  if (discontinuities > 0) {
    out += "#EXT-X-DISCONTINUITY-SEQUENCE:";
    put(out, discontinuities);
    out += '\n';
  }
  for (std::size_t i = 0; i < segments_.size(); ++i) write_segment(out, i);
  if (ended_) out += "#EXT-X-ENDLIST\n";
  return out;
}

std::string multivariant_playlist(const std::vector<HlsVariant>& variants) {
  std::string out = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS\n";
  for (const HlsVariant& variant : variants) {
    out += "#EXT-X-STREAM-INF:BANDWIDTH=";
    put(out, std::max(variant.bits_per_second, 1u));
    out += ",CODECS=";
    put_quoted(out, variant.codecs);
    if (variant.width > 0) {
      out += ",RESOLUTION=";
      put(out, variant.width);
      out += 'x';
      put(out, variant.height);
    }
    if (variant.frame_rate > 0) {
      out += ",FRAME-RATE=";
      put(out, variant.frame_rate);
      out += ".000";
    }
    out += '\n';
    for (const char c : variant.uri) {
      if (c != '\n' && c != '\r') out += c;
    }
    out += '\n';
  }
  return out;
}

std::string to_iso8601(WallTime time) {
  using namespace std::chrono;
  const auto since = milliseconds{time.time_since_epoch() / 1ms};
  const auto day = floor<days>(since);
  const year_month_day date{sys_days{day}};
  const auto rest = static_cast<std::uint64_t>((since - day).count());
  std::string out;
  put(out, static_cast<std::uint64_t>(std::max(static_cast<int>(date.year()), 0)), 4);
  out += '-';
  put(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  put(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  put(out, rest / 3'600'000, 2);
  out += ':';
  put(out, rest / 60'000 % 60, 2);
  out += ':';
  put(out, rest / 1000 % 60, 2);
  out += '.';
  put(out, rest % 1000, 3);
  return out + 'Z';
}

}  // namespace p2p::media
