#include "client.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/check.hpp"

namespace p2p::bench {
namespace {

constexpr int kBufferBytes = 1 << 20;
constexpr int kAnswerWaitMs = 500;   // then a request is sent again
constexpr int kTries = 20;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

sockaddr_in to_sockaddr(const turn::Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  std::memcpy(&address.sin_addr, endpoint.ip.bytes.data() + 12, 4);
  return address;
}

}  // namespace

Socket::Socket() : descriptor_{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {
  CHECK(descriptor_ >= 0, "there are descriptors");
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof kBufferBytes);
  const sockaddr_in address = to_sockaddr({.ip = turn::IpAddress::v4(127, 0, 0, 1)});
  CHECK(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "there is a loopback address");
}

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Socket::Socket(Socket&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

void Socket::connect(const turn::Endpoint& to) const {
  const sockaddr_in address = to_sockaddr(to);
  CHECK(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "a UDP socket can be given its peer");
}

turn::Endpoint Socket::endpoint() const {
  sockaddr_in address{};
  socklen_t bytes = sizeof address;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &bytes);
  return {.ip = turn::IpAddress::v4(127, 0, 0, 1), .port = ntohs(address.sin_port)};
}

Client::Client(const turn::Endpoint& server, std::string_view secret) {
  const auto now = std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch());
  credentials_ = turn::make_credentials(secret, "bench", WallTime{now + std::chrono::hours{1}});
  socket_.connect(server);
  const auto fill = [](turn::StunWriter& writer) { writer.udp_transport(); };
  (void)ask(turn::StunMethod::kAllocate, fill);   // is given a nonce
  const turn::StunMessage made = ask(turn::StunMethod::kAllocate, fill);
  if (!made.relayed) give_up(fmt::format("The server made no allocation: error {}.", made.error_code.value_or(0)));
  relayed_ = *made.relayed;
}

void Client::bind(std::uint16_t channel, const turn::Endpoint& peer) {
  const auto bound = ask(turn::StunMethod::kChannelBind, [&](turn::StunWriter& writer) { writer.channel(channel).peer(peer); });
  if (bound.kind != turn::StunClass::kSuccess) give_up(fmt::format("The server bound no channel: error {}.", bound.error_code.value_or(0)));
}

template <typename Fill>
turn::StunMessage Client::ask(turn::StunMethod method, Fill fill) {
  transaction_[0] = static_cast<std::byte>(std::to_integer<unsigned>(transaction_[0]) + 1);
  Bytes request;
  turn::StunWriter writer{request, turn::StunClass::kRequest, method, transaction_};
  fill(writer);
  if (!nonce_.empty()) {
    writer.username(credentials_.username).realm(realm_).nonce(nonce_);
    writer.integrity(turn::integrity_key(credentials_.username, realm_, credentials_.password));
  }
  for (int i = 0; i < kTries; ++i) {
    (void)::send(socket_.descriptor(), request.data(), request.size(), 0);
    pollfd wanted{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0};
    if (::poll(&wanted, 1, kAnswerWaitMs) != 1) continue;
    answer_.resize(2'048);
    const ssize_t bytes = ::recv(socket_.descriptor(), answer_.data(), answer_.size(), 0);
    if (bytes <= 0) continue;   // not there yet: ICMP
    answer_.resize(static_cast<std::size_t>(bytes));
    const auto message = turn::parse_stun(answer_);
    if (!message || message->transaction != transaction_) continue;
    if (!message->nonce.empty()) nonce_ = message->nonce;
    if (!message->realm.empty()) realm_ = message->realm;
    return *message;
  }
  give_up("The TURN server does not answer.");
}

}  // namespace p2p::bench
