#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "p2p-core/types.hpp"
#include "transport/signal.hpp"

namespace p2p::transport {

/// A STUN or TURN server, as the signaling server names it. URLs that cannot be used here (TURN over TCP
/// or TLS: libjuice speaks it over UDP only) are passed over.
struct IceServer {
  std::vector<std::string> urls;
  std::string username;
  std::string credential;
};

/// The WebRTC links of one peer, at most one to each other peer; docs/links.md is what both ends of a link keep to.
///
/// It has one owner thread. The work is done on libdatachannel's threads; they call `wake` (thread-safe, brief, calls nothing back),
/// and the owner then polls until nothing comes:
///
///     while (auto event = links.poll(now)) handle(*event);
///     wait_until(links.next_wake() or wake);
///
/// Always holds: after dial() and accept() comes Up or Down, Down after `dial_timeout` at the latest; Up comes before the first
/// Message of a link and Down after the last; messages of the control channel come in the order they were sent; what a peer may
/// make us keep is bounded (offers, candidates, unread messages, unsent bytes), and a link that breaks a bound is closed.
///
/// Out of scope: whom to link with and what to say (mesh::Engine); how signals travel (libs/net).
class Links {
 public:
  struct Options {
    PeerId self{};
    std::vector<IceServer> ice_servers;
    std::size_t message_bytes_max = mesh::kMessageBytesMax;   ///< a longer one closes its link, in both directions
    std::size_t backlog_bytes_max = 4 * 1024 * 1024;          ///< unsent bytes at which a link is given up
    std::size_t backlog_bytes_low = 32 * 1024;                ///< a link with less counts as drained
    Duration backlog_check = 20ms;                            ///< how often a link that is not drained is looked at
    Duration dial_timeout = 15s;
    Duration linger = 2s;                                     ///< how long a link that was hung up may take to bring out what was sent on it
    std::optional<std::string> bind_address;                  ///< use this local address only; without it, every one
    std::function<void()> wake;
  };

  struct SignalOut {
    PeerId to;
    Signal signal;
  };
  /// A peer wants a link: answer with accept() or refuse().
  struct OfferIn {
    PeerId from;
    std::uint32_t network = 0;   ///< as SignalOffer says
  };
  struct Up {
    PeerId peer;
    bool relayed = false;
  };
  struct Down {
    PeerId peer;
    std::string why;
  };
  struct Message {
    PeerId from;
    mesh::Channel channel = mesh::Channel::kControl;
    Bytes bytes;
  };
  /// What waits on a link has changed without our doing: told while it drains, the last time when it has.
  struct Draining {
    PeerId peer;
  };
  using Event = std::variant<SignalOut, OfferIn, Up, Down, Message, Draining>;

  explicit Links(Options options);
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  /// For links that begin from now on: credentials end, fresh ones come.
  void use_ice_servers(const std::vector<IceServer>& servers);

  /// Offers a link. Nothing happens when there is one already, up or on its way.
  void dial(PeerId peer, Instant now);

  /// Takes the offer that OfferIn told of. Our own offer to that peer, if there is one, is dropped. Down when the offer is gone.
  void accept(PeerId peer, Instant now);

  /// Declines the offer. When we dialled that peer too, the dial ends in Down.
  void refuse(PeerId peer, std::string reason);

  /// Closes the link after what was sent on it has gone out (at most 2 s). Down follows at once.
  void hang_up(PeerId peer, std::string reason, Instant now);

  void hang_up_all(const std::string& reason, Instant now);

  void handle(PeerId from, const Signal& signal, Instant now);

  /// One message: `header` and then `body`. Without a link that is up it is dropped; Down has been or will be told.
  void send(PeerId peer, mesh::Channel channel, BytesView header, BytesView body);

  /// Unsent bytes of both channels, those in SCTP's send buffer included.
  [[nodiscard]] std::size_t backlog(PeerId peer) const;

  [[nodiscard]] bool is_up(PeerId peer) const;

  [[nodiscard]] std::optional<Event> poll(Instant now);
  [[nodiscard]] Instant next_wake() const;

  [[nodiscard]] std::size_t count() const;   ///< up or on their way

  /// Whether links that were hung up still have bytes to bring out.
  [[nodiscard]] bool closing() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// For the end of a program, once its last Links is gone: waits (at most 5 s) until the threads that close their connections have ended.
/// A process that ends around them takes from under them what they use. False: some have not.
bool wait_for_link_threads();

}  // namespace p2p::transport
