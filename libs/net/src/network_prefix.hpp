#pragma once

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>

namespace p2p::net {

/// The part of an address that whoever rents one gets many of: bytes equal for all of an IPv4 /24 or an IPv6 /48.
///
/// Of a connection from this machine or a private network it is that of the last address in X-Forwarded-For, which a proxy beside us has
/// put there; without one it is empty, as nothing is known then: a home or an office is no crowd.
[[nodiscard]] std::string network_prefix(const boost::asio::ip::address& from, std::string_view forwarded_for);

}  // namespace p2p::net
