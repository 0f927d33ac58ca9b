#include "scenario_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "json_fields.hpp"

namespace p2p::netbox {
namespace {

namespace json = boost::json;

constexpr double kRateMax = 100e9;
constexpr double kDelayMsMax = 10'000;
constexpr double kQueueBytesMax = 100e6;
constexpr double kTimeoutSMax = 86'400;
constexpr double kEventSMax = 86'400;
constexpr double kGrainUsMax = 10'000;
constexpr std::size_t kEventsMax = 10'000;
constexpr std::size_t kNameBytesMax = 32;

Duration millis(double ms) { return Duration{std::llround(ms * 1000)}; }
Duration seconds(double s) { return Duration{std::llround(s * 1e6)}; }

/// A network namespace and a variable of the environment are named by it.
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Millionths share(JsonFields& fields, std::string_view key, Millionths otherwise = 0) {
  const auto value = fields.number(key, 0, 1);
  return value ? static_cast<Millionths>(std::lround(*value * kCertain)) : otherwise;
}

Duration milliseconds_of(JsonFields& fields, std::string_view key, Duration otherwise) {
  const auto value = fields.number(key, 0, kDelayMsMax);
  return value ? millis(*value) : otherwise;
}

Result<LinkOptions> read_link(const json::value& value, const std::string& where) {
  JsonFields fields{value, where};
  LinkOptions link;
  if (const auto rate = fields.number("bits_per_s", 1000, kRateMax)) link.bits_per_s = std::llround(*rate);
  if (const auto bytes = fields.number("queue_bytes", 0, kQueueBytesMax)) link.queue_bytes = std::llround(*bytes);
  link.queue_time = milliseconds_of(fields, "queue_ms", link.queue_time);
  link.delay = milliseconds_of(fields, "delay_ms", {});
  link.jitter = milliseconds_of(fields, "jitter_ms", {});
  link.loss.independent = share(fields, "loss");
  if (const json::value* bursts = fields.any("bursts")) {
    JsonFields chain{*bursts, where + ".bursts"};
    link.loss.bursts = {.enter = share(chain, "enter"), .leave = share(chain, "leave", kCertain), .loss = share(chain, "loss", kCertain)};
    if (const auto error = chain.finish()) fields.refuse(*error);
  }
  link.duplicate = share(fields, "duplicate");
  link.reorder = share(fields, "reorder");
  link.reorder_by = milliseconds_of(fields, "reorder_ms", link.reorder_by);
  if (const auto error = fields.finish()) return std::unexpected{*error};
  return link;
}

std::optional<LinkOptions> take_link(JsonFields& fields, std::string_view key) {
  const json::value* value = fields.any(key);
  if (!value) return std::nullopt;
  auto link = read_link(*value, fmt::format("{}.{}", fields.where(), key));
  if (link) return *link;
  fields.refuse(link.error());
  return std::nullopt;
}

std::optional<Dependence> dependence(std::string_view text) {
  if (text == "endpoint-independent") return Dependence::kEndpointIndependent;
  if (text == "address-dependent") return Dependence::kAddressDependent;
  if (text == "address-and-port-dependent") return Dependence::kAddressAndPortDependent;
  return std::nullopt;
}

constexpr const char* kDependences = "must be endpoint-independent, address-dependent or address-and-port-dependent";

Dependence take_dependence(JsonFields& fields, std::string_view key) {
  const auto text = fields.text(key);
  if (!text) return Dependence::kEndpointIndependent;
  const auto read = dependence(*text);
  if (!read) fields.refuse(key, kDependences);
  return read.value_or(Dependence::kEndpointIndependent);
}

std::optional<NatOptions> read_nat(JsonFields& site) {
  const json::value* value = site.any("nat");
  if (!value) return std::nullopt;
  if (value->is_string()) {
    const std::string_view text = value->get_string();
    if (text == "none") return std::nullopt;
    if (const auto both = dependence(text)) return NatOptions{.mapping = *both, .filtering = *both};
    site.refuse("nat", std::string{kDependences} + ", none, or an object with mapping and filtering");
    return std::nullopt;
  }
  JsonFields fields{*value, site.where() + ".nat"};
  NatOptions nat{.mapping = take_dependence(fields, "mapping"), .filtering = take_dependence(fields, "filtering")};
  nat.hairpin = fields.truth("hairpin").value_or(false);
  if (const auto s = fields.number("udp_timeout_s", 0.001, kTimeoutSMax)) nat.udp_timeout = seconds(*s);
  if (const auto s = fields.number("tcp_timeout_s", 0.001, kTimeoutSMax)) nat.tcp_timeout = seconds(*s);
  if (const auto n = fields.number("mappings_max", 1, 60'000)) nat.mappings_max = static_cast<std::size_t>(*n);
  if (const auto error = fields.finish()) site.refuse(*error);
  return nat;
}

void read_place(JsonFields& fields, Site& site) {
  const json::array* at = fields.list("at_ms");
  if (!at) return;
  if (at->size() != 2 || !at->at(0).is_number() || !at->at(1).is_number()) return fields.refuse("at_ms", "must be [x, y]");
  site.x_ms = at->at(0).to_number<double>();
  site.y_ms = at->at(1).to_number<double>();
  if (std::hypot(site.x_ms, site.y_ms) > kDelayMsMax) fields.refuse("at_ms", "lies too far out");
}

void read_hosts(JsonFields& fields, Site& site) {
  const json::array* hosts = fields.list("hosts");
  if (!hosts) {
    site.hosts = {site.name};   // a home with one machine needs no second name
    return;
  }
  for (const json::value& host : *hosts) {
    const std::string_view name = host.is_string() ? std::string_view{host.get_string()} : std::string_view{};
    if (!is_name(name)) return fields.refuse("hosts", "must be names of small letters, digits and dashes, at most 32 characters");
    site.hosts.emplace_back(name);
  }
  if (site.hosts.empty() || site.hosts.size() > kHostsAtSiteMax) fields.refuse("hosts", fmt::format("must be 1 to {}", kHostsAtSiteMax));
}

Result<Site> read_site(const json::value& value, const std::string& where) {
  JsonFields fields{value, where};
  Site site;
  site.name = fields.text("name").value_or("");
  if (!is_name(site.name)) fields.refuse("name", "must be there: small letters, digits and dashes, at most 32 characters");
  read_hosts(fields, site);
  read_place(fields, site);
  site.up = take_link(fields, "up").value_or(LinkOptions{});
  site.down = take_link(fields, "down").value_or(LinkOptions{});
  site.nat = read_nat(fields);
  if (const auto udp = fields.text("udp")) {
    site.udp_blocked = *udp == "blocked";
    if (*udp != "blocked" && *udp != "open") fields.refuse("udp", "must be open or blocked");
  }
  if (const auto error = fields.finish()) return std::unexpected{*error};
  return site;
}

Change read_change(JsonFields& fields, const Network& network) {
  Change change;
  const std::string name = fields.text("site").value_or("");
  const auto site = std::ranges::find(network.sites, name, &Site::name);
  if (site == network.sites.end()) fields.refuse("site", "must name a site of this scenario");
  change.site = static_cast<std::size_t>(site - network.sites.begin());
  if (const auto line = fields.text("line")) {
    change.alive = *line == "alive";
    if (*line != "alive" && *line != "dead") fields.refuse("line", "must be dead or alive");
  }
  change.up = take_link(fields, "up");
  change.down = take_link(fields, "down");
  return change;
}

Result<json::value> read_json(std::string_view text) {
  boost::system::error_code error;
  json::parse_options options;
  options.allow_comments = true;
  json::value value = json::parse(text, error, {}, options);
  if (error) return fail(fmt::format("The scenario is no JSON: {}.", error.message()));
  return value;
}

std::optional<Error> check_names(const Network& network) {
  std::set<std::string> sites, hosts;
  for (const Site& site : network.sites) {
    if (!sites.insert(site.name).second) return Error{fmt::format("Two sites are called \"{}\".", site.name)};
    for (const std::string& host : site.hosts) {
      if (!hosts.insert(host).second) return Error{fmt::format("Two hosts are called \"{}\".", host)};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Network> parse_scenario(std::string_view text) {
  const auto value = read_json(text);
  if (!value) return std::unexpected{value.error()};
  JsonFields fields{*value, "The scenario"};
  Network network;
  if (const auto seed = fields.number("seed", 0, 1e15)) network.seed = static_cast<std::uint64_t>(*seed);
  if (const auto us = fields.number("grain_us", 0, kGrainUsMax)) network.grain = Duration{std::llround(*us)};
  const json::array* sites = fields.list("sites");
  if (!sites || sites->empty() || sites->size() > kSitesMax) fields.refuse("sites", fmt::format("must be a list of 1 to {}", kSitesMax));
  for (std::size_t i = 0; sites && i < std::min(sites->size(), kSitesMax); ++i) {
    auto site = read_site(sites->at(i), fmt::format("sites[{}]", i));
    if (!site) return std::unexpected{site.error()};
    network.sites.push_back(std::move(*site));
  }
  const json::array* events = fields.list("events");
  if (events && events->size() > kEventsMax) fields.refuse("events", fmt::format("must be at most {}", kEventsMax));
  for (std::size_t i = 0; events && i < std::min(events->size(), kEventsMax); ++i) {
    JsonFields event{events->at(i), fmt::format("events[{}]", i)};
    TimedChange timed;
    const auto at = event.number("at_s", 0, kEventSMax);
    if (at) timed.at = seconds(*at);
    else event.refuse("at_s", "must be there");
    timed.change = read_change(event, network);
    if (const auto error = event.finish()) return std::unexpected{*error};
    // After those of the same time, which happen in the order of the file.
    network.events.insert(std::ranges::upper_bound(network.events, timed.at, {}, &TimedChange::at), timed);
  }
  if (const auto error = fields.finish()) return std::unexpected{*error};
  if (const auto error = check_names(network)) return std::unexpected{*error};
  return network;
}

Result<Change> parse_change(std::string_view text, const Network& network) {
  const auto value = read_json(text);
  if (!value) return std::unexpected{value.error()};
  JsonFields fields{*value, "The change"};
  const Change change = read_change(fields, network);
  if (const auto error = fields.finish()) return std::unexpected{*error};
  return change;
}

}  // namespace p2p::netbox
