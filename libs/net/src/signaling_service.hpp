#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "directory/directory.hpp"
#include "gate.hpp"
#include "net/ice_servers.hpp"
#include "socketio/socket_server.hpp"

namespace p2p::net {

/// Speaks docs/signaling.md: events in, answers and events out; the decisions are the directory's, keys and hashes are checked here.
///
/// `send` and `close` may be called from inside of any method. They must not call back into it.
class SignalingService {
 public:
  using ConnectionId = directory::ConnectionId;
  struct Driver {
    std::function<void(ConnectionId, std::string_view packet)> send;  ///< a Socket.IO packet; to an id that is gone: nothing
    std::function<void(ConnectionId)> close;                          ///< after what was sent
    std::function<IpAddress(ConnectionId)> client;                    ///< where it is
    std::function<std::uint64_t(ConnectionId)> number;                ///< as logs name it
    std::function<std::string(ConnectionId)> host;                    ///< under which it came
  };
  struct Options {
    directory::Directory::Options directory;
    IceServers ice_servers;
    std::string consent = "notice";  ///< as `hello` says it
    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  };

  SignalingService(Options options, Driver driver);

  /// The client joined: greets it. False: the server is full; it was told and is to be closed.
  [[nodiscard]] bool connected(ConnectionId id, Instant now);
  void disconnected(ConnectionId id, Instant now);
  void heard(ConnectionId id, Instant now);
  void handle_event(ConnectionId id, const socketio::SocketEvent& event, Instant now);
  void handle_time(Instant now);
  [[nodiscard]] Instant next_wake() const { return news_.empty() ? directory_.next_wake() : Instant::min(); }
  /// Watchers of the list wait for what is due to them already.
  [[nodiscard]] bool has_news() const { return !news_.empty(); }
  /// The packet that tells everybody, before a goodbye, to come back at a random time within this span.
  [[nodiscard]] static std::string leaving_packet(Duration back_within);
  [[nodiscard]] directory::Census census() const { return directory_.census(); }
  /// The answer to `streams:watch` for somebody who only looks once.
  [[nodiscard]] std::string streams_json(const directory::StreamFilter& filter) const;
  /// Null: there is none.
  [[nodiscard]] std::shared_ptr<const directory::Thumbnail> thumbnail(const directory::StreamId& stream) const { return directory_.thumbnail(stream); }

 private:
  using Answer = std::string;  // the acknowledgement's JSON

  [[nodiscard]] bool admit(ConnectionId id, std::string_view event, Instant now);
  [[nodiscard]] Answer answer(ConnectionId id, const socketio::SocketEvent& event, Instant now);
  [[nodiscard]] Answer create(ConnectionId id, std::string_view json, Instant now);
  [[nodiscard]] Answer join(ConnectionId id, std::string_view json, Instant now);
  [[nodiscard]] Answer update(ConnectionId id, std::string_view json, Instant now);
  [[nodiscard]] Answer take_thumbnail(ConnectionId id, const socketio::SocketEvent& event, Instant now);
  [[nodiscard]] Answer watch(ConnectionId id, std::string_view json, Instant now);
  [[nodiscard]] Answer report(ConnectionId id, std::string_view json, Instant now);
  [[nodiscard]] Answer candidates(ConnectionId id, std::string_view json);
  [[nodiscard]] Answer sample(ConnectionId id, Instant now);
  [[nodiscard]] Answer signal(ConnectionId id, std::string_view json);
  [[nodiscard]] Answer ice_servers(ConnectionId id) const;
  [[nodiscard]] std::string ice_fields(ConnectionId id, PeerId peer) const;
  [[nodiscard]] std::string nonce_of(ConnectionId id) const;
  [[nodiscard]] std::uint32_t name_of(const AddressBlock& block, std::string_view purpose, const directory::StreamId& stream) const;
  void send_notices();
  void send_news();

  /// What changed in the list, for those who share a filter, and whose turn it is.
  struct News {
    directory::Notice notice;
    std::string packet;   // made when its turn comes
    std::size_t next = 0;
  };

  Options options_;
  Driver driver_;
  directory::Directory directory_;
  std::array<std::byte, 32> nonce_key_{};
  std::deque<News> news_;   // of one time that the list was told of: no more is taken before all of it is sent
  // Answers of streams_json since the list was last told of.
  mutable std::map<directory::StreamFilter, std::string> lists_;
  mutable std::uint64_t lists_revision_ = 0;
};

}  // namespace p2p::net
