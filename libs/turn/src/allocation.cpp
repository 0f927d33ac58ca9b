#include "allocation.hpp"

#include <algorithm>

namespace p2p::turn {

bool Allocation::permit(const IpAddress& ip, Instant now) {
  std::erase_if(permissions_, [&](const Permission& permission) { return permission.until <= now; });
  const auto found = std::ranges::find(permissions_, ip, &Permission::ip);
  if (found != permissions_.end()) {
    found->until = now + kPermissionLifetime;
    return true;
  }
  if (permissions_.size() == kPermissionsMax) return false;
  permissions_.push_back({ip, now + kPermissionLifetime});
  return true;
}

bool Allocation::permits(const IpAddress& ip, Instant now) const {
  return std::ranges::any_of(permissions_, [&](const Permission& permission) { return permission.ip == ip && permission.until > now; });
}

Allocation::Bound Allocation::bind(std::uint16_t channel, const Endpoint& peer, Instant now) {
  std::erase_if(channels_, [&](const Channel& bound) { return bound.until <= now; });
  for (Channel& bound : channels_) {
    if (bound.number != channel && bound.peer != peer) continue;
    if (bound.number != channel || bound.peer != peer) return Bound::kTaken;
    bound.until = now + kChannelLifetime;
    return Bound::kYes;
  }
  if (channels_.size() == kChannelsMax) return Bound::kFull;
  channels_.push_back({channel, peer, now + kChannelLifetime});
  return Bound::kYes;
}

std::optional<Endpoint> Allocation::peer_of(std::uint16_t channel, Instant now) const {
  const auto found = std::ranges::find(channels_, channel, &Channel::number);
  if (found == channels_.end() || found->until <= now) return std::nullopt;
  return found->peer;
}

std::optional<std::uint16_t> Allocation::channel_of(const Endpoint& peer, Instant now) const {
  const auto found = std::ranges::find(channels_, peer, &Channel::peer);
  if (found == channels_.end() || found->until <= now) return std::nullopt;
  return found->number;
}

}  // namespace p2p::turn
