#include "file_input.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <deque>
#include <map>

#include "base/check.hpp"
#include "encoders.hpp"
#include "media/h264.hpp"
#include "pacer.hpp"
#include "timeline.hpp"
#include "video_ladder.hpp"

namespace p2p::transcode {
namespace {

/// How much is looked at to see whether the key frames are usable.
constexpr Duration kProbeMax = 6s;
constexpr std::size_t kProbePacketsMax = 1500;
/// A viewer who joins waits for the next key frame, so this bounds the wait.
constexpr Duration kKeyIntervalMax = 4s;
constexpr int kHeightMax = 1080;
/// Copied pictures that a decoder may hold before it gives the first back: H.264 reorders 16 at most.
constexpr std::size_t kPlacedMax = 64;

Error why_not_opened(const std::string& input, int code) {
  switch (code) {
    case AVERROR(ENOENT):
      if (input.starts_with("/dev/")) return {"There is no device \"" + input + "\". Cameras that are connected: ls /dev/video*"};
      return {"There is no file \"" + input + "\". Check the path."};
    case AVERROR(EACCES):
      return {"\"" + input + "\" may not be read. Check its permissions."};
    case AVERROR_INVALIDDATA:
      return {"\"" + input + "\" is no media that FFmpeg knows. Give a video or sound file, a device or a URL."};
    case AVERROR(EISDIR):
      return {"\"" + input + "\" is a folder. Name a file in it."};
    case AVERROR_PROTOCOL_NOT_FOUND:
      return {"\"" + input + "\" begins with a scheme that this build of FFmpeg does not know. Use another, such as https:// or rtmp://."};
    case AVERROR_HTTP_NOT_FOUND:
      return {"The server has nothing at \"" + input + "\" (404). Check the address."};
    case AVERROR(ECONNREFUSED):
      return {"Nobody answers at \"" + input + "\". Check the address."};
    case AVERROR(EBUSY):
      return {"\"" + input + "\" is in use by another program. Close it there, then try again."};
    default:
      return {"\"" + input + "\" cannot be opened: " + av_error(code) + ". Check that other programs can play it, such as ffplay."};
  }
}

/// The demuxer that a device's path asks for; nothing for files and URLs, which are recognised by their content.
const AVInputFormat* format_for(const std::string& input) {
  if (input.starts_with("/dev/video")) return av_find_input_format("v4l2");
  return nullptr;
}

/// One track of the input: copied as it is, or decoded and encoded anew.
struct Track {
  int stream = -1;
  AVRational time_base{1, 1};
  bool copy = false;
  media::AvcConfig avc;       // of copied video
  bool annex_b = false;
  CodecPtr decoder;           // of what is encoded anew, if only for further renditions
  std::optional<VideoLadder> ladder;
  std::unique_ptr<AudioEncoder> audio_encoder;
  Timeline timeline;
  Duration frame_time = 33'333us;
  bool key_seen = false;
};

class FileInput final : public LiveInput {
 public:
  FileInput(const InputOptions& options, std::stop_token stop) : options_{options}, stop_{std::move(stop)} {}

