#include "simulate/world_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "simulator/world_fields.hpp"

namespace p2p::app {
namespace {

namespace json = boost::json;
using simulator::World;

/// An object's fields, each looked at once; what is wrong first is kept as a sentence.
class Fields {
 public:
  Fields(const json::value& value, std::string place) : place_{std::move(place)} {
    if (value.is_object()) object_ = &value.get_object();
    else error_ = fmt::format("{} must be an object", place_);
  }

  std::int64_t number(std::string_view name, std::int64_t otherwise, std::int64_t min, std::int64_t max) {
    const json::value* found = take(name);
    if (!found) return otherwise;
    std::int64_t value = 0;
    if (found->is_int64()) value = found->get_int64();
    else if (found->is_bool()) value = found->get_bool() ? 1 : 0;
    else return complain("\"{}\" in {} must be a whole number", name, place_), otherwise;
    if (value < min || value > max) complain("\"{}\" in {} is {}, but must lie between {} and {}", name, place_, value, min, max);
    return value;
  }

  std::size_t name_of(std::string_view name, std::span<const std::string_view> names) {
    const json::value* found = take(name);
    if (!found || !found->is_string()) return complain("{} needs a \"{}\": one of {}", place_, name, fmt::join(names, ", ")), 0;
    const auto at = std::ranges::find(names, std::string_view{found->get_string()});
    if (at == names.end()) {
      return complain("\"{}\" in {} is \"{}\", but must be one of {}", name, place_, std::string_view{found->get_string()}, fmt::join(names, ", ")), 0;
    }
    return static_cast<std::size_t>(at - names.begin());
  }

  const json::value* take(std::string_view name) {
    if (!object_) return nullptr;
    const json::value* found = object_->if_contains(name);
    if (found) known_.push_back(name);
    return found;
  }

  /// The sentence; also for a key that nobody took.
  std::string error() {
    if (!error_.empty() || !object_) return error_;
    for (const auto& member : *object_) {
      if (std::ranges::find(known_, std::string_view{member.key()}) == known_.end()) return fmt::format("{} has no \"{}\"", place_, std::string_view{member.key()});
    }
    return {};
  }

 private:
  template <typename... Parts>
  void complain(fmt::format_string<Parts...> text, Parts&&... parts) {
    if (error_.empty()) error_ = fmt::format(text, std::forward<Parts>(parts)...);
  }

  std::string place_;
  const json::object* object_ = nullptr;
  std::vector<std::string_view> known_;
  std::string error_;
};

/// Reads a list into `to` by `read` (which makes one entry of its fields). A sentence when something is wrong.
template <typename Entry, typename Read>
std::string read_list(Fields& fields, std::string_view name, std::vector<Entry>& to, const Read& read) {
  constexpr std::size_t kEntriesMax = 1'000;
  const json::value* list = fields.take(name);
  if (!list) return {};
  if (!list->is_array() || list->get_array().size() > kEntriesMax) return fmt::format("\"{}\" must be a list of at most {} entries", name, kEntriesMax);
  to.clear();
  for (const json::value& one : list->get_array()) {
    Fields entry{one, fmt::format("an entry of \"{}\"", name)};
    to.push_back(read(entry));
    if (std::string error = entry.error(); !error.empty()) return error;
  }
  return {};
}

}  // namespace

Result<World> read_world(const std::string& text, World world) {
  constexpr std::int64_t kMany = 1'000'000'000'000;
  constexpr std::int64_t kDayMs = 86'400'000;
  boost::system::error_code why;
  const json::value value = json::parse(text, why);
  if (why) return fail("it is not JSON: " + why.message());
  Fields fields{value, "the world"};
  for (const simulator::WorldField& field : simulator::world_fields()) {
    field.set(world, fields.number(field.name, field.get(world), field.min, field.max));
  }
  std::string error = read_list(fields, "uploads", world.uploads, [](Fields& entry) {
    return World::Upload{static_cast<std::uint32_t>(entry.number("weight", 1, 0, 1'000'000)), entry.number("bits_per_s", 0, 10'000, kMany)};
  });
  if (error.empty()) error = read_list(fields, "nats", world.nats, [](Fields& entry) {
    return World::NatShare{static_cast<std::uint32_t>(entry.number("weight", 1, 0, 1'000'000)),
                           static_cast<simulator::Nat>(entry.name_of("nat", simulator::kNatNames))};
  });
  if (error.empty()) error = read_list(fields, "vices", world.vices, [](Fields& entry) {
    return World::ViceShare{static_cast<simulator::Vice>(entry.name_of("vice", simulator::kViceNames)),
                            static_cast<std::uint32_t>(entry.number("percent", 0, 0, 100))};
  });
  if (error.empty()) error = read_list(fields, "faults", world.faults, [](Fields& entry) {
    return simulator::Fault{.kind = static_cast<simulator::Fault::Kind>(entry.name_of("kind", simulator::kFaultNames)),
                            .at = std::chrono::milliseconds{entry.number("at_ms", 0, 0, kDayMs)},
                            .length = std::chrono::milliseconds{entry.number("length_ms", 0, 0, kDayMs)},
                            .percent = static_cast<std::uint32_t>(entry.number("percent", 0, 0, 100)),
                            .amount = static_cast<std::uint32_t>(entry.number("amount", 0, 0, 1'000))};
  });
  if (error.empty()) error = read_list(fields, "people", world.people, [&](Fields& entry) {
    constexpr std::int64_t kPpm = 1'000'000;
    return World::Person{.joins = std::chrono::milliseconds{entry.number("joins_ms", 0, 0, kDayMs)},
                         .upload_bits_per_s = entry.number("upload_bits_per_s", 0, 10'000, kMany),
                         .download_bits_per_s = entry.number("download_bits_per_s", world.download_bits_per_s, 100'000, kMany),
                         .x_ppm = static_cast<std::uint32_t>(entry.number("x_ppm", kPpm / 2, 0, kPpm)),
                         .y_ppm = static_cast<std::uint32_t>(entry.number("y_ppm", kPpm / 2, 0, kPpm)),
                         .loss_ppm = static_cast<std::uint32_t>(entry.number("loss_ppm", 0, 0, kPpm / 2)),
                         .nat = static_cast<simulator::Nat>(entry.name_of("nat", simulator::kNatNames)),
                         .chromium = entry.number("chromium", 0, 0, 1) == 1};
  });
  if (error.empty()) error = fields.error();
  if (error.empty() && !world.people.empty() && !value.get_object().contains("viewers")) world.viewers = static_cast<std::uint32_t>(world.people.size() - 1);
  if (error.empty()) error = simulator::why_impossible(world);
  if (!error.empty()) return fail(error);
  return world;
}

Result<World> read_world_file(const std::string& path, World world) {
  std::ifstream file{path};
  if (!file) return fail(fmt::format("Cannot read the world file {}. Check its name.", path));
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto read = read_world(text, std::move(world));
  if (!read) {
    const std::string& why = read.error().text;
    return fail(fmt::format("The world file {} cannot be used: {}{} See the names at the head of a report.", path, why, why.ends_with('.') ? "" : "."));
  }
  return read;
}

}  // namespace p2p::app
