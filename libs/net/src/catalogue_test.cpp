// Holds the native client, and the names that the server knows, to docs/signaling.schema.json. What the server takes and says is held to it by
// tests/interop, with the real server.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "client_json.hpp"
#include "directory/category.hpp"
#include "scoring/peer_score.hpp"
#include "server_metrics.hpp"

namespace p2p::net {
namespace {

namespace json = boost::json;
using Names = std::set<std::string>;

const json::object& catalogue() {
  static const json::value kWhole = [] {
    std::ifstream file{P2P_SIGNALING_SCHEMA};
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str());
  }();
  return kWhole.as_object();
}

const json::object& at(const json::object& from, std::initializer_list<std::string_view> path) {
  const json::object* found = &from;
  for (const std::string_view name : path) found = &found->at({name.data(), name.size()}).as_object();
  return *found;
}

Names keys(const json::object& object) {
  Names names;
  for (const auto& [name, value] : object) names.emplace(name.data(), name.size());
  return names;
}

template <typename List>
Names names_of(const List& list) {
  Names names;
  for (const auto& name : list) names.emplace(name);
  return names;
}

Names enumerated(std::string_view name) {
  Names names;
  for (const json::value& one : at(catalogue(), {"$defs", name}).at("enum").as_array()) names.emplace(one.as_string().c_str());
  return names;
}

TEST(Catalogue, TheServerKnowsItsNames) {
  EXPECT_EQ(names_of(kEventNames), keys(at(catalogue(), {"requests"})));
  EXPECT_EQ(names_of(kErrorCodes), enumerated("errorCode"));
  EXPECT_EQ(names_of(directory::kCategories), enumerated("category"));
  Names roles;
  for (const scoring::Role role : {scoring::Role::kLeaf, scoring::Role::kRelay, scoring::Role::kSuperSeed, scoring::Role::kSource}) {
    roles.emplace(scoring::to_text(role));
  }
  EXPECT_EQ(roles, enumerated("role"));
}

/// The fields of a request as the client writes it, and those of the catalogue.
void expect_written(std::string_view request, const std::string& text) {
  EXPECT_EQ(keys(json::parse(text).as_object()), keys(at(catalogue(), {"requests", request, "request", "properties"}))) << request;
}

TEST(Catalogue, TheClientWritesEveryFieldAndNoOther) {
  const PeerSecret secret = make_peer_secret();
  const SignalingDetails details{.title = "t", .category = "talk", .tags = {"x"}, .language = "en"};
  expect_written("stream:create", create_json(StreamKey::generate(), "00", details, secret));
  expect_written("stream:update", update_json(details));
  expect_written("stream:join", join_json("0123456789abcdef0123", secret, true));
  expect_written("stream:thumbnail", std::string{thumbnail_json()});
  expect_written("signal", signal_json(PeerId{1}, "{}"));
  expect_written("candidates", exclude_json({PeerId{1}}, 2));
  const std::string report = report_json({.rendition = 1, .neighbors = {{PeerId{1}, 2, 3, 4}}});
  expect_written("report", report);
  EXPECT_EQ(keys(json::parse(report).as_object().at("neighbors").as_array().at(0).as_object()), keys(at(catalogue(), {"$defs", "neighborReport", "properties"})));
}

json::value changed(const json::value& value) {
  if (const bool* flag = value.if_bool()) return !*flag;
  if (const auto* number = value.if_int64()) return *number + 1;
  if (value.is_string()) return "changed";
  return nullptr;
}

/// Calls `each` for every field of the value, however deep: with the way to it, and its place.
void each_field(json::value& value, const std::string& path, const std::function<void(const std::string&, json::object&, const std::string&)>& each) {
  if (auto* array = value.if_array()) {
    for (json::value& item : *array) each_field(item, path + "[]", each);
  } else if (auto* object = value.if_object()) {
    for (const std::string& name : keys(*object)) {
      const std::string way = path.empty() ? name : path + "." + name;
      each(way, *object, name);
      each_field(object->at(name), way, each);
    }
  }
}

/// The fields of the catalogue's examples that make no difference to what `read` gives.
Names unread(const json::object& message, const std::function<std::string(const std::string&)>& read) {
  Names all;
  Names noticed;
  for (const json::value& example : message.at("examples").as_array()) {
    const std::string usual = read(json::serialize(example));
    EXPECT_EQ(usual.find("not understood"), std::string::npos) << usual;
    json::value copy = example;
    each_field(copy, "", [&](const std::string& way, json::object& object, const std::string& name) {
      all.insert(way);
      const json::value kept = object.at(name);
      object[name] = changed(kept);
      if (read(json::serialize(copy)) != usual) noticed.insert(way);
      object.erase(name);
      if (read(json::serialize(copy)) != usual) noticed.insert(way);
      object[name] = kept;
    });
  }
  std::erase_if(all, [&](const std::string& way) { return noticed.contains(way); });
  return all;
}

template <typename T>
std::string shown(const Result<T>& result, const std::function<std::string(const T&)>& show) {
  return result ? show(*result) : result.error().text;
}

std::string shown(const std::vector<IceServer>& servers) {
  std::string text;
  for (const IceServer& server : servers) text += fmt::format("{} {} {};", fmt::join(server.urls, ","), server.username, server.credential);
  return text;
}

std::string shown(const std::vector<SignalingCandidate>& candidates) {
  std::string text;
  for (const SignalingCandidate& one : candidates) {
    text += fmt::format("{} {} {} {} {} {};", one.peer.value, one.score, one.role, one.receiving, one.network, one.rendition.value_or(255));
  }
  return text;
}

std::string ice_and_refusal(const std::string& text) {
  const auto refused = refusal_in(text);
  return (refused ? refused->code : "ok ") + shown<std::optional<SignalingIceServers>>(parse_ice_answer(text), [](const auto& ice) {
           return ice ? fmt::format("{} {}", shown(ice->servers), ice->lifetime ? ice->lifetime->count() : -1) : std::string{};
         });
}

Names unread_in_answer(std::string_view request, const std::function<std::string(const std::string&)>& read) {
  return unread(at(catalogue(), {"requests", request, "answer"}), [&](const std::string& text) { return ice_and_refusal(text) + read(text); });
}
Names unread_in_event(std::string_view event, const std::function<std::string(const std::string&)>& read) {
  return unread(at(catalogue(), {"events", event, "payload"}), read);
}

TEST(Catalogue, TheClientReadsEveryFieldOfAnAnswerThatItHasUseFor) {
  const std::string stream = at(catalogue(), {"requests", "stream:create", "answer"}).at("examples").as_array().at(0).as_object().at("streamId").as_string().c_str();
  EXPECT_EQ(unread_in_answer("stream:create", [](const std::string& text) {
              return shown<SignalingCreated>(parse_created(text), [](const auto& it) { return fmt::format("{} {} {}", it.stream_id, it.self.value, it.resumed); });
            }),
            Names{});
  EXPECT_EQ(unread_in_answer("stream:join", [&](const std::string& text) {
              return shown<SignalingJoined>(parse_joined(text, stream), [](const auto& it) {
                return fmt::format("{} {} {} {} {}", it.self.value, it.source ? it.source->value : 0, it.title, it.viewers, shown(it.candidates));
              });
            }),
            (Names{"stream.id", "stream.category", "stream.tags", "stream.language", "stream.startedAt", "stream.thumbnailAt"}));
  EXPECT_EQ(unread_in_answer("candidates", [](const std::string& text) {
              return shown<std::vector<SignalingCandidate>>(parse_candidate_list(text), [](const auto& it) { return shown(it); });
            }),
            Names{});
  EXPECT_EQ(unread_in_answer("report", [](const std::string& text) {
              return shown<SignalingStanding>(parse_standing(text), [](const auto& it) {
                std::string all = std::to_string(it.score);
                for (const SignalingReceipt& receipt : it.receipts) all += fmt::format(" {} {}", receipt.peer.value, receipt.bits_per_s);
                return all;
              });
            }),
            (Names{"role"}));
  EXPECT_EQ(unread_in_answer("ice:servers", [](const std::string&) { return std::string{}; }), Names{});
}

TEST(Catalogue, TheClientReadsEveryFieldOfAnEventThatItHasUseFor) {
  EXPECT_EQ(unread_in_event("hello", [](const std::string& text) {
              return shown<Hello>(parse_hello(text), [](const auto& it) { return it.nonce + shown(it.ice_servers); });
            }),
            (Names{"consent"}));
  EXPECT_EQ(unread_in_event("signal", [](const std::string& text) {
              return shown<SignalFrom>(parse_signal_from(text), [](const auto& it) { return fmt::format("{} {} {}", it.from.value, it.network, it.data_json); });
            }),
            Names{});
  EXPECT_EQ(unread_in_event("stream:source", [](const std::string& text) {
              return shown<SourceNews>(parse_source_news(text), [](const auto& it) { return fmt::format("{} {}", it.online, it.source ? it.source->value : 0); });
            }),
            (Names{"streamId"}));
  EXPECT_EQ(unread_in_event("stream:ended", [](const std::string& text) { return parse_end_reason(text).value_or("none"); }), (Names{"streamId"}));
  EXPECT_EQ(unread_in_event("server:leaving", [](const std::string& text) { return std::to_string(parse_back_within(text).value_or(0s).count()); }), Names{});
}

}  // namespace
}  // namespace p2p::net
