#include "ice_servers_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "json_fields.hpp"
#include "socketio/json_text.hpp"

namespace p2p::net {
namespace {

namespace json = boost::json;
using socketio::json_quoted;

constexpr std::size_t kServersMax = 16;
constexpr std::size_t kUrlsMax = 8;
constexpr std::size_t kUrlBytesMax = 256;
constexpr std::size_t kTextBytesMax = 512;   // a user name; RFC 8489, 14.3 has 508

bool is_ice_url(std::string_view url) {
  const bool scheme = url.starts_with("stun:") || url.starts_with("stuns:") || url.starts_with("turn:") || url.starts_with("turns:");
  return scheme && url.size() > url.find(':') + 1 && url.size() <= kUrlBytesMax && url.find_first_of(" \t\"\\<>") == std::string_view::npos;
}

Error bad_url(std::string_view url) {
  return {fmt::format("\"{}\" is no address of a STUN or TURN server; write it as stun:host:port or turn:host:port.", url)};
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

Result<IceServer> take_server(const json::value& item) {
  JsonFields fields{&item};
  IceServer server;
  for (const json::value& url : fields.list("urls", kUrlsMax)) {
    const json::string* string = url.if_string();
    if (string == nullptr || !is_ice_url(view(*string))) return std::unexpected{bad_url(string == nullptr ? "" : view(*string))};
    server.urls.emplace_back(view(*string));
  }
  if (server.urls.empty()) fields.refuse("urls", "must list at least one address");
  if (fields.has("username")) server.username = fields.text("username", kTextBytesMax);
  if (fields.has("credential")) server.credential = fields.text("credential", kTextBytesMax);
  if (fields.error()) return fail("The ICE servers are not usable: " + fields.error()->text + ".");
  return server;
}

}  // namespace

std::string to_json(const std::vector<IceServer>& servers) {
  std::string out = "[";
  for (const IceServer& server : servers) {
    std::string urls;
    for (const std::string& url : server.urls) urls.append(urls.empty() ? "" : ",").append(json_quoted(url));
    out.append(out.size() > 1 ? "," : "").append("{\"urls\":[").append(urls).append("]");
    if (!server.username.empty()) out.append(",\"username\":").append(json_quoted(server.username));
    if (!server.credential.empty()) out.append(",\"credential\":").append(json_quoted(server.credential));
    out.append("}");
  }
  return out + "]";
}

Result<std::vector<IceServer>> parse_ice_servers(std::string_view text) {
  std::vector<IceServer> servers;
  if (!text.starts_with('[')) {
    const auto urls = parse_ice_urls(text);
    if (!urls) return std::unexpected{urls.error()};
    for (const std::string& url : *urls) servers.push_back({.urls = {url}, .username = {}, .credential = {}});
    return servers;
  }
  JsonDocument document;
  const json::value* value = document.parse(text);
  const json::array* list = value == nullptr ? nullptr : value->if_array();
  if (list == nullptr || list->size() > kServersMax) {
    return fail(R"(The ICE servers must be a JSON list such as [{"urls":["turn:host:3478"],"username":"u","credential":"c"}].)");
  }
  for (const json::value& item : *list) {
    auto server = take_server(item);
    if (!server) return std::unexpected{server.error()};
    servers.push_back(std::move(*server));
  }
  return servers;
}

Result<std::vector<std::string>> parse_ice_urls(std::string_view text) {
  std::vector<std::string> urls;
  while (!text.empty()) {
    const std::string_view url = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), url.size() + 1));
    if (!is_ice_url(url)) return std::unexpected{bad_url(url)};
    urls.emplace_back(url);
  }
  return urls;
}

}  // namespace p2p::net
