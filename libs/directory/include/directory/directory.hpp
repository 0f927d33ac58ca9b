#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "directory/messages.hpp"
#include "directory/stream_list.hpp"
#include "directory/token_bucket.hpp"

namespace p2p::directory {

class Room;

/// Who is where, and whom a viewer should dial: the decisions of the signaling server (docs/signaling.md).
///
/// Tell it what happened and when; carry out what `poll` gives. Always holds: a connection is a member of at most one room; a
/// member is heard at least every `silence_max` or dropped; nobody is handed out to himself; a room never outlives its source's
/// grace. The same seed and calls give the same answers.
///
/// Out of scope: whether a key signed or a secret hashes to an id (the caller has checked), text formats, sockets.
class Directory {
 public:
  struct Options {
    std::size_t connections_max = 50'000;
    std::size_t streams_max = 1'000;
    std::uint32_t streams_at_a_place_max = 100;  ///< of CreateRequest::place: a school or a conference has many sources behind one address
    std::size_t members_max = 20'000;  ///< of a room
    std::size_t candidates_max = 20;   ///< in an answer
    Duration silence_max = 15s;
    Duration source_grace = 60s;
    Duration thumbnail_every = 10s;  ///< of one stream, at most
    TokenBucket::Options signals{.per_s = 100, .burst = 300};
    TokenBucket::Options requests{.per_s = 20, .burst = 60};  ///< stream:create, streams:watch and mesh:sample take 5 of them, stream:join 2
  };
  enum class RequestKind : std::uint8_t { kSignal, kCreate, kJoin, kWatch, kSample, kOther };

  Directory(Options options, std::uint64_t seed);
  ~Directory();

  [[nodiscard]] Outcome<void> connect(ConnectionId connection, Instant now);
  void disconnect(ConnectionId connection, Instant now);
  /// The connection said something.
  void heard(ConnectionId connection, Instant now);
  /// The same, and whether its limits allow a request of this kind.
  [[nodiscard]] bool admit(ConnectionId connection, RequestKind kind, Instant now);

  /// The list of streams, told of again and again until `unwatch`; a connection that watches already has another filter from now on.
  [[nodiscard]] Outcome<StreamList::Listing> watch(ConnectionId connection, const StreamFilter& filter, Instant now);
  void unwatch(ConnectionId connection);
  [[nodiscard]] StreamList::Listing look(const StreamFilter& filter) const { return list_.look(filter); }
  [[nodiscard]] std::uint64_t list_revision() const { return list_.revision(); }
  [[nodiscard]] std::optional<std::uint64_t> list_seen(ConnectionId connection) const { return list_.seen(connection); }
  /// While the driver has not sent all of what was told of the list, no more is told.
  void hold_list(bool hold) { list_held_ = hold; }

  [[nodiscard]] Outcome<Created> create(ConnectionId connection, const CreateRequest& request, Instant now);
  /// What the source says of its stream from now on.
  [[nodiscard]] Outcome<void> update(ConnectionId connection, StreamDetails details, Instant now);
  /// What it says now, for a source that changes a part of it.
  [[nodiscard]] Outcome<std::shared_ptr<const StreamDetails>> details(ConnectionId connection) const;
  [[nodiscard]] Outcome<void> end(ConnectionId connection, Instant now);

  /// In place of the one before, by the source; it goes with the stream.
  [[nodiscard]] Outcome<void> set_thumbnail(ConnectionId connection, Thumbnail thumbnail, Instant now);
  /// Null: there is none.
  [[nodiscard]] std::shared_ptr<const Thumbnail> thumbnail(const StreamId& stream) const;

  [[nodiscard]] Outcome<Joined> join(ConnectionId connection, const JoinRequest& request, Instant now);
  [[nodiscard]] Outcome<void> leave(ConnectionId connection, Instant now);
  [[nodiscard]] Outcome<std::vector<Candidate>> candidates(ConnectionId connection, std::span<const PeerId> exclude,
                                                           std::optional<std::uint8_t> rendition = std::nullopt);
  /// Of the asker's room, for maps; the same for some seconds.
  [[nodiscard]] Outcome<std::shared_ptr<const MeshSample>> mesh_sample(ConnectionId connection, Instant now);
  /// Who the connection is, as a member.
  [[nodiscard]] Outcome<PeerId> member(ConnectionId connection) const;
  [[nodiscard]] Outcome<SignalRoute> route_signal(ConnectionId connection, PeerId to) const;
  [[nodiscard]] Outcome<Standing> report(ConnectionId connection, const Report& report, Instant now);

  void handle_time(Instant now);
  [[nodiscard]] Instant next_wake() const;

  /// The next message to send; nothing when all is said.
  [[nodiscard]] std::optional<Notice> poll();

  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] std::size_t streams() const { return rooms_.size(); }
  /// Takes as long as there are streams, not peers.
  [[nodiscard]] Census census() const;

  void check_invariants() const;

 private:
  struct Connection {
    TokenBucket signals;
    TokenBucket requests;
    Room* room = nullptr;
    PeerId peer;                                 // in that room
    Instant heard_at{};                          // as a member
    std::list<ConnectionId>::iterator in_heard;  // as a member
  };

  [[nodiscard]] Connection& connection(ConnectionId id);
  [[nodiscard]] static Room* room_as_source(const Connection& connection);
  void tell_list(Instant now);
  void enter(ConnectionId id, Connection& connection, Room& room, PeerId peer, Instant now);
  void exit(Connection& connection);
  void drop_member(ConnectionId id, Instant now);
  void end_room(Room& room, EndReason reason, Instant now);
  void take_over(Room& room, ConnectionId id, const CreateRequest& request, Instant now);
  void set_source_online(Room& room, bool online, Instant now);
  void touch(const Room& room, Instant now);

  Options options_;
  Prng prng_;
  std::unordered_map<ConnectionId, Connection> connections_;
  std::map<StreamId, std::unique_ptr<Room>> rooms_;
  std::unordered_map<std::uint64_t, std::uint32_t> streams_at_;  // by place; none without a stream
  std::list<ConnectionId> by_heard_;  // members; the longest silent first
  std::deque<std::pair<Instant, StreamId>> grace_ends_;  // by time; entries of sources that came back are skipped
  StreamList list_;
  bool list_held_ = false;
  std::deque<Notice> notices_;
};

}  // namespace p2p::directory
