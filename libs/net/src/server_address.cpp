#include "net/server_address.hpp"

#include <algorithm>
#include <charconv>

namespace p2p::net {
namespace {

constexpr std::uint16_t kOwnPort = 3001;

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

}  // namespace

std::string ServerAddress::origin() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string text = tls ? "https://" : "http://";
  text.append(v6 ? "[" : "").append(host).append(v6 ? "]" : "");
  if (port != (tls ? 443 : 80)) text.append(":").append(std::to_string(port));
  return text;
}

Result<ServerAddress> parse_server_address(std::string_view text) {
  const auto refused = [whole = std::string{text}] {
    return fail("\"" + whole + "\" is not the address of a server. Write it as http://host:3001 or https://host.");
  };
  ServerAddress address;
  bool with_scheme = false;
  if (const std::size_t colon = text.find("://"); colon != std::string_view::npos) {
    const std::string_view scheme = text.substr(0, colon);
    if (scheme == "https" || scheme == "wss") {
      address.tls = true;
    } else if (scheme != "http" && scheme != "ws") {
      return refused();
    }
    with_scheme = true;
    text.remove_prefix(colon + 3);
  }
  const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  if (authority.size() < text.size() && text[authority.size()] == '/') {
    const std::string_view path = text.substr(authority.size());
    address.path = path.substr(0, path.find_first_of("?#"));
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return refused();
    address.host = authority.substr(1, end - 1);
    const std::string_view rest = authority.substr(end + 1);
    const bool is_v6 = std::ranges::all_of(address.host, [](char c) { return is_host_character(c) || c == ':'; }) && address.host.find(':') != std::string::npos;
    if (!is_v6 || (!rest.empty() && !rest.starts_with(':'))) return refused();
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return refused();
  } else {
    const std::size_t colon = authority.find(':');
    address.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon + 1);
    if (colon != std::string_view::npos && port.empty()) return refused();
    if (address.host.empty() || !std::ranges::all_of(address.host, is_host_character)) return refused();
  }
  address.port = with_scheme ? (address.tls ? 443 : 80) : kOwnPort;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc{} || end != port.data() + port.size() || address.port == 0) return refused();
  }
  return address;
}

}  // namespace p2p::net
