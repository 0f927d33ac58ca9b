#include <mesh_generated.h>

#include "base/check.hpp"
#include "flat.hpp"
#include "message_fixed.hpp"
#include "peer_marks.hpp"
#include "wire/message.hpp"

namespace p2p::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::string_view kManifestContext = "p2p-stream manifest v1\n";
constexpr std::string_view kHeaderContext = "p2p-stream header v1\n";

using wire::put;

Offset<fb::ChatSigned> put(FlatBufferBuilder& to, const ChatSigned& text) {
  const auto blob = put(to, text.blob);
  return fb::CreateChatSigned(to, blob, put(to, text.signature));
}

Offset<flatbuffers::Vector<Offset<fb::ChatSigned>>> put(FlatBufferBuilder& to, const std::vector<ChatSigned>& texts) {
  std::vector<Offset<fb::ChatSigned>> offsets;
  for (const ChatSigned& text : texts) offsets.push_back(put(to, text));
  return to.CreateVector(offsets);
}

Offset<flatbuffers::Vector<std::uint64_t>> put(FlatBufferBuilder& to, const std::vector<PeerId>& peers) {
  std::vector<std::uint64_t> values;
  for (const PeerId peer : peers) values.push_back(peer.value);
  return to.CreateVector(values);
}

/// Builds the union member for each message; returns its offset and type.
struct BodyBuilder {
  FlatBufferBuilder& to;
  fb::Body type = fb::Body_NONE;

  template <typename Table>
  Offset<void> done(fb::Body body, Offset<Table> offset) {
    type = body;
    return offset.Union();
  }

  Offset<void> operator()(const Hello& m) {
    return done(fb::Body_Hello, fb::CreateHello(to, m.version, put(to, m.stream), m.role, m.giving, m.fresh, m.chat));
  }
  Offset<void> operator()(const Subscribe& m) {
    return done(fb::Body_Subscribe, fb::CreateSubscribe(to, m.rendition, m.stripe, m.from, m.gives_kbit_per_s, m.fed));
  }
  Offset<void> operator()(const Subscribed& m) {
    return done(fb::Body_Subscribed, fb::CreateSubscribed(to, m.rendition, m.stripe, m.from, to.CreateVector(m.path), m.soft));
  }
  Offset<void> operator()(const Denied& m) {
    return done(fb::Body_Denied, fb::CreateDenied(to, m.rendition, m.stripe, put(to, m.hints), m.link_full));
  }
  Offset<void> operator()(const Unsubscribe& m) {
    return done(fb::Body_Unsubscribe, fb::CreateUnsubscribe(to, m.rendition, m.stripe, m.until));
  }
  Offset<void> operator()(const Evict& m) {
    return done(fb::Body_Evict, fb::CreateEvict(to, m.rendition, m.stripe, m.hint.value, m.until, m.link_full));
  }
  Offset<void> operator()(const Path& m) {
    return done(fb::Body_Path, fb::CreatePath(to, m.rendition, m.stripe, to.CreateVector(m.path)));
  }
  Offset<void> operator()(const Request& m) {
    return done(fb::Body_Request, fb::CreateRequest(to, m.rendition, to.CreateVector(m.pieces), m.urgent));
  }
  Offset<void> operator()(const Cancel& m) {
    return done(fb::Body_Cancel, fb::CreateCancel(to, m.rendition, to.CreateVector(m.pieces), m.still_missing));
  }
  Offset<void> operator()(const Unavailable& m) {
    return done(fb::Body_Unavailable,
                fb::CreateUnavailable(to, m.rendition, to.CreateVector(m.pieces), static_cast<std::uint8_t>(m.reason)));
  }
  Offset<void> operator()(const Manifest& m) {
    const auto batch = put(to, m.batch);
    return done(fb::Body_Manifest, fb::CreateManifest(to, batch, put(to, m.signature)));
  }
  Offset<void> operator()(const ManifestRequest& m) {
    return done(fb::Body_ManifestRequest, fb::CreateManifestRequest(to, m.rendition, m.from));
  }
  Offset<void> operator()(const Header& m) {
    const auto blob = put(to, m.blob);
    return done(fb::Body_Header, fb::CreateHeader(to, blob, put(to, m.signature)));
  }
  Offset<void> operator()(const Peers& m) {
    std::vector<std::uint64_t> peers;
    std::vector<std::uint8_t> marks;
    for (const Peers::Named& named : m.peers) {
      peers.push_back(named.peer.value);
      marks.push_back(static_cast<std::uint8_t>((named.giving ? kGiving : 0) | (named.receiving ? kReceiving : 0) | (named.room ? kRoom : 0)));
    }
    const auto ids = to.CreateVector(peers);
    return done(fb::Body_Peers, fb::CreatePeers(to, ids, to.CreateVector(marks)));
  }
  Offset<void> operator()(const PeersRequest&) { return done(fb::Body_PeersRequest, fb::CreatePeersRequest(to)); }
  Offset<void> operator()(const Carry& m) { return done(fb::Body_Carry, fb::CreateCarry(to, m.to.value, put(to, m.signal))); }
  Offset<void> operator()(const Carried& m) { return done(fb::Body_Carried, fb::CreateCarried(to, m.from.value, put(to, m.signal))); }
  Offset<void> operator()(const Uncarried& m) { return done(fb::Body_Uncarried, fb::CreateUncarried(to, m.to.value)); }
  Offset<void> operator()(const Chat& m) { return done(fb::Body_Chat, fb::CreateChat(to, put(to, m.messages), m.more, m.own)); }
  Offset<void> operator()(const ChatHave& m) { return done(fb::Body_ChatHave, fb::CreateChatHave(to, put_arrays(to, m.ids))); }
  Offset<void> operator()(const ChatWant& m) { return done(fb::Body_ChatWant, fb::CreateChatWant(to, put_arrays(to, m.ids))); }
  Offset<void> operator()(const ChatSummary& m) {
    return done(fb::Body_ChatSummary, fb::CreateChatSummary(to, m.from_ms, m.until_ms, m.count, m.sum, to.CreateVector(m.pages)));
  }
  Offset<void> operator()(const ChatCompare& m) {
    return done(fb::Body_ChatCompare, fb::CreateChatCompare(to, m.from_ms, m.until_ms, put_arrays(to, m.ids)));
  }
  Offset<void> operator()(const ChatPrune&) { return done(fb::Body_ChatPrune, fb::CreateChatPrune(to)); }
  Offset<void> operator()(const ChatRules& m) { return done(fb::Body_ChatRules, fb::CreateChatRules(to, put(to, m.page))); }
  Offset<void> operator()(const ChatReactions& m) { return done(fb::Body_ChatReactions, fb::CreateChatReactions(to, put(to, m.reactions))); }
  Offset<void> operator()(const Bye& m) { return done(fb::Body_Bye, fb::CreateBye(to, to.CreateString(m.reason))); }
};

