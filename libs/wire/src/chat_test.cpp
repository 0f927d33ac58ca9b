#include "wire/chat.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "wire/message.hpp"

namespace p2p::wire {
namespace {

template <typename T>
T round_trip(const T& message) {
  const auto decoded = decode(encode(Message{message}));
  EXPECT_TRUE(decoded.has_value());
  return std::get<T>(*decoded);
}

template <typename Array>
Array filled(unsigned value) {
  Array array;
  array.fill(static_cast<std::byte>(value));
  return array;
}

ChatText a_text() {
  return {.stream = filled<StreamId>(1), .author = filled<ChatKey>(2), .time_ms = 1'700'000'000'123, .counter = 7, .name = "Åse", .text = "<b>hi</b> \xf0\x9f\x8c\x8a"};
}

ChatPage a_page() {
  return {.stream = filled<StreamId>(1), .page = 8, .version = 5, .slow_s = 30, .slow_since_ms = 4, .pinned_name = "Fen", .pinned_text = "At nine.",
          .muted = {filled<ChatAuthor>(3)}, .deleted = {filled<ChatId>(4), filled<ChatId>(5)}};
}

ChatSigned signed_bytes(std::size_t size) { return {.blob = Bytes(size, std::byte{1}), .signature = filled<Signature>(9)}; }

TEST(Chat, MessagesSurviveTheRoundTrip) {
  EXPECT_TRUE(round_trip(Hello{.chat = true}).chat);
  EXPECT_FALSE(round_trip(Hello{}).chat);
  const Chat chat = round_trip(Chat{.messages = {signed_bytes(3), signed_bytes(50)}, .more = true, .own = true});
  ASSERT_EQ(chat.messages.size(), 2u);
  EXPECT_EQ(to_hex(chat.messages[0].blob), "010101");
  EXPECT_EQ(chat.messages[1].signature, filled<Signature>(9));
  EXPECT_TRUE(chat.more && chat.own);
  const std::vector<ChatId> ids{filled<ChatId>(1), filled<ChatId>(2)};
  EXPECT_EQ(round_trip(ChatHave{.ids = ids}).ids, ids);
  EXPECT_EQ(round_trip(ChatWant{.ids = ids}).ids, ids);
  const ChatSummary summary = round_trip(ChatSummary{.from_ms = 5, .until_ms = 9, .count = 150, .sum = ~std::uint64_t{0}, .pages = {0, 7}});
  EXPECT_TRUE(summary.from_ms == 5 && summary.until_ms == 9 && summary.count == 150 && summary.sum == ~std::uint64_t{0});
  EXPECT_EQ(summary.pages, (std::vector<std::int64_t>{0, 7}));
  const ChatCompare compare = round_trip(ChatCompare{.from_ms = 5, .until_ms = 9, .ids = ids});
  EXPECT_TRUE(compare.from_ms == 5 && compare.until_ms == 9 && compare.ids == ids);
  (void)round_trip(ChatPrune{});
  EXPECT_EQ(round_trip(ChatRules{.page = signed_bytes(9)}).page.blob.size(), 9u);
  EXPECT_EQ(round_trip(ChatReactions{.reactions = {signed_bytes(9)}}).reactions.size(), 1u);
}

TEST(Chat, WhatIsSignedSurvivesTheRoundTrip) {
  const auto text = decode_chat_text(encode(a_text()));
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->stream == a_text().stream && text->author == a_text().author && !text->streamer && text->time_ms == a_text().time_ms);
  EXPECT_TRUE(text->counter == 7 && text->name == a_text().name && text->text == a_text().text);
  ChatText streamer = a_text();
  streamer.streamer = true;
  EXPECT_TRUE(decode_chat_text(encode(streamer))->streamer);
  const auto reaction = decode_chat_reaction(encode(ChatReaction{.author = filled<ChatKey>(2), .time_ms = 8, .kind = 4}));
  ASSERT_TRUE(reaction);
  EXPECT_TRUE(reaction->kind == 4 && reaction->time_ms == 8 && !reaction->streamer);
  const auto page = decode_chat_page(encode(a_page()));
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->page == 8 && page->version == 5 && page->slow_s == 30 && page->slow_since_ms == 4 && page->pinned_text == "At nine.");
  EXPECT_TRUE(page->muted == a_page().muted && page->deleted == a_page().deleted);
}

TEST(Chat, BytesStayTheSameFromVersionToVersion) {
  EXPECT_EQ(to_hex(encode(Message{ChatPrune{}})), "0c00000008000c00070008000800000000000019080000000400040004000000");
  EXPECT_EQ(to_hex(encode(ChatReaction{.stream = filled<StreamId>(1), .streamer = true, .time_ms = 258, .kind = 3})),
            "100000000c001c0008000c00100007000c000000000000031800000010000000020100000000000000000000000000000a000000010101010101010101010000");
  EXPECT_EQ(to_hex(encode(ChatText{.stream = filled<StreamId>(1), .streamer = true, .time_ms = 258, .counter = 2, .name = "n", .text = "t"})),
            "18000000000000001000240008000c001800060010001400100000000000020030000000280000001c000000100000000201000000000000000000000100000074000000010000006e000000000000000a000000010101010101010101010000");
}

