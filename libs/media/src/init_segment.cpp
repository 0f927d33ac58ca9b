#include "init_segment.hpp"

#include <array>

#include "box_writer.hpp"

namespace p2p::media {
namespace {

constexpr std::array<std::uint32_t, 9> kIdentityMatrix{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};

void write_matrix(BoxWriter& w) {
  for (const std::uint32_t value : kIdentityMatrix) w.u32(value);
}

void write_mvhd(BoxWriter& w) {
  w.full_box("mvhd", 0, 0, [&] {
    w.u32(0);  // created
    w.u32(0);  // modified
    w.u32(1000);
    w.u32(0);  // duration: a live stream has none
    w.u32(0x10000);
    w.u16(0x100);
    w.zeros(10);
    write_matrix(w);
    w.zeros(24);
    w.u32(kAudioTrackId + 1);
  });
}

void write_tkhd(BoxWriter& w, std::uint32_t id, bool audio, std::uint16_t width, std::uint16_t height) {
  w.full_box("tkhd", 0, 7, [&] {  // 7: enabled, in the movie, in the preview
    w.u32(0);
    w.u32(0);
    w.u32(id);
    w.u32(0);
    w.u32(0);
    w.zeros(8);
    w.u16(0);
    w.u16(0);
    w.u16(audio ? 0x100 : 0);
    w.u16(0);
    write_matrix(w);
    w.u32(std::uint32_t{width} << 16);
    w.u32(std::uint32_t{height} << 16);
  });
}

void write_avc1(BoxWriter& w, const VideoTrack& track) {
  w.box("avc1", [&] {
    w.zeros(6);
    w.u16(1);  // data reference
    w.zeros(16);
    w.u16(track.width);
    w.u16(track.height);
    w.u32(0x480000);  // 72 dpi
    w.u32(0x480000);
    w.u32(0);
    w.u16(1);  // frames a sample
    w.zeros(32);
    w.u16(24);
    w.u16(0xffff);
    w.box("avcC", [&] { w.bytes(track.avcc); });
  });
}

// The MPEG-4 descriptors of ISO/IEC 14496-1, 7.2.6; every length here is below 128 or takes the two bytes of put_descriptor.
void put_descriptor(Bytes& out, std::uint8_t tag, BytesView body) {
  append_big_endian(out, tag);
  append_big_endian(out, static_cast<std::uint8_t>(0x80 | (body.size() >> 7)));
  append_big_endian(out, static_cast<std::uint8_t>(body.size() & 0x7f));
  append(out, body);
}

Bytes elementary_stream_descriptor(const AudioTrack& track) {
  Bytes decoder_specific;
  put_descriptor(decoder_specific, 5, track.aac_config);
  Bytes decoder;
  append_big_endian(decoder, std::uint8_t{0x40});  // MPEG-4 audio
  append_big_endian(decoder, std::uint8_t{0x15});  // audio stream
  append_big_endian(decoder, std::uint32_t{0}, 3);
  append_big_endian(decoder, std::uint32_t{0});
  append_big_endian(decoder, std::uint32_t{0});
  append(decoder, decoder_specific);
  Bytes body;
  append_big_endian(body, std::uint16_t{0});
  append_big_endian(body, std::uint8_t{0});
  put_descriptor(body, 4, decoder);
  const std::array sync_config{std::byte{2}};
  put_descriptor(body, 6, sync_config);
  Bytes descriptor;
  put_descriptor(descriptor, 3, body);
  return descriptor;
}

void write_audio_entry(BoxWriter& w, const AudioTrack& track) {
  const bool opus = track.format == AudioCodec::kOpus;
  w.box(opus ? "Opus" : "mp4a", [&] {
    w.zeros(6);
    w.u16(1);
    w.zeros(8);
    w.u16(track.channels);
    w.u16(16);
    w.zeros(4);
    w.u32(track.sample_rate << 16);
    if (opus) {
      w.box("dOps", [&] {  // "Encapsulation of Opus in ISO BMFF", 4.3.2
        w.u8(0);
        w.u8(static_cast<std::uint8_t>(track.channels));
        w.u16(track.opus_pre_skip);
        w.u32(track.sample_rate);
        w.u16(static_cast<std::uint16_t>(track.opus_gain));
        w.u8(0);
      });
    } else {
      w.full_box("esds", 0, 0, [&] { w.bytes(elementary_stream_descriptor(track)); });
    }
  });
}

template <typename Entry>
void write_sample_table(BoxWriter& w, Entry entry) {
  w.box("dinf", [&] {
    w.full_box("dref", 0, 0, [&] {
      w.u32(1);
      w.full_box("url ", 0, 1, [] {});
    });
  });
  w.box("stbl", [&] {
    w.full_box("stsd", 0, 0, [&] {
      w.u32(1);
      entry();
    });
    w.full_box("stts", 0, 0, [&] { w.u32(0); });
    w.full_box("stsc", 0, 0, [&] { w.u32(0); });
    w.full_box("stsz", 0, 0, [&] { w.zeros(8); });
    w.full_box("stco", 0, 0, [&] { w.u32(0); });
  });
}

template <typename Header, typename Entry>
void write_media(BoxWriter& w, std::uint32_t timescale, std::string_view handler, Header header, Entry entry) {
  w.box("mdia", [&] {
    w.full_box("mdhd", 0, 0, [&] {
      w.zeros(8);
      w.u32(timescale);
      w.u32(0);
      w.u16(0x55c4);  // language "und"
      w.u16(0);
    });
    w.full_box("hdlr", 0, 0, [&] {
      w.u32(0);
      w.text(handler);
      w.zeros(12);
      w.u8(0);  // no name
    });
    w.box("minf", [&] {
      header();
      write_sample_table(w, entry);
    });
  });
}

void write_trex(BoxWriter& w, std::uint32_t id) {
  w.full_box("trex", 0, 0, [&] {
    w.u32(id);
    w.u32(1);
    w.zeros(12);
  });
}

}  // namespace

Bytes write_init_segment(const std::optional<VideoTrack>& video, const std::optional<AudioTrack>& audio) {
  Bytes out;
  BoxWriter w{out};
  w.box("ftyp", [&] {
    w.text("iso6");
    w.u32(1);
    w.text("iso6iso5mp41");
  });
  w.box("moov", [&] {
    write_mvhd(w);
    if (video) {
      w.box("trak", [&] {
        write_tkhd(w, kVideoTrackId, false, video->width, video->height);
        write_media(
            w, kVideoTimescale, "vide", [&] { w.full_box("vmhd", 0, 1, [&] { w.zeros(8); }); },
            [&] { write_avc1(w, *video); });
      });
    }
    if (audio) {
      w.box("trak", [&] {
        write_tkhd(w, kAudioTrackId, true, 0, 0);
        write_media(
            w, audio->sample_rate, "soun", [&] { w.full_box("smhd", 0, 0, [&] { w.zeros(4); }); },
            [&] { write_audio_entry(w, *audio); });
      });
    }
    w.box("mvex", [&] {
      if (video) write_trex(w, kVideoTrackId);
      if (audio) write_trex(w, kAudioTrackId);
    });
  });
  return out;
}

}  // namespace p2p::media
