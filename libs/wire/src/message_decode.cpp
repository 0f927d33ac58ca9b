#include <mesh_generated.h>

#include <cstring>

#include "flat.hpp"
#include "message_fixed.hpp"
#include "peer_marks.hpp"
#include "wire/message.hpp"

namespace p2p::wire {
namespace {

using flatbuffers::Vector;

bool copy_numbers(const Vector<std::uint32_t>* from, std::size_t count_max, std::vector<std::uint32_t>& to) {
  if (!from) return true;
  if (from->size() > count_max) return false;
  to.reserve(from->size());
  for (const std::uint32_t number : *from) to.push_back(number);
  return true;
}

bool copy_peers(const Vector<std::uint64_t>* from, std::vector<PeerId>& to) {
  if (!from) return true;
  if (from->size() > kPeersMax) return false;
  // Copied byte by byte: the verifier looks at the alignment of a vector's length, not of its 64-bit elements.
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(from->Data());
  for (std::size_t i = 0; i < from->size(); ++i) {
    std::uint64_t peer = 0;
    std::memcpy(&peer, bytes + i * sizeof peer, sizeof peer);
    to.push_back(PeerId{peer});
  }
  return true;
}

bool valid_stripe(std::uint8_t stripe) { return stripe < kStripesMax || stripe == kManifestStripe; }

bool fill(Hello& to, const fb::Hello& from) {
  to = {.version = from.version(), .role = from.role(), .giving = from.giving(), .fresh = from.fresh(), .chat = from.chat()};
  return from.role() <= 3 && copy_exact(from.stream(), to.stream);
}

bool fill(Subscribe& to, const fb::Subscribe& from) {
  to = {.rendition = from.rendition(), .stripe = from.stripe(), .from = from.from(), .gives_kbit_per_s = from.gives_kbit_per_s(), .fed = from.fed()};
  return valid_stripe(to.stripe);
}

bool fill(Subscribed& to, const fb::Subscribed& from) {
  to = {.rendition = from.rendition(), .stripe = from.stripe(), .from = from.from(), .soft = from.soft()};
  return valid_stripe(to.stripe) && copy_numbers(from.path(), kPathLengthMax, to.path);
}

bool fill(Denied& to, const fb::Denied& from) {
  to = {.rendition = from.rendition(), .stripe = from.stripe(), .link_full = from.link_full()};
  return valid_stripe(to.stripe) && copy_peers(from.hints(), to.hints);
}

bool fill(Unsubscribe& to, const fb::Unsubscribe& from) {
  to = {.rendition = from.rendition(), .stripe = from.stripe(), .until = from.until()};
  return valid_stripe(to.stripe);
}

bool fill(Evict& to, const fb::Evict& from) {
  to = {.rendition = from.rendition(), .stripe = from.stripe(), .hint = PeerId{from.hint()}, .until = from.until(), .link_full = from.link_full()};
  return valid_stripe(to.stripe);
}

bool fill(Path& to, const fb::Path& from) {
  to = {.rendition = from.rendition(), .stripe = from.stripe()};
  return valid_stripe(to.stripe) && copy_numbers(from.path(), kPathLengthMax, to.path);
}

bool fill(Request& to, const fb::Request& from) {
  to.rendition = from.rendition();
  to.urgent = from.urgent();
  return copy_numbers(from.pieces(), kPiecesPerRequestMax, to.pieces);
}

bool fill(Cancel& to, const fb::Cancel& from) {
  to.rendition = from.rendition();
  to.still_missing = from.still_missing();
  return copy_numbers(from.pieces(), kPiecesPerRequestMax, to.pieces);
}

bool fill(Unavailable& to, const fb::Unavailable& from) {
  to.rendition = from.rendition();
  to.reason = static_cast<Unavailable::Reason>(from.reason());
  return from.reason() <= 2 && copy_numbers(from.pieces(), kPiecesPerRequestMax, to.pieces);
}

bool fill(Manifest& to, const fb::Manifest& from) {
  return copy_bytes(from.batch(), kMessageBytesMax, to.batch) && copy_exact(from.signature(), to.signature);
}

bool fill(ManifestRequest& to, const fb::ManifestRequest& from) {
  to = {.rendition = from.rendition(), .from = from.from()};
  return true;
}

bool fill(Header& to, const fb::Header& from) {
  return copy_bytes(from.blob(), kMessageBytesMax, to.blob) && copy_exact(from.signature(), to.signature);
}

bool fill(Peers& to, const fb::Peers& from) {
  std::vector<PeerId> peers;
  if (!copy_peers(from.peers(), peers)) return false;
  const BytesView marks = view(from.marks());
  if (marks.size() != peers.size()) return false;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const auto mark = std::to_integer<unsigned>(marks[i]);
    to.peers.push_back({.peer = peers[i], .giving = (mark & kGiving) != 0, .receiving = (mark & kReceiving) != 0, .room = (mark & kRoom) != 0});
  }
  return true;
}

bool fill(PeersRequest&, const fb::PeersRequest&) { return true; }

bool fill(Carry& to, const fb::Carry& from) {
  to.to = PeerId{from.to()};
  return copy_bytes(from.signal(), kCarriedBytesMax, to.signal) && !to.signal.empty();
}

bool fill(Carried& to, const fb::Carried& from) {
  to.from = PeerId{from.from()};
  return copy_bytes(from.signal(), kCarriedBytesMax, to.signal) && !to.signal.empty();
}

bool fill(Uncarried& to, const fb::Uncarried& from) {
  to.to = PeerId{from.to()};
  return true;
}

bool fill(ChatSigned& to, const fb::ChatSigned& from) {
  return copy_bytes(from.blob(), kChatBlobBytesMax, to.blob) && !to.blob.empty() && copy_exact(from.signature(), to.signature);
}

bool fill(std::vector<ChatSigned>& to, const Vector<flatbuffers::Offset<fb::ChatSigned>>* from) {
  if (!from) return true;
  if (from->size() > kChatSignedMax) return false;
  to.resize(from->size());
  // Places in the buffer may be named twice: what a message makes of itself is bounded, too.
  std::size_t bytes = 0;
  for (std::uint32_t i = 0; i < from->size(); ++i) {
    if (!fill(to[i], *from->Get(i))) return false;
    bytes += to[i].blob.size() + kChatSignedOverhead;
  }
  return bytes <= kChatSignedBytesMax;
}

bool fill(Chat& to, const fb::Chat& from) {
  to.more = from.more();
  to.own = from.own();
  return fill(to.messages, from.messages());
}

bool fill(ChatHave& to, const fb::ChatHave& from) { return copy_arrays(from.ids(), kChatIdsMax, to.ids); }
bool fill(ChatWant& to, const fb::ChatWant& from) { return copy_arrays(from.ids(), kChatIdsMax, to.ids); }

bool is_span(std::int64_t from_ms, std::int64_t until_ms) { return from_ms >= 0 && until_ms >= 0 && from_ms <= kChatTimeMsMax && until_ms <= kChatTimeMsMax; }

bool fill(ChatSummary& to, const fb::ChatSummary& from) {
  to = {.from_ms = from.from_ms(), .until_ms = from.until_ms(), .count = from.count(), .sum = from.sum(), .pages = {}};
  if (!is_span(to.from_ms, to.until_ms)) return false;
  if (!from.pages()) return true;
  if (from.pages()->size() > kChatPagesMax) return false;
  // Copied byte by byte, as peers are.
  to.pages.resize(from.pages()->size());
  if (!to.pages.empty()) std::memcpy(to.pages.data(), from.pages()->Data(), to.pages.size() * sizeof to.pages[0]);
  return true;
}

bool fill(ChatCompare& to, const fb::ChatCompare& from) {
  to = {.from_ms = from.from_ms(), .until_ms = from.until_ms(), .ids = {}};
  return is_span(to.from_ms, to.until_ms) && copy_arrays(from.ids(), kChatIdsMax, to.ids);
}

bool fill(ChatPrune&, const fb::ChatPrune&) { return true; }
bool fill(ChatRules& to, const fb::ChatRules& from) { return from.page() && fill(to.page, *from.page()); }
bool fill(ChatReactions& to, const fb::ChatReactions& from) { return fill(to.reactions, from.reactions()); }

bool fill(Bye& to, const fb::Bye& from) {
  if (!from.reason()) return true;
  to.reason = from.reason()->str();
  return to.reason.size() <= kReasonBytesMax;
}

template <typename Struct, typename Table>
Result<Message> read(const Table* table) {
  Struct message;
  if (!table || !fill(message, *table)) return fail("a message outside of the limits");
  if constexpr (requires { message.rendition; }) {
    if (message.rendition >= kRenditionsMax) return fail("a rendition outside of the limits");
  }
  return Message{std::move(message)};
}

bool fill(ManifestEntry& to, const fb::ManifestEntry& from) {
  to = {.rendition = from.rendition(),
        .segment = from.segment(),
        .part = from.part(),
        .independent = from.independent(),
        .media_time_us = from.media_time_us(),
        .duration_us = from.duration_us(),
        .captured_us = from.captured_us(),
        .size = from.size(),
        .first = from.first(),
        .digests = {},
        .segments_left = from.segments_left()};
  const BytesView digests = view(from.digests());
  const std::size_t count = digests.size() / kDigestBytes;
  if (digests.size() % kDigestBytes != 0 || count == 0 || count > kPiecesPerPartMax) return false;
  // Each piece holds at least a byte and at most kPieceBytesMax of them; numbers and times stay far from their ends.
  if (to.size < count || to.size > kPartBytesMax || (to.size + count - 1) / count > kPieceBytesMax) return false;
  if (to.rendition >= kRenditionsMax || to.first > UINT32_MAX / 2 || to.segment > UINT32_MAX / 2) return false;
  if (to.duration_us <= 0 || to.duration_us > kPartDurationUsMax) return false;
  constexpr std::int64_t kTimeUsMax = INT64_MAX / 4;
  if (to.media_time_us < 0 || to.media_time_us > kTimeUsMax || to.captured_us < 0 || to.captured_us > kTimeUsMax) return false;
  to.digests.resize(count);
  std::memcpy(to.digests.data(), digests.data(), digests.size());
  return true;
}

}  // namespace

