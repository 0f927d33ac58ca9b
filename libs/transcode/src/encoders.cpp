#include "encoders.hpp"

#include <algorithm>
#include <vector>

#include "base/check.hpp"

namespace p2p::transcode {
namespace {

constexpr int kOpusRate = 48'000;
constexpr int kOpusFrame = 960;   // 20 ms
constexpr int kChannels = 2;
constexpr Duration kGapMax = 100ms;
constexpr Duration kSilenceMax = 2s;

}  // namespace

Result<std::unique_ptr<VideoEncoder>> VideoEncoder::make(const Options& options) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (!codec) return fail("This build of FFmpeg has no x264 encoder. Install one that has, or give an input that is H.264 already.");
  std::unique_ptr<VideoEncoder> encoder{new VideoEncoder{options}};
  CodecPtr context{avcodec_alloc_context3(codec)};
  context->width = options.width;
  context->height = options.height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = kMicroseconds;
  context->framerate = {options.frames_per_s, 1};
  context->bit_rate = options.bits_per_s;
  context->rc_max_rate = options.bits_per_s * 5 / 4;
  context->rc_buffer_size = static_cast<int>(options.bits_per_s / 2);
  context->gop_size = options.frames_per_s * 10;   // key frames are asked for by time
  context->max_b_frames = 0;
  context->thread_count = options.threads;
  context->thread_type = FF_THREAD_SLICE;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av_opt_set(context->priv_data, "preset", "superfast", 0);
  av_opt_set(context->priv_data, "tune", "zerolatency", 0);
  av_opt_set(context->priv_data, "forced-idr", "1", 0);
  av_opt_set(context->priv_data, "x264-params", "scenecut=0", 0);
  if (const int error = avcodec_open2(context.get(), codec, nullptr); error < 0) {
    return fail("The video encoder refuses " + std::to_string(options.width) + "x" + std::to_string(options.height) + " (" + av_error(error) +
                "). Try another size.");
  }
  const auto extradata = std::as_bytes(std::span{context->extradata, static_cast<std::size_t>(context->extradata_size)});
  Bytes avcc{extradata.begin(), extradata.end()};
  if (!avcc.empty() && avcc[0] != std::byte{1}) {
    auto made = media::avcc_from_annex_b(avcc);
    if (!made) return std::unexpected{made.error()};
    avcc = std::move(*made);
  }
  auto track = media::video_track_from_avcc(avcc);
  if (!track) return std::unexpected{track.error()};
  auto config = media::parse_avcc(track->avcc);
  if (!config) return std::unexpected{config.error()};
  encoder->config_ = std::move(*config);
  encoder->track_ = std::move(*track);
  encoder->codec_ = std::move(context);
  return encoder;
}

Result<void> VideoEncoder::encode(AVFrame& frame, Duration pts, bool key, WallTime captured, const SampleSink& sink) {
  frame.pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
  frame.pts = pts.count();
  if (const int error = avcodec_send_frame(codec_.get(), &frame); error < 0) return fail("The video encoder failed: " + av_error(error) + ".");
  while (avcodec_receive_packet(codec_.get(), packet_.get()) >= 0) {
    const Bytes lengths = media::is_annex_b(view(*packet_)) ? media::annex_b_to_lengths(view(*packet_), config_)
                                                            : Bytes{view(*packet_).begin(), view(*packet_).end()};
    sink({.kind = media::TrackKind::kVideo,
          .dts = Duration{packet_->dts},
          .pts = Duration{packet_->pts},
          .duration = Duration{1'000'000 / options_.frames_per_s},
          .key = (packet_->flags & AV_PKT_FLAG_KEY) != 0,
          .captured = captured,
          .data = lengths});
    av_packet_unref(packet_.get());
  }
  return {};
}

Result<std::unique_ptr<AudioEncoder>> AudioEncoder::make(std::int64_t bits_per_s) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libopus");
  if (!codec) return fail("This build of FFmpeg has no Opus encoder. Install one that has, or give an input with AAC or Opus.");
  std::unique_ptr<AudioEncoder> encoder{new AudioEncoder};
  CodecPtr context{avcodec_alloc_context3(codec)};
  context->sample_rate = kOpusRate;
  context->sample_fmt = AV_SAMPLE_FMT_FLT;
  av_channel_layout_default(&context->ch_layout, kChannels);
  context->bit_rate = bits_per_s;
  context->time_base = {1, kOpusRate};
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av_opt_set(context->priv_data, "frame_duration", "20", 0);
  av_opt_set(context->priv_data, "application", "audio", 0);
  if (const int error = avcodec_open2(context.get(), codec, nullptr); error < 0) {
    return fail("The sound encoder cannot be opened: " + av_error(error) + ".");
  }
  encoder->track_ = media::opus_track(kChannels, static_cast<std::uint16_t>(std::max(context->initial_padding, 0)));
  encoder->fifo_.reset(av_audio_fifo_alloc(AV_SAMPLE_FMT_FLT, kChannels, kOpusRate));
  encoder->codec_ = std::move(context);
  return encoder;
}