TEST(Chat, TheLongestOfEachFitsInAMessage) {
  const std::string name(kChatNameBytesMax, 'n');
  const std::string text(kChatTextBytesMax, 't');
  const ChatText longest{.name = name, .text = text};
  EXPECT_LE(encode(longest).size(), kChatBlobBytesMax);
  EXPECT_LE(encode(Message{Chat{.messages = {signed_bytes(kChatBlobBytesMax)}}}).size(), kMessageBytesMax);
  EXPECT_LE(encode(Message{ChatRules{.page = signed_bytes(kChatBlobBytesMax)}}).size(), kMessageBytesMax);
  EXPECT_LE(encode(ChatPage{.muted = std::vector<ChatAuthor>(kChatListedMax)}).size(), kChatBlobBytesMax);
  EXPECT_LE(encode(ChatPage{.pinned_name = name, .pinned_text = text}).size(), kChatBlobBytesMax);
  EXPECT_LE(encode(Message{ChatCompare{.ids = std::vector<ChatId>(kChatIdsMax)}}).size(), kMessageBytesMax);
  const std::size_t each = kChatSignedBytesMax / kChatSignedMax - kChatSignedOverhead;
  const Bytes full = encode(Message{Chat{.messages = std::vector(kChatSignedMax, signed_bytes(each))}});
  EXPECT_LE(full.size(), kMessageBytesMax);
  EXPECT_TRUE(decode(full));
}

TEST(Chat, WhatIsBeyondALimitIsRefused) {
  EXPECT_FALSE(decode(encode(Message{Chat{.messages = std::vector(kChatSignedMax + 1, signed_bytes(9))}})));
  EXPECT_FALSE(decode(encode(Message{Chat{.messages = {signed_bytes(kChatBlobBytesMax + 1)}}})));
  EXPECT_FALSE(decode(encode(Message{Chat{.messages = {signed_bytes(1'950), signed_bytes(1'870)}}}))) << "more than what a message should hold";
  EXPECT_FALSE(decode(encode(Message{ChatHave{.ids = std::vector<ChatId>(kChatIdsMax + 1)}})));
  EXPECT_FALSE(decode(encode(Message{ChatSummary{.pages = std::vector<std::int64_t>(kChatPagesMax + 1)}})));
  EXPECT_FALSE(decode(encode(Message{ChatCompare{.from_ms = -1}})));
  const auto with = [](auto change) {
    ChatText text = a_text();
    change(text);
    return decode_chat_text(encode(text)).has_value();
  };
  EXPECT_TRUE(with([](ChatText&) {}));
  EXPECT_FALSE(with([](ChatText& text) { text.time_ms = -1; }));
  EXPECT_FALSE(with([](ChatText& text) { text.time_ms = kChatTimeMsMax + 1; }));
  EXPECT_FALSE(with([](ChatText& text) { text.name = ""; }));
  EXPECT_FALSE(with([](ChatText& text) { text.text = ""; }));
  EXPECT_FALSE(with([](ChatText& text) { text.text = std::string(kChatTextCharactersMax + 1, 'x'); }));
  EXPECT_FALSE(decode_chat_reaction(encode(ChatReaction{.kind = kChatReactionsMax})));
  const auto page_with = [](auto change) {
    ChatPage page = a_page();
    change(page);
    return decode_chat_page(encode(page)).has_value();
  };
  EXPECT_FALSE(page_with([](ChatPage& page) { page.page = kChatPagesMax; }));
  EXPECT_FALSE(page_with([](ChatPage& page) { page.version = 0; }));
  EXPECT_FALSE(page_with([](ChatPage& page) { page.slow_s = kChatSlowSMax + 1; }));
  EXPECT_FALSE(page_with([](ChatPage& page) { page.muted.resize(kChatListedMax + 1); }));
}

TEST(Chat, NamesHaveNothingThatHidesOrTurnsThem) {
  for (const std::string_view good : {"a", "mooring_line", "Åse Ødegård", "דניאל", "24 characters, no more..", "🌊"}) EXPECT_TRUE(is_chat_name(good)) << good;
  for (const std::string_view bad : {"", " a", "a ", "a\nb", "a\tb", "a\xe2\x80\xae" "b", "a\xe2\x81\xa6", "\xd8\x9c" "a", "25 characters, and so one.", "a\xff", "\xc2\x85", "\x7f"}) {
    EXPECT_FALSE(is_chat_name(bad)) << bad;
  }
}

TEST(Chat, TextsAreOneLine) {
  EXPECT_TRUE(is_chat_text("<script>alert(1)</script>"));
  std::string emoji;
  for (std::size_t i = 0; i < kChatTextCharactersMax; ++i) emoji += "🌊";
  EXPECT_TRUE(is_chat_text(emoji));
  EXPECT_FALSE(is_chat_text(emoji + "x"));
  for (const std::string_view bad : {"", "a\nb", "a\x1b[0m", "\xc2\x9b", "a\xe2\x80\xa8" "b"}) EXPECT_FALSE(is_chat_text(bad)) << bad;
}

TEST(Chat, ASignatureForOneThingIsNoneForAnother) {
  const Bytes blob = encode(a_text());
  EXPECT_NE(signed_chat_text(blob), signed_chat_reaction(blob));
  EXPECT_NE(signed_chat_text(blob), signed_chat_page(blob));
  EXPECT_NE(signed_chat_text(blob), signed_manifest(blob));
}

}  // namespace
}  // namespace p2p::wire
