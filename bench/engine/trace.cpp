#include "trace.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/check.hpp"

namespace p2p::bench {
namespace {

enum class Kind : std::uint8_t { kJoined, kCandidates, kOffer, kLinkUp, kLinkDown, kMessage, kBacklog, kWake };

void put(Bytes& to, std::uint64_t value, std::size_t width = 8) {
  for (std::size_t i = 0; i < width; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

void put(Bytes& to, const std::vector<mesh::Candidate>& candidates) {
  for (const mesh::Candidate& one : candidates) {
    put(to, one.peer.value);
    put(to, one.score, 1);
    put(to, static_cast<std::uint64_t>(one.role), 1);
    put(to, one.receiving ? 1 : 0, 1);
  }
}

/// A fact as the file has it.
struct Record {
  Kind kind = Kind::kWake;
  std::uint8_t flag = 0;
  std::uint64_t peer = 0;
  std::uint64_t other = 0;
  Bytes bytes;
};

struct Recorder {
  Record operator()(const mesh::Joined& input) const {
    Record record{.kind = Kind::kJoined, .flag = static_cast<std::uint8_t>(input.source ? 1 : 0), .peer = input.self.value};
    if (input.source) record.other = input.source->value;
    put(record.bytes, input.candidates);
    return record;
  }
  Record operator()(const mesh::CandidatesFound& input) const {
    Record record{.kind = Kind::kCandidates};
    put(record.bytes, input.candidates);
    return record;
  }
  Record operator()(const mesh::OfferReceived& input) const { return {.kind = Kind::kOffer, .peer = input.from.value}; }
  Record operator()(const mesh::LinkUp& input) const { return {.kind = Kind::kLinkUp, .peer = input.peer.value}; }
  Record operator()(const mesh::LinkDown& input) const { return {.kind = Kind::kLinkDown, .peer = input.peer.value}; }
  Record operator()(const mesh::MessageReceived& input) const {
    const BytesView bytes = input.bytes.view();
    return {.kind = Kind::kMessage, .flag = static_cast<std::uint8_t>(input.channel), .peer = input.from.value, .bytes = {bytes.begin(), bytes.end()}};
  }
  Record operator()(const mesh::LinkBacklog& input) const { return {.kind = Kind::kBacklog, .peer = input.peer.value, .other = input.bytes}; }
  Record operator()(const mesh::Wake&) const { return {.kind = Kind::kWake}; }
  Record operator()(const auto&) const {
    CHECK(false, "the relay is never told that");
    return {};
  }
};

class Reader {
 public:
  explicit Reader(BytesView from) : from_{from} {}
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool done() const { return from_.empty(); }
  BytesView take(std::size_t size) {
    good_ &= size <= from_.size();
    if (!good_) return {};
    const BytesView taken = from_.first(size);
    from_ = from_.subspan(size);
    return taken;
  }
  std::uint64_t number(std::size_t width = 8) {
    std::uint64_t value = 0;
    const BytesView bytes = take(width);
    for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    return value;
  }

 private:
  BytesView from_;
  bool good_ = true;
};

std::vector<mesh::Candidate> candidates_in(BytesView bytes) {
  std::vector<mesh::Candidate> candidates;
  for (Reader reader{bytes}; !reader.done() && reader.good();) {
    const PeerId peer{reader.number()};
    const auto score = static_cast<std::uint8_t>(reader.number(1));
    const auto role = static_cast<mesh::Role>(reader.number(1) & 3);
    candidates.push_back({.peer = peer, .score = score, .role = role, .receiving = reader.number(1) != 0});
  }
  return candidates;
}

std::optional<mesh::Input> input_of(Kind kind, std::uint8_t flag, PeerId peer, std::uint64_t other, BytesView bytes) {
  switch (kind) {
    case Kind::kJoined: {
      mesh::Joined joined{.self = peer, .candidates = candidates_in(bytes)};
      if (flag != 0) joined.source = PeerId{other};
      return joined;
    }
    case Kind::kCandidates: return mesh::CandidatesFound{candidates_in(bytes)};
    case Kind::kOffer: return mesh::OfferReceived{peer};
    case Kind::kLinkUp: return mesh::LinkUp{.peer = peer};
    case Kind::kLinkDown: return mesh::LinkDown{peer};
    case Kind::kMessage: return mesh::MessageReceived{.from = peer, .channel = static_cast<mesh::Channel>(flag & 1), .bytes = Payload::copy_of(bytes)};
    case Kind::kBacklog: return mesh::LinkBacklog{peer, static_cast<std::uint32_t>(other)};
    case Kind::kWake: return mesh::Wake{};
  }
  return std::nullopt;
}

std::uint64_t microseconds(Instant at) { return static_cast<std::uint64_t>(at.time_since_epoch().count()); }

}  // namespace

Result<void> write(const Trace& trace, const std::string& file) {
  Bytes bytes;
  put(bytes, trace.options.seed);
  put(bytes, static_cast<std::uint64_t>(trace.options.upload_bits_per_s));
  put(bytes, static_cast<std::uint64_t>(trace.options.patience.count()));
  put(bytes, trace.options.connections_max);
  append(bytes, trace.key);
  put(bytes, microseconds(trace.measured_from));
  put(bytes, trace.pieces);
  put(bytes, trace.sent_bytes);
  put(bytes, trace.piece_bytes_held);
  for (const Trace::Fact& fact : trace.facts) {
    const Record record = std::visit(Recorder{}, fact.input);
    put(bytes, static_cast<std::uint64_t>(record.kind), 1);
    put(bytes, record.flag, 1);
    put(bytes, microseconds(fact.at));
    put(bytes, record.peer);
    put(bytes, record.other);
    put(bytes, record.bytes.size(), 4);
    append(bytes, record.bytes);
  }
  std::ofstream out{file, std::ios::binary};
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) return fail("Cannot write " + file + ". Check that its folder exists and may be written to.");
  return {};
}

Result<Trace> read_trace(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return fail("Cannot read " + file + ".");
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  Reader reader{as_bytes(text)};
  Trace trace;
  trace.options.seed = reader.number();
  trace.options.upload_bits_per_s = static_cast<std::int64_t>(reader.number());
  trace.options.patience = Duration{static_cast<std::int64_t>(reader.number())};
  trace.options.connections_max = static_cast<std::uint16_t>(reader.number());
  std::ranges::copy(reader.take(trace.key.size()), trace.key.begin());
  const auto instant = [&] { return Instant{Duration{static_cast<std::int64_t>(reader.number())}}; };
  trace.measured_from = instant();
  trace.pieces = reader.number();
  trace.sent_bytes = reader.number();
  trace.piece_bytes_held = reader.number();
  while (reader.good() && !reader.done()) {
    const auto kind = static_cast<Kind>(reader.number(1));
    const auto flag = static_cast<std::uint8_t>(reader.number(1));
    const Instant at = instant();
    const PeerId peer{reader.number()};
    const std::uint64_t other = reader.number();
    const std::size_t size = reader.number(4);
    auto input = input_of(kind, flag, peer, other, reader.take(size));
    if (!input) return fail(file + " is no trace of this version.");
    trace.facts.push_back({at, std::move(*input)});
  }
  if (!reader.good()) return fail(file + " is cut off.");
  return trace;
}

}  // namespace p2p::bench