/// The bytes of each message: those that are said most in fixed layouts, all others in an Envelope.
struct Encoder {
  Bytes operator()(const Have& have) { return encode_fixed(have); }
  Bytes operator()(const Status& status) { return encode_fixed(status); }
  template <typename Body>
  Bytes operator()(const Body& message) {
    FlatBufferBuilder builder{256};
    BodyBuilder body{builder};
    const Offset<void> offset = body(message);
    builder.Finish(fb::CreateEnvelope(builder, body.type, offset));
    return bytes_of(builder);
  }
};

}  // namespace

Bytes encode(const Message& message) {
  Bytes bytes = std::visit(Encoder{}, message);
  CHECK(bytes.size() <= kMessageBytesMax, "a message beyond the limit that its receiver enforces");
  return bytes;
}

Bytes encode(const std::vector<ManifestEntry>& entries) {
  FlatBufferBuilder builder{512};
  std::vector<Offset<fb::ManifestEntry>> offsets;
  for (const ManifestEntry& entry : entries) {
    const auto digests = builder.CreateVector(reinterpret_cast<const std::uint8_t*>(entry.digests.data()),
                                              entry.digests.size() * kDigestBytes);
    offsets.push_back(fb::CreateManifestEntry(builder, entry.rendition, entry.segment, entry.part, entry.independent, entry.media_time_us,
                                              entry.duration_us, entry.captured_us, entry.size, entry.first, digests, entry.segments_left));
  }
  builder.Finish(fb::CreateManifestBatch(builder, builder.CreateVector(offsets)));
  return bytes_of(builder);
}

Bytes encode(const RenditionHeader& header) {
  FlatBufferBuilder builder{512};
  const auto codecs = builder.CreateString(header.codecs);
  const auto init = put(builder, header.init);
  builder.Finish(
      fb::CreateRenditionHeader(builder, header.rendition, codecs, header.width, header.height, header.bits_per_s, init));
  return bytes_of(builder);
}

Bytes signed_manifest(BytesView batch) { return with_context(kManifestContext, batch); }
Bytes signed_header(BytesView blob) { return with_context(kHeaderContext, blob); }

}  // namespace p2p::wire
