#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "p2p-core/types.hpp"
#include "transport/links.hpp"

namespace p2p::transport {

/// The links of one peer, each with up to mesh::kAssociationsMax associations: what a path that loses packets carries grows with their
/// number (docs/links.md). The first is the link; those beside it carry pieces only, come when an end wants them, and go with the link.
///
/// Owned and polled as Links is. Widened tells how many associations a link has, whenever that changes.
class WideLinks {
 public:
  struct Widened {
    PeerId peer;
    std::uint32_t associations = 1;
  };
  using Event = std::variant<Links::SignalOut, Links::OfferIn, Links::Up, Links::Down, Links::Message, Links::Draining, Widened>;

  explicit WideLinks(const Links::Options& options);

  void use_ice_servers(const std::vector<IceServer>& servers);

  void dial(PeerId peer, Instant now) { first().dial(peer, now); }
  void accept(PeerId peer, Instant now) { first().accept(peer, now); }
  void refuse(PeerId peer, std::string reason) { first().refuse(peer, std::move(reason)); }
  void hang_up(PeerId peer, std::string reason, Instant now);
  void hang_up_all(const std::string& reason, Instant now);

  /// So many associations in all; nothing happens to those that are there or on their way.
  void widen(PeerId peer, std::uint32_t associations, Instant now);

  void handle(PeerId from, const Signal& signal, Instant now);

  /// A piece goes over the association with the least waiting.
  void send(PeerId peer, mesh::Channel channel, BytesView header, BytesView body);

  /// Unsent bytes of all associations.
  [[nodiscard]] std::size_t backlog(PeerId peer) const;
  [[nodiscard]] bool is_up(PeerId peer) const { return links_[0]->is_up(peer); }

  [[nodiscard]] std::optional<Event> poll(Instant now);
  [[nodiscard]] Instant next_wake() const;
  [[nodiscard]] bool closing() const;

 private:
  [[nodiscard]] Links& first() { return *links_[0]; }
  [[nodiscard]] std::optional<Event> of_first(Links::Event event, Instant now);
  [[nodiscard]] std::optional<Event> of_another(std::size_t association, Links::Event event, Instant now);
  [[nodiscard]] std::optional<Event> count(PeerId peer) const;

  std::array<std::unique_ptr<Links>, mesh::kAssociationsMax> links_;   // by number of the association
  std::set<PeerId> wide_;                                              // have, or had, more than one
  std::size_t turn_ = 0;                                               // whose events come first
};

}  // namespace p2p::transport
