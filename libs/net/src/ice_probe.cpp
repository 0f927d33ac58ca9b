#include "net/ice_probe.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <vector>

#include "client_stream.hpp"
#include "net/ice_servers.hpp"
#include "net/stream_key.hpp"
#include "turn/server_probe.hpp"
#include "udp_socket.hpp"

namespace p2p::net {
namespace {

using Clock = std::chrono::steady_clock;
using turn::ServerProbe;
using Outcome = std::expected<IceProbeAnswer, IceProbeError>;

constexpr Duration kFirstRetransmission = 500ms;   // RFC 8489, 6.2.1; doubled each time
constexpr std::uint16_t kTlsPort = 5349;
constexpr std::size_t kMessageBytesMax = 2'048;    // of a server that behaves
constexpr std::size_t kStunHeaderBytes = 20;

Error bad_url(std::string_view text) {
  return {fmt::format("\"{}\" is no address of a STUN or TURN server. Write it as stun:host:3478, turn:host:3478?transport=tcp or turns:host:5349.", text)};
}

ServerProbe begin(const IceProbe& probe) {
  turn::TransactionId first{};
  fill_random(first);
  return ServerProbe{{.username = probe.username, .password = probe.credential, .first_transaction = first}};
}

Outcome outcome_of(const ServerProbe& probe, const Duration& timeout) {
  const ServerProbe::Findings& found = probe.findings();
  if (probe.state() == ServerProbe::State::kDone) return IceProbeAnswer{.mapped = found.mapped, .relayed = found.relayed};
  if (probe.state() == ServerProbe::State::kFailed) return std::unexpected{IceProbeError{found.error, found.error_code, found.mapped}};
  const auto seconds = std::chrono::duration<double>(timeout).count();
  const char* what = found.mapped ? "answers a binding and not the next request" : "does not answer";
  return std::unexpected{IceProbeError{fmt::format("{} within {:.3g} s", what, seconds), 0, found.mapped}};
}

std::unexpected<IceProbeError> unknown_name(const std::string& host) { return std::unexpected{IceProbeError{fmt::format("is not found: the name {} is not known", host), 0, {}}}; }

/// IPv4 and IPv6 addresses of a host, as the system prefers them.
std::vector<turn::Endpoint> resolve(const IceUrl& server) {
  const std::string host = server.host == "localhost" ? "127.0.0.1" : server.host;   // RFC 6761, 6.3; not every system's resolver knows it
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  std::vector<turn::Endpoint> endpoints;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return endpoints;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) continue;
    if (const auto ip = turn::parse_ip(text.data())) endpoints.push_back({*ip, server.port});
  }
  freeaddrinfo(found);
  return endpoints;
}

Outcome over_udp(const IceProbe& probe, const turn::Endpoint& server, Duration timeout) {
  const auto socket = UdpSocket::bind(server.ip.is_v4() ? turn::IpAddress::v4(0, 0, 0, 0) : turn::IpAddress{}, 0);
  if (!socket) return std::unexpected{IceProbeError{fmt::format("cannot be asked: {}", std::strerror(errno)), 0, {}}};
  ServerProbe asking = begin(probe);
  const auto until = Clock::now() + timeout;
  while (!asking.request().empty() && Clock::now() < until) {
    const Bytes sent = asking.request();
    Duration wait = kFirstRetransmission;
    while (asking.request() == sent && Clock::now() < until) {
      socket->send(server, std::nullopt, sent);
      const auto again = std::min(until, Clock::now() + wait);
      wait *= 2;
      while (asking.request() == sent) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(again - Clock::now());
        pollfd readable{.fd = socket->descriptor(), .events = POLLIN, .revents = 0};
        if (left.count() <= 0 || poll(&readable, 1, static_cast<int>(left.count())) == 0) break;
        std::array<std::byte, kMessageBytesMax> buffer{};
        const auto received = socket->receive(buffer);
        if (received && received->from == server && received->bytes <= buffer.size()) (void)asking.handle(BytesView{buffer}.first(received->bytes));
      }
    }
  }
  return outcome_of(asking, timeout);
}

/// The first message of what a stream brought, taken from it (RFC 8489, 6.2.2: the header says the length).
std::optional<Bytes> take_message(Bytes& stream) {
  if (stream.size() < kStunHeaderBytes) return std::nullopt;
  const std::size_t bytes = kStunHeaderBytes + static_cast<std::size_t>(read_big_endian(stream, 2, 2));
  if (stream.size() < bytes) return std::nullopt;
  const auto end = stream.begin() + static_cast<std::ptrdiff_t>(bytes);
  Bytes message{stream.begin(), end};
  stream.erase(stream.begin(), end);
  return message;
}

