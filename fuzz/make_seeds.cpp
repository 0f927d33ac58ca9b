// make_seeds FOLDER: writes seeds that get past the first gate of the binary formats, by our own writers. Run by hand when a format changes:
//
//     ninja -C build/sanitize make_seeds && build/sanitize/bin/make_seeds fuzz/corpus
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/digest.hpp"
#include "media/cmaf_filler.hpp"
#include "media/cmaf_writer.hpp"
#include "media/fmp4_reader.hpp"
#include "digests.hpp"
#include "test_tracks.hpp"
#include "turn/credentials.hpp"
#include "turn/stun_message.hpp"
#include "wire/fragment.hpp"
#include "wire/message.hpp"

namespace {

using namespace p2p;

std::filesystem::path corpus;

void write(const std::string& target, const std::string& name, BytesView bytes) {
  std::filesystem::create_directories(corpus / target);
  std::ofstream file{corpus / target / name, std::ios::binary};
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// fmp4_reader_fuzz: two bytes of length, the init segment, a part.
void write_fmp4(const std::string& name, BytesView init, BytesView part) {
  Bytes seed;
  append_big_endian(seed, static_cast<std::uint16_t>(init.size()));
  append(seed, init);
  append(seed, part);
  write("fmp4_reader_fuzz", name, seed);
}

void write_media(const std::string& name, media::CmafWriter::Options options) {
  media::CmafWriter writer{options};
  Bytes unit;   // an IDR slice of a length of its own
  append_big_endian(unit, std::uint32_t{4});
  append_big_endian(unit, std::uint32_t{0x65888400});
  std::vector<media::CmafPart> parts;
  const auto take = [&](std::vector<media::CmafPart> more) {
    for (auto& part : more) parts.push_back(std::move(part));
  };
  for (int i = 0; i < 4; ++i) {
    if (options.video) {
      const Duration at = 33'333us * i;
      take(writer.push({.kind = media::TrackKind::kVideo, .dts = at, .pts = at + 5ms, .duration = 33'333us, .key = i == 0, .captured = {}, .data = unit}));
    }
    if (options.audio) {
      const Duration at = 20ms * i;
      take(writer.push({.kind = media::TrackKind::kAudio, .dts = at, .pts = at, .duration = 20ms, .key = true, .captured = {}, .data = unit}));
    }
  }
  take(writer.flush());
  for (std::size_t i = 0; i < parts.size(); ++i) write_fmp4(name + std::to_string(i), writer.init_segment(), parts[i].bytes);
  const auto init = media::read_init_segment(writer.init_segment());
  if (init) write_fmp4(name + "_filler", writer.init_segment(), media::make_filler_part(*init, {.sequence = 1, .start = 1s, .duration = 200ms, .audio_from = {}}));
}

/// As the small swarm of libs/p2p-core's tests signs: what passes there gets past the door.
wire::ChatSigned signed_as_in_tests(Bytes blob, Bytes (*signed_text)(BytesView)) {
  RunningDigest digest;
  digest.mix(signed_text(blob));
  wire::ChatSigned bytes{.blob = std::move(blob)};
  for (std::size_t i = 0; i < 8; ++i) bytes.signature[i] = static_cast<std::byte>(digest.value() >> (8 * i));
  return bytes;
}

void write_wire() {
  wire::ManifestEntry entry{.independent = true, .duration_us = 200'000, .size = 13'000, .digests = std::vector<wire::Digest>(2)};
  const Bytes batch = wire::encode(std::vector{entry});
  const Bytes blob = wire::encode(wire::RenditionHeader{.codecs = "avc1.64001f,opus", .width = 640, .height = 360, .bits_per_s = 1'000'000, .init = Bytes(64)});
  const wire::ChatText said{.author = {std::byte{5}}, .time_ms = 1'000, .name = "Fen Road", .text = "At nine."};
  const wire::ChatSigned text = signed_as_in_tests(wire::encode(said), wire::signed_chat_text);
  const wire::ChatSigned reaction = signed_as_in_tests(wire::encode(wire::ChatReaction{.author = {std::byte{5}}, .time_ms = 1'000, .kind = 2}), wire::signed_chat_reaction);
  const wire::ChatSigned page = signed_as_in_tests(
      wire::encode(wire::ChatPage{.page = 1, .version = 9, .pinned_name = {}, .pinned_text = {}, .muted = {wire::ChatAuthor{std::byte{6}}}, .deleted = {wire::ChatId{std::byte{7}}}}),
      wire::signed_chat_page);
  const std::vector<wire::Message> messages{
      wire::Hello{},
      wire::Have{.base = 8, .bits = Bytes(4, std::byte{0x5a}), .clock_ms = 5, .echo_ms = 4, .queue_ms = 1},
      wire::Status{.slots = 8, .slots_free = 3, .gives_kbit_per_s = 2000, .stripes = std::vector<wire::StripeState>(8)},
      wire::Subscribe{.stripe = 3, .from = 9},
      wire::Subscribed{.stripe = 3, .from = 9, .path = {1, 2}},
      wire::Denied{.stripe = 3, .hints = {PeerId{7}}},
      wire::Unsubscribe{.stripe = 3, .until = 20},
      wire::Evict{.stripe = 3, .hint = PeerId{7}},
      wire::Path{.stripe = 3, .path = {1, 2, 3}},
      wire::Request{.pieces = {1, 2, 3}},
      wire::Cancel{.pieces = {1, 2}},
      wire::Unavailable{.pieces = {1}, .reason = wire::Unavailable::Reason::kGone},
      wire::Manifest{.batch = batch},
      wire::ManifestRequest{.from = 4},
      wire::Header{.blob = blob},
      wire::Peers{.peers = {{.peer = PeerId{1}, .giving = true}, {.peer = PeerId{2}, .receiving = true, .room = true}}},
      wire::Bye{.reason = "leaving"},
      wire::PeersRequest{},
      wire::Carry{.to = PeerId{3}, .signal = Bytes(40, std::byte{'a'})},
      wire::Carried{.from = PeerId{3}, .signal = Bytes(40, std::byte{'a'})},
      wire::Uncarried{.to = PeerId{3}},
      wire::Have{.base = 8, .bits = Bytes(4, std::byte{0x5a}), .clock_ms = 5, .status = wire::Status{.stripes = std::vector<wire::StripeState>(8)}},
      wire::Chat{.messages = {text}},
      wire::ChatHave{.ids = std::vector<wire::ChatId>(3)},
      wire::ChatWant{.ids = std::vector<wire::ChatId>(2)},
      wire::ChatSummary{.until_ms = 2'000, .count = 4, .sum = 77, .pages = {0, 9}},
      wire::ChatCompare{.until_ms = 2'000, .ids = std::vector<wire::ChatId>(2)},
      wire::ChatPrune{},
      wire::ChatRules{.page = page},
      wire::ChatReactions{.reactions = {reaction}},
  };
  Bytes conversation;
  // engine_fuzz: channel, length / 4, the message; zeros fill it up.
  const auto say = [&](std::byte channel, BytesView message, std::size_t number) {
    Bytes turn{channel, static_cast<std::byte>((message.size() + 2) / 4)};
    append(turn, message);
    while ((turn.size() - 2) % 4 != 1) turn.push_back({});
    append(conversation, turn);
    write("engine_fuzz", "message" + std::to_string(number), turn);
  };
  std::size_t number = 0;
  for (const wire::Message& message : messages) {
    const Bytes bytes = wire::encode(message);
    write("wire_fuzz", "message" + std::to_string(number), bytes);
    say(std::byte{0}, bytes, number++);
  }
  Bytes fragment = wire::encode(wire::Fragment{.size = 100, .piece = 3, .age_ms = 7});
  fragment.resize(fragment.size() + 100);
  write("wire_fuzz", "fragment", fragment);
  write("wire_fuzz", "manifest", batch);
  write("wire_fuzz", "header", blob);
  write("wire_fuzz", "chat_text", text.blob);
  write("wire_fuzz", "chat_reaction", reaction.blob);
  write("wire_fuzz", "chat_page", page.blob);
  say(std::byte{1}, fragment, number);
  write("engine_fuzz", "conversation", conversation);
}

}  // namespace

// juice_stun_fuzz: a datagram. relay_fuzz: a zero, then a datagram; or a one, then operations.
void write_stun() {
  const auto put = [](const std::string& name, const Bytes& datagram) {
    write("juice_stun_fuzz", name, datagram);
    Bytes raw{std::byte{0}};
    append(raw, datagram);
    write("relay_fuzz", name, raw);
  };
  const turn::Endpoint peer{turn::IpAddress::v4(9, 9, 9, 9), 7000};
  const turn::IntegrityKey key = turn::integrity_key("1:peer", "p2p-stream", "password");
  Bytes datagram;
  turn::StunWriter{datagram, turn::StunClass::kRequest, turn::StunMethod::kBinding, {}}.username("abcd:efgh").integrity(key);
  put("binding", datagram);
  turn::StunWriter allocate{datagram, turn::StunClass::kRequest, turn::StunMethod::kAllocate, {}};
  allocate.udp_transport().lifetime(600).username("1:peer").realm("p2p-stream").nonce("nonce").integrity(key);
  put("allocate", datagram);
  turn::StunWriter{datagram, turn::StunClass::kRequest, turn::StunMethod::kChannelBind, {}}.channel(0x4000).peer(peer).integrity(key);
  put("channel_bind", datagram);
  turn::StunWriter{datagram, turn::StunClass::kIndication, turn::StunMethod::kSend, {}}.peer(peer).data(as_bytes("data"));
  put("send", datagram);
  turn::StunWriter{datagram, turn::StunClass::kSuccess, turn::StunMethod::kAllocate, {}}.relayed(peer).mapped(peer).lifetime(600).integrity(key);
  put("allocated", datagram);
  turn::StunWriter{datagram, turn::StunClass::kError, turn::StunMethod::kAllocate, {}}.error(401, "Unauthorized").realm("p2p-stream").nonce("nonce");
  put("challenge", datagram);
  // Two clients allocate, permit each other, bind a channel and send.
  const auto operations = {1, 0, 0, 2, 0, 0, 1, 8, 1, 1, 1, 1, 2, 1, 8, 1, 1, 1, 0, 0, 1, 9, 2, 1, 1, 1, 2, 1, 0, 2, 1, 1, 2, 65, 66, 0, 3, 1, 2, 65, 66};
  Bytes sequence;
  for (const int operation : operations) sequence.push_back(static_cast<std::byte>(operation));
  write("relay_fuzz", "two_clients", sequence);
}

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("Give the folder of the seeds: fuzz/corpus.\n", stderr);
    return 2;
  }
  corpus = argv[1];
  write_media("both", {.video = media::test_video(), .audio = media::opus_track(2)});
  write_media("video", {.video = media::test_video()});
  write_media("audio", {.audio = media::opus_track(1)});
  write("h264_fuzz", "avcc", media::test_video().avcc);
  write_wire();
  write_stun();
  return 0;
}
