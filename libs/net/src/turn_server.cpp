#include "net/turn_server.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/check.hpp"
#include "base/prng.hpp"
#include "net/stream_key.hpp"
#include "udp_batch.hpp"
#include "udp_socket.hpp"

namespace p2p::net {
namespace {

using turn::Endpoint;
using turn::FiveTuple;
using turn::IpAddress;

constexpr int kBatchesPerTurn = 2;                 // of one socket, before the others have theirs
constexpr int kPortTries = 256;                    // in a range that is nearly taken
constexpr int kBufferBytes = 1 << 20;              // of the one socket that all clients share: 10 ms at 800 Mbit/s
constexpr Duration kIdleWait = 60s;

constexpr std::uint64_t kServerEvent = 1 << 16;    // beside the ports of allocations
constexpr std::uint64_t kStopEvent = kServerEvent + 1;

turn::Time time_now() {
  return {.now = Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())},
          .wall = WallTime{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())}};
}

std::uint64_t fresh_seed() {
  std::array<std::byte, 8> bytes{};
  fill_random(bytes);
  return read_big_endian(bytes, 0, 8);
}

std::array<std::byte, 32> fresh_key() {
  std::array<std::byte, 32> key{};
  fill_random(key);
  return key;
}

Error no_socket(const TurnServer::Options& options, int error) {
  if (error == EADDRINUSE) {
    return {fmt::format("UDP port {} is in use. Stop the other program, choose another port with --turn-port, or do without the relay: --turn off.",
                        options.port)};
  }
  return {fmt::format("No STUN and TURN server can listen on {}, UDP port {}: {}. Choose another address with --turn-host or another port with --turn-port.",
                      options.host, options.port, std::strerror(error))};
}

}  // namespace

struct TurnServer::Impl final : turn::RelayNetwork {
  Impl(Options with, IpAddress on, UdpSocket listening)
      : options{std::move(with)}, host{on}, server{std::move(listening)}, prng{fresh_seed()}, relay{options.relay, fresh_key(), *this} {
    server.set_buffers(kBufferBytes);
    epoll = ::epoll_create1(EPOLL_CLOEXEC);
    stop = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CHECK(epoll >= 0 && stop >= 0, "there are descriptors for the relay's thread");
    watch(server.descriptor(), kServerEvent);
    watch(stop, kStopEvent);
    thread = std::thread{[this] { run(); }};
  }

  ~Impl() override {
    CHECK(::eventfd_write(stop, 1) == 0, "an event can be counted");
    thread.join();
    ::close(stop);
    ::close(epoll);
  }

  void watch(int descriptor, std::uint64_t event) const {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u64 = event;
    CHECK(::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &wanted) == 0, "a fresh socket can be watched");
  }

  void run() {
    std::array<epoll_event, 64> events{};
    for (;;) {
      const Instant before = time_now().now;
      const Duration wait = std::clamp(relay.next_wake() - before, Duration{0}, kIdleWait);
      const auto wait_ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
      const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), static_cast<int>(wait_ms));
      const turn::Time now = time_now();
      for (const epoll_event& event : std::span{events}.first(static_cast<std::size_t>(std::max(count, 0)))) {
        if (event.data.u64 == kStopEvent) return;
        if (event.data.u64 == kServerEvent) {
          read_server(now);
        } else {
          read_port(static_cast<std::uint16_t>(event.data.u64), now);
        }
      }
      relay.handle_time(now.now);
      const std::lock_guard lock{stats_mutex};
      stats = relay.stats();
    }
  }

  void read_server(const turn::Time& now) {
    for (int i = 0; i < kBatchesPerTurn; ++i) {
      const std::size_t count = received.read(server);
      for (const auto& [from, local, data] : received.datagrams()) relay.handle_client({.client = from, .local = local}, data, now);
      to_send.flush();
      if (count < ReceivedBatch::kDatagramsMax) return;
    }
  }

  void read_port(std::uint16_t port, const turn::Time& now) {
    for (int i = 0; i < kBatchesPerTurn; ++i) {
      const auto found = ports.find(port);
      const std::size_t count = found == ports.end() ? 0 : received.read(found->second);
      for (const auto& [from, local, data] : received.datagrams()) relay.handle_peer(port, from, data, now);
      to_send.flush();
      if (count < ReceivedBatch::kDatagramsMax) return;
    }
  }

  // ---- turn::RelayNetwork

  std::optional<std::uint16_t> open_port() override {
    auto socket = options.relay_port_max == 0 ? UdpSocket::bind(host, 0) : bind_in_range();
    if (!socket) return std::nullopt;
    const std::uint16_t port = socket->port();
    watch(socket->descriptor(), port);
    ports.emplace(port, std::move(*socket));
    return port;
  }

  /// From a random one on, so that nobody can tell the next allocation's port (RFC 8656, 7.2).
  std::optional<UdpSocket> bind_in_range() {
    const int size = options.relay_port_max - options.relay_port_min + 1;
    const int first = static_cast<int>(prng.below(static_cast<std::uint64_t>(size)));
    for (int i = 0; i < std::min(size, kPortTries); ++i) {
      const auto port = static_cast<std::uint16_t>(options.relay_port_min + (first + i) % size);
      if (ports.contains(port)) continue;
      if (auto socket = UdpSocket::bind(host, port)) return socket;
    }
    return std::nullopt;
  }

  void close_port(std::uint16_t port) override {
    to_send.flush();   // what leaves from it
    ports.erase(port);
  }

  void send_to_client(const FiveTuple& client, BytesView datagram) override { to_send.add(server, client.client, client.local, datagram); }

  void send_to_peer(std::uint16_t port, const IpAddress& local, const Endpoint& peer, BytesView data) override {
    const auto found = ports.find(port);
    if (found == ports.end()) return;
    // Behind an external address the routes know best; else the peer is to see the address that it was told.
    to_send.add(found->second, peer, options.relay.external_address ? std::nullopt : std::optional{local}, data);
  }

  const Options options;
  const IpAddress host;
  UdpSocket server;
  std::unordered_map<std::uint16_t, UdpSocket> ports;
  ReceivedBatch received;
  SendBatch to_send;
  Prng prng;
  turn::Relay relay;   // after what it sends with, so that it closes its ports first
  int epoll = -1;
  int stop = -1;
  mutable std::mutex stats_mutex;
  turn::RelayStats stats;
  std::thread thread;
};

Result<std::unique_ptr<TurnServer>> TurnServer::start(Options options) {
  const auto host = turn::parse_ip(options.host);
  if (!host) return std::unexpected{no_socket(options, EADDRNOTAVAIL)};
  auto socket = UdpSocket::bind(*host, options.port);
  if (!socket) return std::unexpected{no_socket(options, errno)};
  return std::unique_ptr<TurnServer>{new TurnServer{std::make_unique<Impl>(std::move(options), *host, std::move(*socket))}};
}

TurnServer::TurnServer(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
TurnServer::~TurnServer() = default;

std::uint16_t TurnServer::port() const { return impl_->server.port(); }

turn::RelayStats TurnServer::stats() const {
  const std::lock_guard lock{impl_->stats_mutex};
  return impl_->stats;
}

}  // namespace p2p::net