Outcome over_stream(const IceProbe& probe) {
  const bool tls = probe.server.transport == IceUrl::Transport::kTls;
  ClientTrust trust{.ca_file = probe.tls.ca_file, .fingerprint = {}};
  if (const auto fingerprint = parse_fingerprint(probe.tls.fingerprint)) trust.fingerprint = *fingerprint;
  boost::asio::io_context io{1};
  const auto stream = std::make_shared<ClientStream>(io, ServerAddress{.tls = tls, .host = probe.server.host, .port = probe.server.port}, trust);
  ServerProbe asking = begin(probe);
  Bytes came;
  std::optional<std::string> broken;
  bool open = false;
  const auto send = [&] { stream->write(as_text(asking.request())); };
  stream->open([&](const std::optional<Error>& failed) {
    if (failed) {
      broken = fmt::format("{}: {}", tls ? "offers no TLS connection that can be trusted" : "cannot be reached", stream->reason());
      return;
    }
    open = true;
    send();
    stream->read([&](std::span<std::byte> bytes) {
      append(came, bytes);
      if (bytes.empty() || came.size() > 2 * kMessageBytesMax) broken = "closes the connection instead of an answer";
      while (const auto message = take_message(came)) {
        const Bytes asked = asking.request();
        (void)asking.handle(*message);
        if (asking.request() != asked && !asking.request().empty()) send();
      }
    });
  });
  const auto until = Clock::now() + probe.timeout;
  while (!broken && asking.state() == ServerProbe::State::kAsking && io.run_one_until(until) > 0) {
  }
  stream->close();
  io.restart();
  io.poll();   // what was cancelled lets go of the stream
  if (asking.state() == ServerProbe::State::kAsking && !broken && !open) broken = fmt::format("lets nobody connect within {:.3g} s", std::chrono::duration<double>(probe.timeout).count());
  if (broken && asking.state() == ServerProbe::State::kAsking) return std::unexpected{IceProbeError{*broken, 0, asking.findings().mapped}};
  return outcome_of(asking, probe.timeout);
}

}  // namespace

Result<IceUrl> parse_ice_url(std::string_view text) {
  IceUrl url;
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  if (colon == std::string_view::npos || (scheme != "stun" && scheme != "stuns" && scheme != "turn" && scheme != "turns")) return std::unexpected{bad_url(text)};
  url.turn = scheme.starts_with("turn");
  const bool tls = scheme.ends_with('s');
  std::string_view rest = text.substr(colon + 1);
  const std::size_t question = rest.find('?');
  const std::string_view query = question == std::string_view::npos ? std::string_view{} : rest.substr(question + 1);
  rest = rest.substr(0, question);
  if (!query.empty() && query != "transport=udp" && query != "transport=tcp") return std::unexpected{bad_url(text)};
  if (tls && query == "transport=udp") return fail(fmt::format("\"{}\" asks for DTLS, which no browser speaks to a TURN server. Write ?transport=tcp.", text));
  url.transport = tls ? IceUrl::Transport::kTls : query == "transport=tcp" ? IceUrl::Transport::kTcp : IceUrl::Transport::kUdp;
  if (tls) url.port = kTlsPort;
  const auto host = host_of(rest);
  if (!host) return std::unexpected{bad_url(text)};
  rest.remove_prefix(host->size());
  url.host = host->starts_with('[') ? host->substr(1, host->size() - 2) : *host;
  if (rest.empty()) return url;
  rest.remove_prefix(1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), url.port);
  if (error != std::errc{} || end != rest.data() + rest.size() || url.port == 0) return std::unexpected{bad_url(text)};
  return url;
}

std::expected<IceProbeAnswer, IceProbeError> probe_ice_server(const IceProbe& probe) {
  if (probe.server.transport != IceUrl::Transport::kUdp) return over_stream(probe);
  const std::vector<turn::Endpoint> addresses = resolve(probe.server);
  if (addresses.empty()) return unknown_name(probe.server.host);
  const std::size_t tried = std::min<std::size_t>(addresses.size(), 2);   // one of each family
  Outcome outcome = over_udp(probe, addresses.front(), probe.timeout / static_cast<std::int64_t>(tried));
  if (!outcome && outcome.error().code == 0 && tried > 1) outcome = over_udp(probe, addresses[1], probe.timeout / 2);
  return outcome;
}

}  // namespace p2p::net
