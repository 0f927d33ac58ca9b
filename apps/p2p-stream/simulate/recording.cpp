#include "simulate/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

namespace p2p::app {
namespace {

namespace json = boost::json;
using simulator::LiveChange;
using simulator::LiveSimulation;

constexpr std::size_t kBytesMax = std::size_t{64} << 20;
constexpr std::int64_t kEndUsMax = LiveSimulation::kLengthMax.count();

std::optional<std::int64_t> whole(const json::object& line, std::string_view name, std::int64_t max) {
  const json::value* value = line.if_contains(name);
  if (!value || !value->is_int64() || value->get_int64() < 0 || value->get_int64() > max) return std::nullopt;
  return value->get_int64();
}

std::optional<std::uint64_t> number(const json::object& line, std::string_view name, int base) {
  const json::value* value = line.if_contains(name);
  if (!value || !value->is_string()) return std::nullopt;
  const std::string_view text{value->get_string()};
  std::uint64_t read = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return read;
}

std::optional<LiveChange> change_in(const json::object& line) {
  const auto kinds = simulator::live_change_kinds();
  const json::value* name = line.if_contains("kind");
  if (!name || !name->is_string()) return std::nullopt;
  const auto kind = std::ranges::find(kinds, std::string_view{name->get_string()}, &simulator::LiveChangeKind::name);
  const auto at = whole(line, "atUs", kEndUsMax), value = whole(line, "value", INT64_MAX), peer = whole(line, "peer", UINT32_MAX);
  if (kind == kinds.end() || !at || !value || !peer) return std::nullopt;
  return LiveChange{.kind = static_cast<LiveChange::Kind>(kind - kinds.begin()), .value = *value, .peer = static_cast<std::uint32_t>(*peer),
                    .at = Instant{Duration{*at}}};
}

}  // namespace

Result<Recording> read_recording(std::string_view lines) {
  Recording recording;
  bool begun = false, ended = false;
  for (std::size_t row = 1; !lines.empty(); ++row) {
    const std::string_view text = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), text.size() + 1));
    if (text.empty()) continue;
    boost::system::error_code why;
    const json::value value = json::parse(text, why);
    const json::value* type = !why && value.is_object() ? value.get_object().if_contains("type") : nullptr;
    if (!type || !type->is_string()) return fail(fmt::format("line {} is no JSON object with a \"type\"", row));
    const json::object& line = value.get_object();
    if (type->get_string() == "run") {
      const auto seed = number(line, "seed", 10);
      if (!seed || whole(line, "version", 1) != 1) return fail(fmt::format("line {} needs \"version\": 1 and a \"seed\"", row));
      recording.seed = *seed;
      begun = true;
    } else if (type->get_string() == "change") {
      const auto change = change_in(line);
      if (!change) return fail(fmt::format("line {} is no change that this program knows", row));
      if (!recording.changes.empty() && change->at < recording.changes.back().at) return fail(fmt::format("line {} is earlier than the change before it", row));
      recording.changes.push_back(*change);
    } else if (type->get_string() == "digest") {
      const auto at = whole(line, "atUs", kEndUsMax);
      const auto digest = number(line, "digest", 16);
      if (!at || !digest) return fail(fmt::format("line {} needs \"atUs\" and a \"digest\"", row));
      recording.end = Instant{Duration{*at}};
      recording.digest = *digest;
      ended = true;
    }
    if (recording.changes.size() > LiveSimulation::kChangesMax) return fail("it has more changes than a run may have");
  }
  if (!begun || !ended) return fail("it has no line of type \"run\" or none of type \"digest\"");
  return recording;
}

Result<Recording> read_recording_file(const std::string& path) {
  std::ifstream file{path};
  if (!file) return fail(fmt::format("Cannot read {}. Check its name.", path));
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.size() > kBytesMax) return fail(fmt::format("{} is larger than a trace can be.", path));
  auto read = read_recording(text);
  if (!read) return fail(fmt::format("{} is no trace of the debug page: {}.", path, read.error().text));
  return read;
}

Result<std::uint64_t> replay(const Recording& recording) {
  LiveSimulation live{recording.seed, {.check_every = 1}};
  for (const LiveChange& change : recording.changes) {
    live.advance(change.at - live.now());
    if (const std::string why = live.apply(change); !why.empty()) return fail(why);
  }
  live.advance(recording.end - live.now());
  return live.digest();
}

}  // namespace p2p::app
