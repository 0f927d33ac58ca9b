#include "courier.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/check.hpp"

namespace p2p::bench {
namespace {

enum class Kind : std::uint8_t { kOffer, kAnswer, kCandidate, kBye, kMarkWanted, kMark };

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

void put(Bytes& to, std::string_view text) {
  append_big_endian(to, static_cast<std::uint32_t>(text.size()));
  append(to, as_bytes(text));
}

/// Both ends are of one build, so what comes is as it was written.
class Reader {
 public:
  explicit Reader(BytesView from) : from_{from} {}
  std::uint64_t number(std::size_t width = 8) {
    const std::uint64_t value = read_big_endian(from_, 0, width);
    from_ = from_.subspan(width);
    return value;
  }
  std::string text() {
    const std::size_t size = number(4);
    std::string text{as_text(from_.first(size))};
    from_ = from_.subspan(size);
    return text;
  }

 private:
  BytesView from_;
};

Bytes encoded(const Courier::Message& message) {
  Bytes bytes;
  const auto kind = [&](Kind what) { bytes.push_back(static_cast<std::byte>(what)); };
  const Overloaded signal{
      [&](const transport::SignalOffer& offer) { kind(Kind::kOffer), put(bytes, offer.sdp), put(bytes, ""); },
      [&](const transport::SignalAnswer& answer) { kind(Kind::kAnswer), put(bytes, answer.sdp), put(bytes, ""); },
      [&](const transport::SignalCandidate& one) { kind(Kind::kCandidate), put(bytes, one.candidate), put(bytes, one.mid); },
      [&](const transport::SignalBye& bye) { kind(Kind::kBye), put(bytes, bye.reason), put(bytes, ""); },
  };
  std::visit(Overloaded{[&](const Letter& letter) {
                          std::visit(signal, letter.signal);
                          append_big_endian(bytes, letter.from.value);
                          append_big_endian(bytes, letter.to.value);
                          bytes.push_back(std::visit([](const auto& one) { return std::byte{one.association}; }, letter.signal));
                        },
                        [&](const MarkWanted&) { kind(Kind::kMarkWanted); },
                        [&](const Mark& mark) {
                          kind(Kind::kMark);
                          for (const std::uint64_t value : {mark.cpu_us, mark.given_bytes, mark.received_bytes, mark.pieces_verified}) {
                            append_big_endian(bytes, value);
                          }
                        }},
             message);
  return bytes;
}

Courier::Message decoded(BytesView bytes) {
  Reader reader{bytes};
  const auto kind = static_cast<Kind>(reader.number(1));
  if (kind == Kind::kMarkWanted) return MarkWanted{};
  if (kind == Kind::kMark) {
    Mark mark;
    for (std::uint64_t* value : {&mark.cpu_us, &mark.given_bytes, &mark.received_bytes, &mark.pieces_verified}) *value = reader.number();
    return mark;
  }
  std::string first = reader.text();
  std::string second = reader.text();
  Letter letter;
  switch (kind) {
    case Kind::kOffer: letter.signal = transport::SignalOffer{std::move(first)}; break;
    case Kind::kAnswer: letter.signal = transport::SignalAnswer{std::move(first)}; break;
    case Kind::kCandidate: letter.signal = transport::SignalCandidate{std::move(first), std::move(second)}; break;
    default: letter.signal = transport::SignalBye{std::move(first)};
  }
  letter.from = PeerId{reader.number()};
  letter.to = PeerId{reader.number()};
  const auto association = static_cast<std::uint8_t>(reader.number(1));
  std::visit([&](auto& one) { one.association = association; }, letter.signal);
  return letter;
}

}  // namespace

Courier::~Courier() { ::close(socket_); }

void Courier::send(const Message& message) {
  const Bytes body = encoded(message);
  Bytes bytes;
  append_big_endian(bytes, static_cast<std::uint32_t>(body.size()));
  append(bytes, body);
  const std::lock_guard lock{sending_};
  for (BytesView left{bytes}; !left.empty();) {
    const ssize_t sent = ::send(socket_, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return;   // the other process is gone; receive() says so
    left = left.subspan(static_cast<std::size_t>(sent));
  }
}

std::optional<Courier::Message> Courier::receive() {
  std::array<std::byte, 4> size{};
  if (!read_all(size)) return std::nullopt;
  Bytes bytes(read_big_endian(size, 0, size.size()));
  if (!read_all(bytes)) return std::nullopt;
  return decoded(bytes);
}

void Courier::finish() { ::shutdown(socket_, SHUT_RDWR); }

bool Courier::read_all(std::span<std::byte> to) {
  while (!to.empty()) {
    const ssize_t got = ::read(socket_, to.data(), to.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace p2p::bench
