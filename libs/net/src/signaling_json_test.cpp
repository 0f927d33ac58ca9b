#include "signaling_json.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "client_json.hpp"

namespace p2p::net {
namespace {

TEST(SignalingJson, TheServerReadsWhatTheClientWrites) {
  const StreamKey key = StreamKey::generate();
  const PeerSecret secret = make_peer_secret();
  const auto create = parse_create(create_json(key, "00ff", {.title = "Hafen \"1\" 🎥", .category = "places", .tags = {"Sea", "#no \"talk\""}}, secret));
  ASSERT_TRUE(create);
  EXPECT_EQ(create->details.title, "Hafen \"1\" 🎥");
  EXPECT_EQ(create->details.category, directory::parse_category("places"));
  EXPECT_EQ(create->details.tags, (std::vector<std::string>{"sea", "no \"talk\""}));
  EXPECT_EQ(create->peer_secret, secret);
  EXPECT_TRUE(verify(create->public_key, as_bytes(create_message("00ff")), create->signature));
  const auto join = parse_join(join_json("0123456789abcdef0123", secret, false));
  ASSERT_TRUE(join);
  EXPECT_FALSE(join->giving);
  const auto report = parse_report(report_json({.upload_bits_per_s = 7, .receiving = true, .neighbors = {{PeerId{1}, 2, 3, 4}}}));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->upload_bits_per_s, 7);
  ASSERT_EQ(report->neighbors.size(), 1u);
  EXPECT_EQ(report->neighbors[0].failed_pieces, 3);
  EXPECT_EQ(parse_candidates(exclude_json({PeerId{5}}))->exclude.front(), PeerId{5});
}

TEST(SignalingJson, RenditionsAreTold) {
  EXPECT_EQ(parse_report(report_json({.rendition = 2}))->rendition, 2);
  EXPECT_EQ(parse_report(report_json({}))->rendition, std::nullopt);
  EXPECT_EQ(parse_candidates(exclude_json({PeerId{5}}, 3))->rendition, 3);
  EXPECT_EQ(parse_candidates(exclude_json({PeerId{5}}))->rendition, std::nullopt);
  EXPECT_FALSE(parse_candidates(R"({"exclude":[],"rendition":256})"));
  const std::string told = R"({"ok":true,"candidates":)" + to_json({{.peer = PeerId{1}, .rendition = 1}, {.peer = PeerId{2}, .rendition = {}}}) + "}";
  const auto candidates = parse_candidate_list(told);
  ASSERT_TRUE(candidates);
  ASSERT_EQ(candidates->size(), 2u);
  EXPECT_EQ(candidates->front().rendition, 1);
  EXPECT_EQ(candidates->back().rendition, std::nullopt);
}

TEST(SignalingJson, SignalsKeepTheirKnownFieldsOnly) {
  const auto signal = parse_signal(R"({"to":"0000000000000001","data":{"type":"candidate","candidate":"c","mid":"0","evil":[1,2]}})");
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->data, R"({"type":"candidate","candidate":"c","mid":"0"})");
  const auto beside = parse_signal(R"({"to":"0000000000000001","data":{"type":"bye","reason":"","association":3}})");
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->data, R"({"type":"bye","reason":"","association":3})");
  EXPECT_FALSE(parse_signal(R"({"to":"0000000000000001","data":{"type":"bye","reason":"","association":4}})"));
  EXPECT_FALSE(parse_signal(R"({"to":"0000000000000001","data":{"type":"offer"}})"));
  EXPECT_FALSE(parse_signal(R"({"to":"1","data":{"type":"bye","reason":""}})"));
  EXPECT_FALSE(parse_signal(R"({"to":"0000000000000001"})"));
}

TEST(SignalingJson, EveryRefusalNamesItsField) {
  EXPECT_EQ(parse_update(R"({"title":5})").error().text, "title must be a string");
  EXPECT_EQ(parse_update(R"({"title":""})").error().text, "title must have 1 to 120 characters");
  EXPECT_EQ(parse_update("{\"title\":\"a\\u0085b\"}").error().text, "title must not have control characters");
  EXPECT_EQ(parse_update("[]").error().text, "the request must be one JSON object");
  EXPECT_EQ(parse_report(R"({"rttMs":1,"hop":"x"})").error().text, "hop must be a number from 0 to 1000");
}

TEST(SignalingJson, AStreamsKeyMustBeTheStreams) {
  const StreamKey key = StreamKey::generate();
  const auto answer = [&](const std::string& public_key) {
    return R"({"ok":true,"peerId":"0000000000000001","publicKey":")" + public_key +
           R"(","sourcePeerId":"0000000000000002","stream":{"title":"t","viewers":1,"sourceOnline":true},"candidates":[]})";
  };
  EXPECT_TRUE(parse_joined(answer(to_hex(key.public_key())), stream_id_of(key.public_key())));
  EXPECT_FALSE(parse_joined(answer(to_hex(StreamKey::generate().public_key())), stream_id_of(key.public_key())));
}

}  // namespace
}  // namespace p2p::net
