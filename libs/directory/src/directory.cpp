#include "directory/directory.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "room.hpp"

namespace p2p::directory {
namespace {

std::unexpected<Refusal> refuse(Refusal why) { return std::unexpected{why}; }

/// How many tokens a request costs: a signature to be checked, a list of hundreds of streams or peers, twenty candidates
/// to be picked.
std::int32_t cost_of(Directory::RequestKind kind) {
  switch (kind) {
    case Directory::RequestKind::kCreate:
    case Directory::RequestKind::kWatch:
    case Directory::RequestKind::kSample:
      return 5;
    case Directory::RequestKind::kJoin:
      return 2;
    case Directory::RequestKind::kSignal:
    case Directory::RequestKind::kOther:
      return 1;
  }
  return 1;
}

}  // namespace

Directory::Directory(Options options, std::uint64_t seed) : options_{options}, prng_{seed} {}
Directory::~Directory() = default;

Outcome<void> Directory::connect(ConnectionId id, Instant /*now*/) {
  if (connections_.size() >= options_.connections_max) return refuse(Refusal::kFull);
  Connection fresh{.in_heard = by_heard_.end()};
  CHECK(connections_.emplace(id, fresh).second, "a connection's number was used twice");
  return {};
}

void Directory::disconnect(ConnectionId id, Instant now) {
  drop_member(id, now);
  unwatch(id);
  connections_.erase(id);
}

void Directory::heard(ConnectionId id, Instant now) {
  Connection& known = connection(id);
  if (known.room == nullptr) return;
  known.heard_at = now;
  by_heard_.splice(by_heard_.end(), by_heard_, known.in_heard);
  // A source that was only silent is back with its first word.
  if (known.room->source == id && !known.room->source_online) set_source_online(*known.room, true, now);
}

bool Directory::admit(ConnectionId id, RequestKind kind, Instant now) {
  heard(id, now);
  Connection& known = connection(id);
  return kind == RequestKind::kSignal ? known.signals.try_take(options_.signals, now) : known.requests.try_take(options_.requests, now, cost_of(kind));
}

Outcome<StreamList::Listing> Directory::watch(ConnectionId id, const StreamFilter& filter, Instant now) {
  static_cast<void>(connection(id));
  tell_list(now);   // whoever looks now sees what is there now, if the list was quiet
  return list_.watch(id, filter);
}

void Directory::unwatch(ConnectionId id) { list_.unwatch(id); }

void Directory::tell_list(Instant now) {
  if (list_held_) return;
  for (Notice& notice : list_.take_due(now)) notices_.push_back(std::move(notice));
}

Outcome<Created> Directory::create(ConnectionId id, const CreateRequest& request, Instant now) {
  Connection& known = connection(id);
  if (known.room != nullptr) return refuse(Refusal::kAlreadyAMember);
  const auto found = rooms_.find(request.stream);
  if (found != rooms_.end()) {
    take_over(*found->second, id, request, now);
    return Created{.resumed = true};
  }
  if (rooms_.size() >= options_.streams_max) return refuse(Refusal::kFull);
  if (request.place != 0) {
    const auto there = streams_at_.find(request.place);
    if (there != streams_at_.end() && there->second >= options_.streams_at_a_place_max) return refuse(Refusal::kFull);
    ++streams_at_[request.place];
  }
  Room& room = *rooms_.emplace(request.stream, std::make_unique<Room>(request, id)).first->second;
  enter(id, known, room, request.peer, now);
  touch(room, now);
  return Created{.resumed = false};
}

void Directory::take_over(Room& room, ConnectionId id, const CreateRequest& request, Instant now) {
  if (room.source) {
    exit(connection(*room.source));
    notices_.push_back({{*room.source}, Replaced{room.id}});
  }
  // The same secret as a viewer's: that viewer is this peer's former self.
  if (const Room::Viewer* former = room.find(request.peer)) drop_member(former->connection, now);
  const bool renamed = room.source_peer != request.peer;
  room.source = id;
  room.source_peer = request.peer;
  room.details = std::make_shared<const StreamDetails>(request.details);
  enter(id, connection(id), room, request.peer, now);
  if (!room.source_online) {
    set_source_online(room, true, now);
  } else if (renamed) {
    notices_.push_back({room.viewer_connections(), SourceChanged{room.id, true, room.source_peer}});
  }
  touch(room, now);
}

Outcome<std::shared_ptr<const StreamDetails>> Directory::details(ConnectionId id) const {
  const auto found = connections_.find(id);
  CHECK(found != connections_.end(), "an unknown connection");
  const Room* room = room_as_source(found->second);
  if (room == nullptr) return refuse(Refusal::kNotTheSource);
  return room->details;
}

Outcome<void> Directory::update(ConnectionId id, StreamDetails details, Instant now) {
  Room* room = room_as_source(connection(id));
  if (room == nullptr) return refuse(Refusal::kNotTheSource);
  room->details = std::make_shared<const StreamDetails>(std::move(details));
  touch(*room, now);
  return {};
}

Outcome<void> Directory::end(ConnectionId id, Instant now) {
  Room* room = room_as_source(connection(id));
  if (room == nullptr) return refuse(Refusal::kNotTheSource);
  end_room(*room, EndReason::kEnded, now);
  return {};
}

Outcome<void> Directory::set_thumbnail(ConnectionId id, Thumbnail thumbnail, Instant now) {
  Room* room = room_as_source(connection(id));
  if (room == nullptr) return refuse(Refusal::kNotTheSource);
  if (now < room->next_thumbnail_at) return refuse(Refusal::kRateLimited);
  room->next_thumbnail_at = now + options_.thumbnail_every;
  room->thumbnail = std::make_shared<const Thumbnail>(std::move(thumbnail));
  touch(*room, now);
  return {};
}

std::shared_ptr<const Thumbnail> Directory::thumbnail(const StreamId& stream) const {
  const auto found = rooms_.find(stream);
  return found == rooms_.end() ? nullptr : found->second->thumbnail;
}

Outcome<Joined> Directory::join(ConnectionId id, const JoinRequest& request, Instant now) {
  Connection& known = connection(id);
  if (known.room != nullptr) return refuse(Refusal::kAlreadyAMember);
  const auto found = rooms_.find(request.stream);
  if (found == rooms_.end()) return refuse(Refusal::kNoSuchStream);
  Room& room = *found->second;
  if (request.peer == room.source_peer) return refuse(Refusal::kAlreadyAMember);
  if (const Room::Viewer* former = room.find(request.peer)) {
    // The peer came back before its old connection was noticed to be dead.
    const ConnectionId old = former->connection;
    drop_member(old, now);
    notices_.push_back({{old}, Replaced{room.id}});
  }
  if (room.size() >= options_.members_max) return refuse(Refusal::kFull);
  room.add(request, id, now);
  enter(id, known, room, request.peer, now);
  touch(room, now);
  return Joined{.public_key = room.public_key,
                .source = room.source_peer,
                .stream = room.info(),
                .candidates = room.candidates(request.peer, {}, std::nullopt, options_.candidates_max, prng_)};
}

Outcome<void> Directory::leave(ConnectionId id, Instant now) {
  Connection& known = connection(id);
  if (known.room == nullptr || known.room->source == id) return refuse(Refusal::kNotAMember);
  drop_member(id, now);
  return {};
}

Outcome<std::vector<Candidate>> Directory::candidates(ConnectionId id, std::span<const PeerId> exclude, std::optional<std::uint8_t> rendition) {
  Connection& known = connection(id);
  if (known.room == nullptr) return refuse(Refusal::kNotAMember);
  return known.room->candidates(known.peer, exclude, rendition, options_.candidates_max, prng_);
}

Outcome<PeerId> Directory::member(ConnectionId id) const {
  const auto found = connections_.find(id);
  CHECK(found != connections_.end(), "an unknown connection");
  if (found->second.room == nullptr) return refuse(Refusal::kNotAMember);
  return found->second.peer;
}

Outcome<std::shared_ptr<const MeshSample>> Directory::mesh_sample(ConnectionId id, Instant now) {
  Connection& known = connection(id);
  if (known.room == nullptr) return refuse(Refusal::kNotAMember);
  std::shared_ptr<const MeshSample> sample = known.room->sample(now, prng_);
  if (!sample) return refuse(Refusal::kRateLimited);
  return sample;
}

Outcome<SignalRoute> Directory::route_signal(ConnectionId id, PeerId to) const {
  const auto found = connections_.find(id);
  CHECK(found != connections_.end(), "an unknown connection");
  const Connection& known = found->second;
  if (known.room == nullptr) return refuse(Refusal::kNotAMember);
  if (to == known.peer) return refuse(Refusal::kNoSuchPeer);
  const Room::Viewer* sender = known.room->find(known.peer);
  const std::uint32_t network = sender == nullptr ? 0 : sender->place.network;
  if (to == known.room->source_peer) {
    if (!known.room->source) return refuse(Refusal::kNoSuchPeer);
    return SignalRoute{known.peer, *known.room->source, network};
  }
  const Room::Viewer* viewer = known.room->find(to);
  if (viewer == nullptr) return refuse(Refusal::kNoSuchPeer);
  return SignalRoute{known.peer, viewer->connection, network};
}

Outcome<Standing> Directory::report(ConnectionId id, const Report& report, Instant now) {
  Connection& known = connection(id);
  if (known.room == nullptr) return refuse(Refusal::kNotAMember);
  Room& room = *known.room;
  if (room.source == id) {
    room.note_source(report);
    return Standing{.score = 100, .role = scoring::Role::kSource, .receipts = room.receipts(known.peer, report.neighbors, now)};
  }
  room.attest(known.peer, report.neighbors, now);
  Standing standing = room.rescore(known.peer, report, now);
  standing.receipts = room.receipts(known.peer, report.neighbors, now);
  return standing;
}

void Directory::handle_time(Instant now) {
  while (!by_heard_.empty() && connection(by_heard_.front()).heard_at + options_.silence_max <= now) {
    const ConnectionId id = by_heard_.front();
    Connection& silent = connection(id);
    if (silent.room->source == id) {
      if (silent.room->source_online) set_source_online(*silent.room, false, now);
      silent.heard_at = now;  // it stays the source of its room until the grace is over
      by_heard_.splice(by_heard_.end(), by_heard_, silent.in_heard);
    } else {
      drop_member(id, now);
    }
  }
  while (!grace_ends_.empty() && grace_ends_.front().first <= now) {
    const auto [at, stream] = grace_ends_.front();
    grace_ends_.pop_front();
    const auto found = rooms_.find(stream);
    if (found != rooms_.end() && found->second->grace_until == at) end_room(*found->second, EndReason::kSourceLost, now);
  }
  tell_list(now);
}

Instant Directory::next_wake() const {
  Instant wake = list_held_ ? kNever : list_.next_wake();
  if (!by_heard_.empty()) wake = std::min(wake, connections_.at(by_heard_.front()).heard_at + options_.silence_max);
  if (!grace_ends_.empty()) wake = std::min(wake, grace_ends_.front().first);
  return wake;
}

std::optional<Notice> Directory::poll() {
  if (notices_.empty()) return std::nullopt;
  Notice notice = std::move(notices_.front());
  notices_.pop_front();
  return notice;
}

Directory::Connection& Directory::connection(ConnectionId id) {
  const auto found = connections_.find(id);
  CHECK(found != connections_.end(), "an unknown connection");
  return found->second;
}

Room* Directory::room_as_source(const Connection& known) {
  return known.room != nullptr && known.peer == known.room->source_peer ? known.room : nullptr;
}

void Directory::enter(ConnectionId id, Connection& known, Room& room, PeerId peer, Instant now) {
  known.room = &room;
  known.peer = peer;
  known.heard_at = now;
  known.in_heard = by_heard_.insert(by_heard_.end(), id);
}

void Directory::exit(Connection& known) {
  by_heard_.erase(known.in_heard);
  known.in_heard = by_heard_.end();
  known.room = nullptr;
}

void Directory::drop_member(ConnectionId id, Instant now) {
  Connection& known = connection(id);
  if (known.room == nullptr) return;
  Room& room = *known.room;
  if (room.source == id) {
    room.source.reset();
    if (room.source_online) set_source_online(room, false, now);
  } else {
    room.remove(known.peer);
    touch(room, now);
  }
  exit(known);
}

void Directory::end_room(Room& room, EndReason reason, Instant now) {
  notices_.push_back({room.viewer_connections(), StreamEnded{room.id, reason}});
  for (const ConnectionId viewer : room.viewer_connections()) exit(connection(viewer));
  if (room.source) {
    // A source that was silent and comes back later must learn that it has to create its stream anew.
    if (reason == EndReason::kSourceLost) notices_.push_back({{*room.source}, StreamEnded{room.id, reason}});
    exit(connection(*room.source));
  }
  const StreamId id = room.id;
  if (const auto there = streams_at_.find(room.place); there != streams_at_.end() && --there->second == 0) streams_at_.erase(there);
  rooms_.erase(id);
  list_.remove(id, now);
}

void Directory::set_source_online(Room& room, bool online, Instant now) {
  room.source_online = online;
  room.grace_until = online ? kNever : now + options_.source_grace;
  if (!online) grace_ends_.emplace_back(room.grace_until, room.id);
  notices_.push_back({room.viewer_connections(), SourceChanged{room.id, online, room.source_peer}});
  touch(room, now);
}

void Directory::touch(const Room& room, Instant now) {
  if (room.details->listed) {
    list_.touch(room.info(), now);
  } else {
    list_.remove(room.id, now);
  }
}

Census Directory::census() const {
  Census census{.connections = connections_.size(), .watchers = list_.watchers(), .streams = rooms_.size()};
  for (const auto& [id, room] : rooms_) {
    if (room->source_online) ++census.members[static_cast<std::size_t>(scoring::Role::kSource)];
    for (std::size_t role = 0; role < census.members.size(); ++role) census.members[role] += room->viewers_by_role()[role];
  }
  return census;
}

void Directory::check_invariants() const {
  std::size_t members = 0;
  for (const auto& [id, room] : rooms_) {
    room->check_invariants();
    members += room->size() + (room->source ? 1 : 0);
    for (const ConnectionId viewer : room->viewer_connections()) {
      CHECK(connections_.at(viewer).room == room.get(), "a viewer whose connection is elsewhere");
    }
    if (room->source) CHECK(connections_.at(*room->source).room == room.get(), "a source whose connection is elsewhere");
  }
  std::unordered_map<std::uint64_t, std::uint32_t> streams_at;
  for (const auto& [id, room] : rooms_) {
    if (room->place != 0) ++streams_at[room->place];
  }
  CHECK(streams_at == streams_at_, "streams counted at other places than they were made at");
  CHECK(members == by_heard_.size(), "a member without a heartbeat, or a heartbeat without a member");
  const auto listed = std::ranges::count_if(rooms_, [](const auto& room) { return room.second->details->listed; });
  CHECK(list_.size() == static_cast<std::size_t>(listed), "the list shows other streams than there are");
  list_.check_invariants();
  CHECK(std::ranges::is_sorted(by_heard_, {}, [this](ConnectionId id) { return connections_.at(id).heard_at; }), "heartbeats out of order");
}

}  // namespace p2p::directory
