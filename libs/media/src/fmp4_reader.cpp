#include "media/fmp4_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "media/h264.hpp"

namespace p2p::media {
namespace {

constexpr std::uint32_t kNotSync = 0x10000;

std::unexpected<Error> broken(std::string_view what) {
  return fail("The stream sent broken video data (" + std::string{what} + ").");
}

std::uint32_t u32(BytesView bytes, std::size_t at) { return static_cast<std::uint32_t>(read_big_endian(bytes, at, 4)); }
std::uint16_t u16(BytesView bytes, std::size_t at) { return static_cast<std::uint16_t>(read_big_endian(bytes, at, 2)); }

struct Box {
  std::string_view type;
  BytesView body;
  std::size_t begin = 0;  ///< of the header, from the start of the parent's bytes
  std::size_t end = 0;
};

/// Goes through the boxes of a parent. `next` gives nothing at the end; then `ok` tells whether all of it was boxes.
class Boxes {
 public:
  explicit Boxes(BytesView bytes) : bytes_{bytes} {}

  std::optional<Box> next() {
    if (at_ == bytes_.size()) return std::nullopt;
    if (bytes_.size() - at_ < 8) {
      ok_ = false;
      return std::nullopt;
    }
    const std::size_t size = u32(bytes_, at_);
    if (size < 8 || size > bytes_.size() - at_) {
      ok_ = false;
      return std::nullopt;
    }
    Box box{.type = as_text(bytes_.subspan(at_ + 4, 4)),
            .body = bytes_.subspan(at_ + 8, size - 8),
            .begin = at_,
            .end = at_ + size};
    at_ = box.end;
    return box;
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  BytesView bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// The first box at the end of a path of types.
std::optional<BytesView> find_box(BytesView bytes, std::initializer_list<std::string_view> path) {
  for (const std::string_view type : path) {
    Boxes boxes{bytes};
    std::optional<Box> box = boxes.next();
    while (box && box->type != type) box = boxes.next();
    if (!box) return std::nullopt;
    bytes = box->body;
  }
  return bytes;
}

/// AudioSpecificConfig within the descriptors of `esds` (ISO/IEC 14496-1, 7.2.6): tags 3, 4, 5, each in the one before.
std::optional<BytesView> decoder_specific_info(BytesView esds) {
  if (esds.size() < 4) return std::nullopt;
  BytesView rest = esds.subspan(4);
  constexpr std::array<std::pair<unsigned, std::size_t>, 3> kPath{{{3, 3}, {4, 13}, {5, 0}}};  // tag, own fields
  for (const auto& [tag, fields] : kPath) {
    if (rest.empty() || std::to_integer<unsigned>(rest[0]) != tag) return std::nullopt;
    std::size_t size = 0;
    std::size_t at = 1;
    for (bool more = true; more; ++at) {
      if (at >= rest.size() || at > 4) return std::nullopt;
      size = size << 7 | (std::to_integer<std::size_t>(rest[at]) & 0x7f);
      more = (std::to_integer<unsigned>(rest[at]) & 0x80) != 0;
    }
    if (size > rest.size() - at || size < fields) return std::nullopt;
    rest = rest.subspan(at, size).subspan(fields);
  }
  return rest;
}

Result<void> read_video_entry(BytesView entry, TrackInfo& track) {
  constexpr std::size_t kFields = 78;
  if (entry.size() < kFields) return broken("video entry");
  const auto avcc = find_box(entry.subspan(kFields), {"avcC"});
  if (!avcc) return broken("no avcC");
  const auto config = parse_avcc(*avcc);
  if (!config) return std::unexpected{config.error()};
  track.codec = avc_codec_string(*config);
  track.width = u16(entry, 24);
  track.height = u16(entry, 26);
  track.config.assign(avcc->begin(), avcc->end());
  return {};
}

Result<void> read_audio_entry(std::string_view type, BytesView entry, TrackInfo& track) {
  constexpr std::size_t kFields = 28;
  if (entry.size() < kFields) return broken("audio entry");
  track.channels = u16(entry, 16);
  track.sample_rate = u32(entry, 24) >> 16;
  if (type == "Opus") {
    const auto dops = find_box(entry.subspan(kFields), {"dOps"});
    if (!dops || dops->size() < 11 || dops->size() > 300) return broken("dOps");
    track.codec = "opus";
    track.channels = std::to_integer<std::uint8_t>((*dops)[1]);
    track.sample_rate = 48'000;
    track.config.assign(dops->begin(), dops->end());
    return track.channels >= 1 && track.channels <= 8 ? Result<void>{} : broken("channels");
  }
  const auto esds = find_box(entry.subspan(kFields), {"esds"});
  const auto config = esds ? decoder_specific_info(*esds) : std::nullopt;
  if (!config) return broken("esds");
  const auto audio = audio_track_from_aac_config(*config);
  if (!audio) return std::unexpected{audio.error()};
  track.codec = audio->codec;
  track.channels = audio->channels;
  track.sample_rate = audio->sample_rate;
  track.config = audio->aac_config;
  return {};
}

Result<TrackInfo> read_track(BytesView trak) {
  TrackInfo track;
  const auto tkhd = find_box(trak, {"tkhd"});
  const auto mdhd = find_box(trak, {"mdia", "mdhd"});
  const auto hdlr = find_box(trak, {"mdia", "hdlr"});
  const auto stsd = find_box(trak, {"mdia", "minf", "stbl", "stsd"});
  if (!tkhd || !mdhd || !hdlr || !stsd || tkhd->size() < 24 || mdhd->size() < 24 || hdlr->size() < 12 || stsd->size() < 8) {
    return broken("track header");
  }
  const auto version = [](BytesView box) { return std::to_integer<unsigned>(box[0]); };
  track.id = u32(*tkhd, version(*tkhd) == 1 ? 20 : 12);
  track.timescale = u32(*mdhd, version(*mdhd) == 1 ? 20 : 12);
  if (track.id == 0 || track.timescale == 0 || track.timescale > 100'000'000) return broken("timescale");
  const std::string_view handler = as_text(hdlr->subspan(8, 4));
  Boxes entries{stsd->subspan(8)};
  const auto entry = entries.next();
  if (!entry) return broken("no codec");
  Result<void> read = broken("unknown codec");
  if (handler == "vide" && (entry->type == "avc1" || entry->type == "avc3")) {
    track.kind = TrackKind::kVideo;
    read = read_video_entry(entry->body, track);
  } else if (handler == "soun" && (entry->type == "Opus" || entry->type == "mp4a")) {
    track.kind = TrackKind::kAudio;
    read = read_audio_entry(entry->type, entry->body, track);
  }
  if (!read) return std::unexpected{read.error()};
  return track;
}

Result<void> read_defaults(BytesView mvex, std::vector<TrackInfo>& tracks) {
  Boxes boxes{mvex};
  while (const auto box = boxes.next()) {
    if (box->type != "trex") continue;
    if (box->body.size() < 24) return broken("trex");
    for (TrackInfo& track : tracks) {
      if (track.id != u32(box->body, 4)) continue;
      track.default_duration = u32(box->body, 12);
      track.default_size = u32(box->body, 16);
      track.default_flags = u32(box->body, 20);
    }
  }
  return boxes.ok() ? Result<void>{} : broken("mvex");
}

/// What `tfhd` and `tfdt` say.
struct FragmentHeader {
  std::size_t track = 0;  ///< place in InitSegment::tracks
  std::uint32_t duration = 0;
  std::uint32_t size = 0;
  std::uint32_t flags = 0;
  std::int64_t decode_time = 0;
};

Result<FragmentHeader> read_fragment_header(BytesView traf, const InitSegment& init) {
  const auto tfhd = find_box(traf, {"tfhd"});
  const auto tfdt = find_box(traf, {"tfdt"});
  if (!tfhd || tfhd->size() < 8 || !tfdt || tfdt->size() < 8) return broken("fragment header");
  const std::uint32_t flags = u32(*tfhd, 0);
  const std::uint32_t id = u32(*tfhd, 4);
  const auto track = std::find_if(init.tracks.begin(), init.tracks.end(), [&](const TrackInfo& t) { return t.id == id; });
  if (track == init.tracks.end()) return broken("unknown track");
  if (flags & 0x1) return broken("absolute offsets");
  FragmentHeader header{.track = static_cast<std::size_t>(track - init.tracks.begin()),
                        .duration = track->default_duration,
                        .size = track->default_size,
                        .flags = track->default_flags,
                        .decode_time = 0};
  std::size_t at = 8 + (flags & 0x2 ? 4 : 0);
  for (const auto& [bit, field] : {std::pair{0x8u, &header.duration}, {0x10u, &header.size}, {0x20u, &header.flags}}) {
    if (!(flags & bit)) continue;
    if (at + 4 > tfhd->size()) return broken("fragment header");
    *field = u32(*tfhd, at);
    at += 4;
  }
  const bool wide = std::to_integer<unsigned>((*tfdt)[0]) == 1;
  if (wide && tfdt->size() < 12) return broken("decode time");
  const std::uint64_t time = read_big_endian(*tfdt, 4, wide ? 8 : 4);
  if (time >> 56 != 0) return broken("decode time");  // so that sums cannot overflow
  header.decode_time = static_cast<std::int64_t>(time);
  return header;
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Reads one `trun`; `fragment` is where the `moof` begins and `data` the body of the `mdat` after it.
Result<void> read_run(BytesView trun, FragmentHeader& header, std::size_t fragment, Span data, std::size_t& next_data,
                      std::size_t& budget, std::vector<SampleEntry>& samples) {
  if (trun.size() < 8) return broken("trun");
  const std::uint32_t flags = u32(trun, 0) & 0xffffff;
  const std::size_t count = u32(trun, 4);
  if (count > budget) return broken("too many frames");
  budget -= count;
  std::size_t at = 8;
  const std::size_t head = (flags & 0x1 ? 4u : 0u) + (flags & 0x4 ? 4u : 0u);
  const std::size_t each =
      (flags & 0x100 ? 4u : 0u) + (flags & 0x200 ? 4u : 0u) + (flags & 0x400 ? 4u : 0u) + (flags & 0x800 ? 4u : 0u);
  if (trun.size() < at + head + count * each) return broken("trun");
  const auto take = [&] {
    at += 4;
    return u32(trun, at - 4);
  };
  if (flags & 0x1) {
    const std::uint32_t offset = take();
    if (offset > kPartSizeMax) return broken("data offset");
    next_data = fragment + offset;
  }
  std::optional<std::uint32_t> first_flags;
  if (flags & 0x4) first_flags = take();
  for (std::size_t i = 0; i < count; ++i) {
    SampleEntry sample{.offset = next_data, .dts = header.decode_time};
    sample.duration = flags & 0x100 ? take() : header.duration;
    sample.size = flags & 0x200 ? take() : header.size;
    std::uint32_t sample_flags = flags & 0x400 ? take() : header.flags;
    if (i == 0 && first_flags) sample_flags = *first_flags;
    if (flags & 0x800) sample.composition_offset = static_cast<std::int32_t>(take());
    sample.key = (sample_flags & kNotSync) == 0;
    if (sample.offset < data.begin || sample.offset > data.end || sample.size > data.end - sample.offset) {
      return broken("a frame outside of the data");
    }
    next_data += sample.size;
    header.decode_time += sample.duration;
    samples.push_back(sample);
  }
  return {};
}

Result<void> read_fragment(const Box& moof, Span data, const InitSegment& init, std::size_t& budget,
                           std::vector<TrackSamples>& tracks) {
  std::size_t next_data = data.begin;
  Boxes boxes{moof.body};
  while (const auto traf = boxes.next()) {
    if (traf->type != "traf") continue;
    auto header = read_fragment_header(traf->body, init);
    if (!header) return std::unexpected{header.error()};
    Boxes runs{traf->body};
    while (const auto run = runs.next()) {
      if (run->type != "trun") continue;
      auto& samples = tracks[header->track].samples;
      if (auto read = read_run(run->body, *header, moof.begin, data, next_data, budget, samples); !read) return read;
    }
    if (!runs.ok()) return broken("traf");
  }
  return boxes.ok() ? Result<void>{} : broken("moof");
}

}  // namespace

const TrackInfo* InitSegment::find(TrackKind kind) const {
  const auto track = std::find_if(tracks.begin(), tracks.end(), [&](const TrackInfo& t) { return t.kind == kind; });
  return track == tracks.end() ? nullptr : &*track;
}

std::string InitSegment::codecs() const {
  std::string text;
  for (const TrackInfo& track : tracks) text += (text.empty() ? "" : ",") + track.codec;
  return text;
}

Result<InitSegment> read_init_segment(BytesView bytes) {
  if (bytes.size() > kInitSegmentSizeMax) return broken("init segment too large");
  const auto moov = find_box(bytes, {"moov"});
  if (!moov) return broken("no moov");
  InitSegment init;
  Boxes boxes{*moov};
  while (const auto box = boxes.next()) {
    if (box->type != "trak") continue;
    auto track = read_track(box->body);
    if (!track) return std::unexpected{track.error()};
    const auto taken = [&](const TrackInfo& t) { return t.id == track->id || t.kind == track->kind; };
    if (std::any_of(init.tracks.begin(), init.tracks.end(), taken)) return broken("two tracks of a kind");
    init.tracks.push_back(std::move(*track));
  }
  if (!boxes.ok() || init.tracks.empty()) return broken("moov");
  const auto mvex = find_box(*moov, {"mvex"});
  if (!mvex) return broken("not fragmented");
  if (auto read = read_defaults(*mvex, init.tracks); !read) return std::unexpected{read.error()};
  return init;
}

Result<std::vector<TrackSamples>> read_part(BytesView bytes, const InitSegment& init) {
  if (bytes.size() > kPartSizeMax) return broken("part too large");
  std::vector<TrackSamples> tracks;
  for (const TrackInfo& track : init.tracks) tracks.push_back({.kind = track.kind, .timescale = track.timescale, .samples = {}});
  std::size_t budget = kSamplesMax;
  std::size_t fragments = 0;
  Boxes boxes{bytes};
  std::optional<Box> moof;
  while (const auto box = boxes.next()) {
    if (box->type == "moof") {
      if (moof || ++fragments > kFragmentsMax) return broken("moof without its data");
      moof = box;
    } else if (box->type == "mdat") {
      if (!moof) return broken("data without its moof");
      if (auto read = read_fragment(*moof, {box->begin + 8, box->end}, init, budget, tracks); !read) {
        return std::unexpected{read.error()};
      }
      moof.reset();
    }
  }
  if (!boxes.ok() || moof || fragments == 0) return broken("incomplete part");
  return tracks;
}

}  // namespace p2p::media