Result<Message> decode(BytesView bytes) {
  if (!plausible_size(bytes)) return fail("a message of impossible size");
  if (has_fixed_layout(bytes)) return decode_fixed(bytes);
  const Aligned aligned{bytes};
  const auto* envelope = verified_root<fb::Envelope>(aligned.bytes());
  if (!envelope) return fail("a message that is no envelope");
  switch (envelope->body_type()) {
    case fb::Body_Hello: return read<Hello>(envelope->body_as_Hello());
    case fb::Body_Subscribe: return read<Subscribe>(envelope->body_as_Subscribe());
    case fb::Body_Subscribed: return read<Subscribed>(envelope->body_as_Subscribed());
    case fb::Body_Denied: return read<Denied>(envelope->body_as_Denied());
    case fb::Body_Unsubscribe: return read<Unsubscribe>(envelope->body_as_Unsubscribe());
    case fb::Body_Evict: return read<Evict>(envelope->body_as_Evict());
    case fb::Body_Path: return read<Path>(envelope->body_as_Path());
    case fb::Body_Request: return read<Request>(envelope->body_as_Request());
    case fb::Body_Cancel: return read<Cancel>(envelope->body_as_Cancel());
    case fb::Body_Unavailable: return read<Unavailable>(envelope->body_as_Unavailable());
    case fb::Body_Manifest: return read<Manifest>(envelope->body_as_Manifest());
    case fb::Body_ManifestRequest: return read<ManifestRequest>(envelope->body_as_ManifestRequest());
    case fb::Body_Header: return read<Header>(envelope->body_as_Header());
    case fb::Body_Peers: return read<Peers>(envelope->body_as_Peers());
    case fb::Body_Bye: return read<Bye>(envelope->body_as_Bye());
    case fb::Body_PeersRequest: return read<PeersRequest>(envelope->body_as_PeersRequest());
    case fb::Body_Carry: return read<Carry>(envelope->body_as_Carry());
    case fb::Body_Carried: return read<Carried>(envelope->body_as_Carried());
    case fb::Body_Uncarried: return read<Uncarried>(envelope->body_as_Uncarried());
    case fb::Body_Chat: return read<Chat>(envelope->body_as_Chat());
    case fb::Body_ChatHave: return read<ChatHave>(envelope->body_as_ChatHave());
    case fb::Body_ChatWant: return read<ChatWant>(envelope->body_as_ChatWant());
    case fb::Body_ChatSummary: return read<ChatSummary>(envelope->body_as_ChatSummary());
    case fb::Body_ChatCompare: return read<ChatCompare>(envelope->body_as_ChatCompare());
    case fb::Body_ChatPrune: return read<ChatPrune>(envelope->body_as_ChatPrune());
    case fb::Body_ChatRules: return read<ChatRules>(envelope->body_as_ChatRules());
    case fb::Body_ChatReactions: return read<ChatReactions>(envelope->body_as_ChatReactions());
    case fb::Body_NONE: break;
  }
  return fail("a message of unknown kind");
}

