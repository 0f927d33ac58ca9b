#include "chat/chat_rules.hpp"

#include <gtest/gtest.h>

namespace p2p::mesh {
namespace {

template <typename Id>
Id id_of(unsigned n) {
  Id id{};
  id[0] = static_cast<std::byte>(n);
  id[1] = static_cast<std::byte>(n >> 8);
  return id;
}

struct Streamer {
  /// False: nothing is different.
  bool wish(const ChatModerate& what) {
    auto page = rules.edited(what, now_ms, [&](const ChatId& id) { return id == kept; });
    return page && rules.take({std::move(*page), {}});
  }
  ChatRuleBook rules;
  std::int64_t now_ms = 1'000;
  ChatId kept{};
};

ChatModerate mute(unsigned n) { return {.what = ChatModerate::What::kMute, .author = id_of<ChatAuthor>(n)}; }
ChatModerate unmute(unsigned n) { return {.what = ChatModerate::What::kUnmute, .author = id_of<ChatAuthor>(n)}; }
ChatModerate remove(unsigned n) { return {.what = ChatModerate::What::kDelete, .message = id_of<ChatId>(n)}; }

TEST(ChatRules, OfEachPageTheNewestHolds) {
  ChatRuleBook rules;
  const wire::ChatPage newer{.page = 1, .version = 5, .pinned_name = {}, .pinned_text = {}, .muted = {id_of<ChatAuthor>(1)}, .deleted = {}};
  const wire::ChatPage older{.page = 1, .version = 4, .pinned_name = {}, .pinned_text = {}, .muted = {}, .deleted = {}};
  EXPECT_TRUE(rules.take({newer, {}}));
  EXPECT_FALSE(rules.take({older, {}}));
  EXPECT_FALSE(rules.take({newer, {}}));
  EXPECT_TRUE(rules.muted(id_of<ChatAuthor>(1)));
  EXPECT_EQ(rules.versions(), (std::vector<std::int64_t>{0, 5}));
}

TEST(ChatRules, AuthorsAreMutedUntilThePagesAreFull) {
  Streamer streamer;
  for (unsigned n = 0; n < 512; ++n) EXPECT_TRUE(streamer.wish(mute(n))) << n;
  EXPECT_FALSE(streamer.wish(mute(512)));
  EXPECT_FALSE(streamer.wish(mute(3))) << "it is";
  EXPECT_EQ(streamer.rules.shown().muted.size(), 512u);
  EXPECT_TRUE(streamer.wish(unmute(3)));
  EXPECT_FALSE(streamer.rules.muted(id_of<ChatAuthor>(3)));
  EXPECT_TRUE(streamer.wish(mute(512)));
}

TEST(ChatRules, AFullListOfDeletionsForgetsOneWhoseMessageIsHistory) {
  Streamer streamer;
  streamer.kept = id_of<ChatId>(0);
  for (unsigned n = 0; n < 513; ++n) EXPECT_TRUE(streamer.wish(remove(n)));
  EXPECT_TRUE(streamer.rules.deleted(id_of<ChatId>(0)));
  EXPECT_FALSE(streamer.rules.deleted(id_of<ChatId>(1)));
  EXPECT_TRUE(streamer.rules.deleted(id_of<ChatId>(512)));
}

TEST(ChatRules, SlowModeCutsTheTimeFromItsBeginningOn) {
  Streamer streamer;
  EXPECT_EQ(streamer.rules.share_at(15'000, false).messages_max, 5u);
  EXPECT_TRUE(streamer.wish({.what = ChatModerate::What::kSlow, .slow_s = 30}));
  const std::int64_t since = streamer.now_ms;
  EXPECT_EQ(streamer.rules.share_at(since - 1, false).messages_max, 5u);
  const ChatShare share = streamer.rules.share_at(since + 29'999, false);
  EXPECT_TRUE(share.from_ms == since && share.until_ms == since + 30'000 && share.messages_max == 1);
  EXPECT_GT(streamer.rules.share_at(since, true).messages_max, 5u) << "the streamer may talk";
  streamer.now_ms = 50'000;
  EXPECT_TRUE(streamer.wish({.what = ChatModerate::What::kSlow, .slow_s = 0}));
  EXPECT_EQ(streamer.rules.share_at(60'000, false).messages_max, 5u);
}

TEST(ChatRules, AVersionIsNewerThanTheOneBeforeAlsoWhenTheClockIsNot) {
  Streamer streamer;
  EXPECT_TRUE(streamer.wish({.what = ChatModerate::What::kPin, .name = "Fen", .text = "At nine."}));
  streamer.now_ms = 0;
  EXPECT_TRUE(streamer.wish({.what = ChatModerate::What::kPin}));
  EXPECT_EQ(streamer.rules.shown().pinned_text, "");
  EXPECT_FALSE(streamer.wish({.what = ChatModerate::What::kPin, .name = "Fen", .text = "two\nlines"}));
}

}  // namespace
}  // namespace p2p::mesh
