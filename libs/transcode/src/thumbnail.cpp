#include "transcode/thumbnail.hpp"

#include <algorithm>
#include <cstring>

#include "av.hpp"
#include "base/check.hpp"

namespace p2p::transcode {
namespace {

/// MJPEG's quantizer scale, from good to just recognisable.
constexpr int kScales[] = {4, 10, 20, 31};

Result<FramePtr> decoded(const media::VideoTrack& track, BytesView key_frame) {
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_H264);
  if (!codec) return fail("This build of FFmpeg cannot decode H.264.");
  const CodecPtr decoder{avcodec_alloc_context3(codec)};
  decoder->extradata = static_cast<std::uint8_t*>(av_mallocz(track.avcc.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  decoder->extradata_size = static_cast<int>(track.avcc.size());
  std::memcpy(decoder->extradata, track.avcc.data(), track.avcc.size());
  decoder->thread_count = 1;
  if (avcodec_open2(decoder.get(), codec, nullptr) < 0) return fail("The H.264 decoder cannot be opened.");
  const PacketPtr packet = make_packet();
  CHECK(av_new_packet(packet.get(), static_cast<int>(key_frame.size())) >= 0, "no memory for a key frame");
  std::memcpy(packet->data, key_frame.data(), key_frame.size());
  FramePtr frame = make_frame();
  avcodec_send_packet(decoder.get(), packet.get());
  avcodec_send_packet(decoder.get(), nullptr);
  if (avcodec_receive_frame(decoder.get(), frame.get()) < 0 || frame->width <= 0 || frame->height <= 0) return fail("The key frame cannot be decoded.");
  return frame;
}

Result<FramePtr> scaled(const AVFrame& frame, int width_max) {
  FramePtr small = make_frame();
  small->width = std::min(frame.width, width_max) & ~1;
  small->height = std::max(2, static_cast<int>(std::int64_t{frame.height} * small->width / frame.width) & ~1);
  small->format = AV_PIX_FMT_YUVJ420P;
  CHECK(av_frame_get_buffer(small.get(), 0) >= 0, "no memory for a picture");
  const AvPtr<SwsContext> scaler{sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), small->width, small->height, AV_PIX_FMT_YUVJ420P,
                                                SWS_AREA, nullptr, nullptr, nullptr)};
  if (!scaler) return fail("The picture is in a format that cannot be converted.");
  sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, small->data, small->linesize);
  return small;
}

Result<Bytes> encoded(AVFrame& picture, int scale) {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  if (!codec) return fail("This build of FFmpeg has no JPEG encoder.");
  const CodecPtr encoder{avcodec_alloc_context3(codec)};
  encoder->width = picture.width;
  encoder->height = picture.height;
  encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
  encoder->time_base = {1, 1};
  encoder->flags |= AV_CODEC_FLAG_QSCALE;
  encoder->global_quality = scale * FF_QP2LAMBDA;
  picture.quality = encoder->global_quality;
  if (avcodec_open2(encoder.get(), codec, nullptr) < 0) return fail("The JPEG encoder cannot be opened.");
  const PacketPtr packet = make_packet();
  if (avcodec_send_frame(encoder.get(), &picture) < 0 || avcodec_receive_packet(encoder.get(), packet.get()) < 0) return fail("The JPEG encoder failed.");
  return Bytes{view(*packet).begin(), view(*packet).end()};
}

}  // namespace

Result<Bytes> make_thumbnail(const media::VideoTrack& track, BytesView key_frame, ThumbnailLimits limits) {
  const auto frame = decoded(track, key_frame);
  if (!frame) return std::unexpected{frame.error()};
  const auto small = scaled(**frame, limits.width_max);
  if (!small) return std::unexpected{small.error()};
  for (const int scale : kScales) {
    auto image = encoded(**small, scale);
    if (!image || image->size() <= limits.bytes_max) return image;
  }
  return fail("The picture is too rich for a thumbnail.");
}

}  // namespace p2p::transcode