  Result<void> open() {
    avdevice_register_all();
    AVFormatContext* opened = avformat_alloc_context();
    CHECK(opened != nullptr, "no memory for an input");
    opened->interrupt_callback = {[](void* self) { return static_cast<FileInput*>(self)->stop_.stop_requested() ? 1 : 0; }, this};
    const std::string url = options_.input == "-" ? "pipe:0" : options_.input;
    const int error = avformat_open_input(&opened, url.c_str(), format_for(options_.input), nullptr);
    if (error < 0) return std::unexpected{why_not_opened(options_.input, error)};   // libav has freed it
    format_.reset(opened);
    if (avformat_find_stream_info(opened, nullptr) < 0) return std::unexpected{why_not_opened(options_.input, AVERROR_INVALIDDATA)};
    video_.stream = av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    audio_.stream = av_find_best_stream(opened, AVMEDIA_TYPE_AUDIO, -1, video_.stream, nullptr, 0);
    // The picture of a song's cover is no video.
    if (video_.stream >= 0 && (opened->streams[video_.stream]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) video_.stream = -1;
    if (video_.stream < 0 && audio_.stream < 0) {
      return fail("\"" + options_.input + "\" has neither picture nor sound. Give a video or sound file, a device or a URL.");
    }
    probe();
    if (auto ready = prepare_video(); !ready) return ready;
    if (auto ready = prepare_audio(); !ready) return ready;
    list_renditions();
    return {};
  }

  const std::vector<Tracks>& renditions() const override { return renditions_; }

  Result<void> run(const Sink& sink, std::stop_token stop) override {
    stop_ = stop;
    Pacer pacer{options_.real_time};
    PacketPtr packet = make_packet();
    std::size_t delivered_this_round = 0;
    for (;;) {
      if (stop.stop_requested()) return {};
      if (const int error = next_packet(*packet); error < 0) {
        if (stop.stop_requested()) return {};
        if (error != AVERROR_EOF && !options_.loop) return fail("\"" + options_.input + "\" broke off: " + av_error(error) + ".");
        if (!options_.loop || delivered_this_round == 0) return {};
        if (auto again = rewind(); !again) return again;
        delivered_this_round = 0;
        continue;
      }
      ++delivered_this_round;
      Track* track = packet->stream_index == video_.stream ? &video_ : packet->stream_index == audio_.stream ? &audio_ : nullptr;
      if (track) {
        if (track->copy) copy(*track, *packet, pacer, sink, stop);
        if (track->decoder) {
          if (auto done = transcode(*track, packet.get(), pacer, sink, stop); !done) return done;
        }
      }
      av_packet_unref(packet.get());
    }
  }

 private:
  /// Packets that probing read come first.
  int next_packet(AVPacket& packet) {
    if (!probed_.empty()) {
      av_packet_move_ref(&packet, probed_.front().get());
      probed_.pop_front();
      return 0;
    }
    return av_read_frame(format_.get(), &packet);
  }

  /// Reads ahead until the distance of two key frames is known.
  void probe() {
    if (video_.stream < 0) return;
    const AVStream& stream = *format_->streams[video_.stream];
    if (stream.codecpar->codec_id != AV_CODEC_ID_H264) return;
    std::optional<Duration> first, last_key;
    bool sparse = false;
    while (probed_.size() < kProbePacketsMax) {
      PacketPtr packet = make_packet();
      if (av_read_frame(format_.get(), packet.get()) < 0) break;
      const bool video = packet->stream_index == video_.stream;
      const std::int64_t stamp = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
      const bool key = video && (packet->flags & AV_PKT_FLAG_KEY) != 0;
      if (key && first_key_.empty()) first_key_ = Bytes{view(*packet).begin(), view(*packet).end()};
      probed_.push_back(std::move(packet));
      if (!video || stamp == AV_NOPTS_VALUE) continue;
      const Duration time = to_duration(stamp, stream.time_base);
      if (!first) first = time;
      if (key) {
        if (last_key && time - *last_key > kKeyIntervalMax) sparse = true;
        last_key = time;
      }
      if (last_key && time - *last_key > kKeyIntervalMax) sparse = true;
      if (sparse || time - *first > kProbeMax) break;
    }
    keys_usable_ = !first_key_.empty() && !sparse;
  }

  Result<void> prepare_video() {
    if (video_.stream < 0) return {};
    const AVStream& stream = *format_->streams[video_.stream];
    const AVCodecParameters& parameters = *stream.codecpar;
    video_.time_base = stream.time_base;
    AVRational rate = av_guess_frame_rate(format_.get(), const_cast<AVStream*>(&stream), nullptr);
    if (rate.num <= 0 || rate.den <= 0 || av_q2d(rate) > 120) rate = {30, 1};
    video_.frame_time = Duration{av_rescale(1'000'000, rate.den, rate.num)};
    std::vector<Quality> qualities = options_.qualities.empty() ? std::vector<Quality>{{}} : options_.qualities;
    const auto untouched = std::ranges::find(qualities, 0, &Quality::height);
    if (untouched != qualities.end() && parameters.codec_id == AV_CODEC_ID_H264 && keys_usable_ && copy_video(parameters)) {
      copied_place_ = static_cast<std::size_t>(untouched - qualities.begin());
      qualities.erase(untouched);
      // What is smaller is made of it; its own size is there already.
      std::erase_if(qualities, [&](const Quality& quality) { return quality.height >= parameters.height; });
      if (qualities.empty()) return {};
    }
    if (auto opened = open_decoder(video_, parameters); !opened) return opened;
    int width = parameters.width, height = parameters.height;
    if (width <= 0 || height <= 0) return fail("The picture of \"" + options_.input + "\" has no size.");
    if (height > kHeightMax) {
      width = static_cast<int>(std::int64_t{width} * kHeightMax / height);
      height = kHeightMax;
    }
    auto ladder = VideoLadder::make({.width = width,
                                     .height = height,
                                     .frames_per_s = std::clamp(static_cast<int>(std::lround(av_q2d(rate))), 1, 60),
                                     .bits_per_s = options_.video_bits_per_s,
                                     .qualities = std::move(qualities)});
    if (!ladder) return std::unexpected{ladder.error()};
    video_.ladder = std::move(*ladder);
    return {};
  }

  void list_renditions() {
    const auto rate = [&](std::int64_t video) {
      return static_cast<std::uint32_t>(std::clamp<std::int64_t>(video + (audio_.stream < 0 ? 0 : options_.audio_bits_per_s), 32'000, 100'000'000));
    };
    if (video_.ladder) {
      for (const VideoLadder::Rung& rung : video_.ladder->rungs()) {
        renditions_.push_back({.video = rung.encoder->track(), .audio = sound_, .bits_per_s = rate(rung.bits_per_s)});
      }
    }
    if (!video_.ladder || video_.copy) {
      const std::int64_t known = format_->bit_rate > 0 ? format_->bit_rate : options_.video_bits_per_s + options_.audio_bits_per_s;
      copied_place_ = std::min(copied_place_, renditions_.size());
      renditions_.insert(renditions_.begin() + static_cast<std::ptrdiff_t>(copied_place_),
                         {.video = picture_, .audio = sound_, .bits_per_s = rate(video_.stream < 0 ? 0 : known)});
    }
  }

  /// False: it must be encoded anew after all.
  bool copy_video(const AVCodecParameters& parameters) {
    const auto extradata = std::as_bytes(std::span{parameters.extradata, static_cast<std::size_t>(std::max(parameters.extradata_size, 0))});
    Bytes avcc{extradata.begin(), extradata.end()};
    video_.annex_b = avcc.empty() || avcc[0] != std::byte{1};
    if (video_.annex_b) {
      auto made = media::avcc_from_annex_b(avcc.empty() ? BytesView{first_key_} : BytesView{avcc});
      if (!made) return false;
      avcc = std::move(*made);
    }
    auto config = media::parse_avcc(avcc);
    auto track = media::video_track_from_avcc(avcc);
    if (!config || !track || config->sps.empty()) return false;
    const auto sps = media::parse_sps(config->sps.front());
    // What browsers cannot play (10 bits, other chroma, fields) is encoded anew.
    if (!sps || sps->chroma_format != 1 || sps->bit_depth_luma != 8 || !sps->frames_only) return false;
    video_.copy = true;
    video_.avc = std::move(*config);
    picture_ = std::move(*track);
    return true;
  }

  Result<void> prepare_audio() {
    if (audio_.stream < 0) return {};
    const AVStream& stream = *format_->streams[audio_.stream];
    const AVCodecParameters& parameters = *stream.codecpar;
    audio_.time_base = stream.time_base;
    audio_.frame_time = 20ms;
    const auto config = std::as_bytes(std::span{parameters.extradata, static_cast<std::size_t>(std::max(parameters.extradata_size, 0))});
    if (parameters.codec_id == AV_CODEC_ID_OPUS) {
      if (auto track = media::audio_track_from_opus_head(config)) sound_ = std::move(*track);
    } else if (parameters.codec_id == AV_CODEC_ID_AAC && !config.empty()) {
      if (auto track = media::audio_track_from_aac_config(config)) sound_ = std::move(*track);
      if (parameters.sample_rate > 0) audio_.frame_time = Duration{std::int64_t{1024} * 1'000'000 / parameters.sample_rate};
    }
    audio_.copy = sound_.has_value();
    if (audio_.copy) return {};
    if (auto opened = open_decoder(audio_, parameters); !opened) {
      // Sound in an odd format must not keep the picture away.
      if (video_.stream < 0) return opened;
      audio_.stream = -1;
      return {};
    }
    auto encoder = AudioEncoder::make(options_.audio_bits_per_s);
    if (!encoder) return std::unexpected{encoder.error()};
    audio_.audio_encoder = std::move(*encoder);
    sound_ = audio_.audio_encoder->track();
    return {};
  }

  Result<void> open_decoder(Track& track, const AVCodecParameters& parameters) {
    const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
    if (!codec) return fail("\"" + options_.input + "\" is in a format (" + avcodec_get_name(parameters.codec_id) + ") that this build of FFmpeg cannot decode.");
    track.decoder.reset(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(track.decoder.get(), &parameters);
    track.decoder->pkt_timebase = track.time_base;
    track.decoder->thread_count = 2;
    if (const int error = avcodec_open2(track.decoder.get(), codec, nullptr); error < 0) {
      return fail("\"" + options_.input + "\" cannot be decoded: " + av_error(error) + ".");
    }
    return {};
  }

  void copy(Track& track, const AVPacket& packet, Pacer& pacer, const Sink& sink, std::stop_token stop) {
    const bool video = &track == &video_;
    const std::int64_t stamp = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
    const Duration input_time = stamp == AV_NOPTS_VALUE ? track.timeline.expected() : to_duration(stamp, track.time_base);
    const Duration length = packet.duration > 0 ? to_duration(packet.duration, track.time_base) : track.frame_time;
    const Duration dts = on_common_axis(track, input_time, length);
    if (dts < Duration{}) return;
    Duration pts = dts;
    if (packet.pts != AV_NOPTS_VALUE && packet.dts != AV_NOPTS_VALUE) pts += to_duration(packet.pts - packet.dts, track.time_base);
    if (!pacer.wait_until(dts, stop)) return;
    Bytes lengths;
    BytesView data = view(packet);
    if (video && track.annex_b) {
      lengths = media::annex_b_to_lengths(data, track.avc);
      data = lengths;
    }
    bool key = true;
    if (video) {
      key = media::has_idr(data, track.annex_b ? 4 : track.avc.length_size);
      track.key_seen |= key;
      if (!track.key_seen || data.empty()) return;
      if (track.ladder) remember(packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts, {.pts = pts, .key = key, .captured = pacer.wall(dts)});
    }
    const media::Sample sample{.kind = video ? media::TrackKind::kVideo : media::TrackKind::kAudio, .dts = dts, .pts = pts, .duration = length,
                               .key = key, .captured = pacer.wall(dts), .data = data};
    if (video) sink(copied_place_, sample);
    else to_all(sample, sink);
  }

  void to_all(const media::Sample& sample, const Sink& sink) const {
    for (std::size_t place = 0; place < renditions_.size(); ++place) sink(place, sample);
  }

  /// Where a copied picture was put, for when the decoder gives it back.
  struct Placed {
    Duration pts{};
    bool key = false;
    WallTime captured{};
  };
  void remember(std::int64_t stamp, Placed placed) {
    placed_[stamp] = placed;
    if (placed_.size() > kPlacedMax) placed_.erase(placed_.begin());
  }

  Result<void> transcode(Track& track, const AVPacket* packet, Pacer& pacer, const Sink& sink, std::stop_token stop) {
    // A damaged packet costs its frames, not the stream.
    if (avcodec_send_packet(track.decoder.get(), packet) < 0) return {};
    const FramePtr frame = make_frame();
    while (avcodec_receive_frame(track.decoder.get(), frame.get()) >= 0) {
      auto done = track.copy ? encode_beside(track, *frame, sink) : encode(track, *frame, pacer, sink, stop);
      if (!done) return done;
      av_frame_unref(frame.get());
    }
    return {};
  }

  Result<void> encode(Track& track, AVFrame& frame, Pacer& pacer, const Sink& sink, std::stop_token stop) {
    const std::int64_t stamp = frame.best_effort_timestamp;
    const Duration input_time = stamp == AV_NOPTS_VALUE ? track.timeline.expected() : to_duration(stamp, track.time_base);
    Duration length = track.frame_time;
    if (&track == &audio_ && frame.sample_rate > 0) length = Duration{std::int64_t{frame.nb_samples} * 1'000'000 / frame.sample_rate};
    const Duration pts = on_common_axis(track, input_time, length);
    if (pts < Duration{} || !pacer.wait_until(pts, stop)) return {};
    const WallTime captured = pacer.wall(pts);
    if (track.audio_encoder) return track.audio_encoder->encode(frame, pts, captured, [&](const media::Sample& sample) { to_all(sample, sink); });
    const bool key = !next_key_ || pts >= *next_key_ - 1ms;
    if (key) next_key_ = pts + options_.key_interval;
    return track.ladder->encode(frame, pts, key, captured, sink);
  }

  /// A further rendition of a picture that is passed on as it is: at the same time, and a key frame where that is one.
  Result<void> encode_beside(Track& track, AVFrame& frame, const Sink& sink) {
    const auto placed = placed_.find(frame.pts != AV_NOPTS_VALUE ? frame.pts : frame.pkt_dts);
    if (placed == placed_.end()) return {};
    const auto [pts, key, captured] = placed->second;
    placed_.erase(placed);
    return track.ladder->encode(frame, pts, key, captured,
                                [&](std::size_t rung, const media::Sample& sample) { sink(rung < copied_place_ ? rung : rung + 1, sample); });
  }

  /// Both tracks share one origin, that of the first frame of either; jumps are mended a track at a time.
  Duration on_common_axis(Track& track, Duration input_time, Duration length) {
    if (!origin_) origin_ = input_time;
    return track.timeline.place(input_time - *origin_ + round_offset_, length);
  }

  Result<void> rewind() {
    if (const int error = av_seek_frame(format_.get(), -1, format_->start_time == AV_NOPTS_VALUE ? 0 : format_->start_time, AVSEEK_FLAG_BACKWARD); error < 0) {
      return fail("\"" + options_.input + "\" cannot be rewound, so it cannot be looped: " + av_error(error) + ".");
    }
    for (Track* track : {&video_, &audio_}) {
      if (track->decoder) avcodec_flush_buffers(track->decoder.get());
    }
    placed_.clear();
    // The next round begins where the longer track of this one ended.
    round_offset_ = std::max(video_.timeline.expected(), audio_.timeline.expected());
    origin_.reset();
    for (Track* track : {&video_, &audio_}) track->timeline.new_round();
    return {};
  }

  InputOptions options_;
  std::stop_token stop_;   // asked by libav wherever it waits
  AvPtr<AVFormatContext> format_;
  std::vector<Tracks> renditions_;
  std::optional<media::VideoTrack> picture_;   // that is copied
  std::optional<media::AudioTrack> sound_;
  std::size_t copied_place_ = 0;               // of the copied picture among the renditions
  std::map<std::int64_t, Placed> placed_;      // by the time stamp of the input
  std::optional<Duration> next_key_;
  Track video_, audio_;
  std::deque<PacketPtr> probed_;
  Bytes first_key_;
  bool keys_usable_ = false;
  std::optional<Duration> origin_;
  Duration round_offset_{};
};

}  // namespace

Result<std::unique_ptr<LiveInput>> open_file(const InputOptions& options, std::stop_token stop) {
  auto input = std::make_unique<FileInput>(options, std::move(stop));
  if (auto opened = input->open(); !opened) return std::unexpected{opened.error()};
  return input;
}

}  // namespace p2p::transcode