Result<void> AudioEncoder::resampler_for(const AVFrame& sound) {
  if (resampler_ && in_rate_ == sound.sample_rate && in_format_ == sound.format && in_layout_ == static_cast<std::uint64_t>(sound.ch_layout.nb_channels)) {
    return {};
  }
  AVChannelLayout in{};
  if (sound.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) av_channel_layout_default(&in, sound.ch_layout.nb_channels);
  else av_channel_layout_copy(&in, &sound.ch_layout);
  SwrContext* made = nullptr;
  int error = swr_alloc_set_opts2(&made, &codec_->ch_layout, AV_SAMPLE_FMT_FLT, kOpusRate, &in, static_cast<AVSampleFormat>(sound.format),
                                  sound.sample_rate, 0, nullptr);
  resampler_.reset(made);
  if (error >= 0) error = swr_init(made);
  av_channel_layout_uninit(&in);
  if (error < 0) return fail("This kind of sound cannot be converted: " + av_error(error) + ".");
  in_rate_ = sound.sample_rate;
  in_format_ = sound.format;
  in_layout_ = static_cast<std::uint64_t>(sound.ch_layout.nb_channels);
  return {};
}

Result<void> AudioEncoder::encode(const AVFrame& sound, Duration pts, WallTime captured, const SampleSink& sink) {
  if (auto ready = resampler_for(sound); !ready) return ready;
  const std::int64_t begins = av_rescale(pts.count(), kOpusRate, 1'000'000);
  const std::int64_t expected = next_sample_ + av_audio_fifo_size(fifo_.get());
  const std::int64_t gap = next_sample_ < 0 ? 0 : begins - expected;
  if (next_sample_ < 0) next_sample_ = std::max<std::int64_t>(begins, 0);
  const std::int64_t gap_max = av_rescale(kGapMax.count(), kOpusRate, 1'000'000);
  if (gap > gap_max) {
    const std::int64_t silent = std::min<std::int64_t>(gap, av_rescale(kSilenceMax.count(), kOpusRate, 1'000'000));
    std::vector<float> zeros(static_cast<std::size_t>(silent) * kChannels);
    void* data = zeros.data();
    av_audio_fifo_write(fifo_.get(), &data, static_cast<int>(silent));
    // What is longer is no gap but a pause: time goes on without sound, the packager fills it.
    if (gap > silent) {
      if (auto drained = drain(captured, sink); !drained) return drained;
      next_sample_ = begins - av_audio_fifo_size(fifo_.get());
    }
  }
  const int room = static_cast<int>(av_rescale_rnd(swr_get_delay(resampler_.get(), sound.sample_rate) + sound.nb_samples, kOpusRate,
                                                   sound.sample_rate, AV_ROUND_UP));
  std::vector<float> converted(static_cast<std::size_t>(room) * kChannels);
  auto* out = reinterpret_cast<std::uint8_t*>(converted.data());
  const int count = swr_convert(resampler_.get(), &out, room, const_cast<const std::uint8_t**>(sound.extended_data), sound.nb_samples);
  if (count < 0) return fail("Sound cannot be converted: " + av_error(count) + ".");
  const int cut = gap < -gap_max ? static_cast<int>(std::min<std::int64_t>(-gap, count)) : 0;
  void* data = converted.data() + static_cast<std::size_t>(cut) * kChannels;
  av_audio_fifo_write(fifo_.get(), &data, count - cut);
  return drain(captured, sink);
}

Result<void> AudioEncoder::drain(WallTime captured, const SampleSink& sink) {
  while (av_audio_fifo_size(fifo_.get()) >= kOpusFrame) {
    const FramePtr frame = make_frame();
    frame->nb_samples = kOpusFrame;
    frame->format = AV_SAMPLE_FMT_FLT;
    frame->sample_rate = kOpusRate;
    av_channel_layout_copy(&frame->ch_layout, &codec_->ch_layout);
    CHECK(av_frame_get_buffer(frame.get(), 0) >= 0, "no memory for a frame of sound");
    av_audio_fifo_read(fifo_.get(), reinterpret_cast<void**>(frame->data), kOpusFrame);
    frame->pts = next_sample_;
    if (const int error = avcodec_send_frame(codec_.get(), frame.get()); error < 0) return fail("The sound encoder failed: " + av_error(error) + ".");
    while (avcodec_receive_packet(codec_.get(), packet_.get()) >= 0) {
      // The encoder's delay is the pre-skip that the track declares: packets keep the time of what went in.
      const std::int64_t sample = std::max<std::int64_t>(packet_->pts + codec_->initial_padding, 0);
      const Duration time{av_rescale(sample, 1'000'000, kOpusRate)};
      sink({.kind = media::TrackKind::kAudio, .dts = time, .pts = time, .duration = 20ms, .key = true, .captured = captured, .data = view(*packet_)});
      av_packet_unref(packet_.get());
    }
    next_sample_ += kOpusFrame;
  }
  return {};
}

}  // namespace p2p::transcode
