#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavdevice/avdevice.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace p2p::transcode {

struct AvDelete {
  void operator()(AVFormatContext* p) const { avformat_close_input(&p); }
  void operator()(AVCodecContext* p) const { avcodec_free_context(&p); }
  void operator()(AVFrame* p) const { av_frame_free(&p); }
  void operator()(AVPacket* p) const { av_packet_free(&p); }
  void operator()(SwsContext* p) const { sws_freeContext(p); }
  void operator()(SwrContext* p) const { swr_free(&p); }
  void operator()(AVAudioFifo* p) const { av_audio_fifo_free(p); }
};
template <typename T>
using AvPtr = std::unique_ptr<T, AvDelete>;

using FramePtr = AvPtr<AVFrame>;
using PacketPtr = AvPtr<AVPacket>;
using CodecPtr = AvPtr<AVCodecContext>;

inline constexpr AVRational kMicroseconds{1, 1'000'000};

inline FramePtr make_frame() { return FramePtr{av_frame_alloc()}; }
inline PacketPtr make_packet() { return PacketPtr{av_packet_alloc()}; }

inline Duration to_duration(std::int64_t value, AVRational base) { return Duration{av_rescale_q(value, base, kMicroseconds)}; }

inline BytesView view(const AVPacket& packet) {
  return std::as_bytes(std::span{packet.data, static_cast<std::size_t>(packet.size)});
}

inline std::string av_error(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

}  // namespace p2p::transcode