Result<std::vector<ManifestEntry>> decode_manifest(BytesView batch) {
  if (!plausible_size(batch)) return fail("a manifest of impossible size");
  const Aligned aligned{batch};
  const auto* root = verified_root<fb::ManifestBatch>(aligned.bytes());
  if (!root || !root->entries() || root->entries()->size() == 0 || root->entries()->size() > kManifestEntriesMax) {
    return fail("a manifest without entries or with too many");
  }
  std::vector<ManifestEntry> entries(root->entries()->size());
  for (std::uint32_t i = 0; i < root->entries()->size(); ++i) {
    if (!fill(entries[i], *root->entries()->Get(i))) return fail("a manifest entry outside of the limits");
  }
  return entries;
}

Result<RenditionHeader> decode_header(BytesView blob) {
  if (!plausible_size(blob)) return fail("a rendition header of impossible size");
  const Aligned aligned{blob};
  const auto* root = verified_root<fb::RenditionHeader>(aligned.bytes());
  if (!root || !root->codecs() || root->codecs()->size() > kCodecsBytesMax || root->rendition() >= kRenditionsMax) {
    return fail("a rendition header outside of the limits");
  }
  RenditionHeader header{.rendition = root->rendition(),
                         .codecs = root->codecs()->str(),
                         .width = root->width(),
                         .height = root->height(),
                         .bits_per_s = root->bits_per_s()};
  if (!copy_bytes(root->init(), kInitBytesMax, header.init)) return fail("a rendition header too large");
  return header;
}

std::uint32_t ManifestEntry::piece_offset(std::uint32_t piece) const {
  return static_cast<std::uint32_t>(std::uint64_t{size} * (piece - first) / digests.size());
}

}  // namespace p2p::wire
