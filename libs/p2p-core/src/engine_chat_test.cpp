#include <gtest/gtest.h>


#include "base/sha256.hpp"
#include "testing/mini_swarm.hpp"
#include "wire/message.hpp"

namespace p2p::mesh {
namespace {

using testing::MiniSwarm;
using State = ChatSent::State;

PublicKey key_of(std::uint64_t n) {
  PublicKey key{};
  for (std::size_t i = 0; i < 8; ++i) key[i] = static_cast<std::byte>(n >> (8 * i));
  return key;
}

ChatAuthor author_of(const PublicKey& key) {
  ChatAuthor author{};
  const auto digest = sha256(key);
  std::copy_n(digest.begin(), author.size(), author.begin());
  return author;
}

/// A source and viewers who watch, each with a name and a key.
struct Room {
  explicit Room(int count, Engine::Options options = {}) {
    source = swarm.add_source();
    swarm.handle(source, ChatAs{.key = std::nullopt, .name = "streamer"});
    swarm.stream_for(1s);
    for (int i = 0; i < count; ++i) enter(options);
    swarm.stream_for(2s);
  }
  PeerId enter(Engine::Options options = {}) {
    const PeerId viewer = swarm.add_viewer(options);
    swarm.handle(viewer, ChatAs{.key = key_of(viewer.value), .name = "viewer"});
    viewers.push_back(viewer);
    return viewer;
  }
  void say(PeerId who, std::string text) { swarm.handle(who, ChatSay{++number, std::move(text)}); }
  void moderate(const ChatModerate& wish) { swarm.handle(source, wish); }
  std::vector<std::string> texts(PeerId who) {
    std::vector<std::string> texts;
    for (const ChatMessage& message : swarm.peers[who].chat) texts.push_back(message.text);
    return texts;
  }
  std::vector<ChatId> order(PeerId who) {
    std::vector<ChatId> ids;
    for (const ChatMessage& message : swarm.peers[who].chat) ids.push_back(message.id);
    return ids;
  }
  std::vector<State> fates(PeerId who) {
    std::vector<State> states;
    for (const ChatSent& sent : swarm.peers[who].chat_sent) states.push_back(sent.state);
    return states;
  }
  std::vector<PeerId> everybody() {
    std::vector<PeerId> all = viewers;
    all.push_back(source);
    return all;
  }
  MiniSwarm swarm;
  PeerId source;
  std::vector<PeerId> viewers;
  std::uint32_t number = 0;
};

template <typename Message>
bool is(const Bytes& bytes) {
  const auto message = wire::decode(bytes);
  return message && std::holds_alternative<Message>(*message);
}

TEST(Chat, WhatAnybodySaysReachesEverybodyInOneOrder) {
  Room room{6};
  for (int round = 0; round < 3; ++round) {
    for (const PeerId who : room.everybody()) room.say(who, "hello");   // at the same moment
    room.swarm.stream_for(3s);
  }
  const std::vector<ChatId> order = room.order(room.source);
  EXPECT_EQ(order.size(), 21u);
  for (const PeerId who : room.everybody()) {
    EXPECT_EQ(room.order(who), order);
    EXPECT_TRUE(room.swarm.peers[who].misbehaved.empty());
  }
}

TEST(Chat, AnAnswerComesAfterWhatItAnswers) {
  Room room{3};
  room.say(room.viewers[0], "question");
  room.swarm.run_for(60ms);
  room.say(room.viewers[1], "answer");
  room.swarm.stream_for(1s);
  for (const PeerId who : room.everybody()) EXPECT_EQ(room.texts(who), (std::vector<std::string>{"question", "answer"}));
}

TEST(Chat, AMessageIsSaidAndThenEchoedByAPeer) {
  Room room{2};
  room.say(room.viewers[0], "hello");
  EXPECT_EQ(room.fates(room.viewers[0]), std::vector{State::kSaid});
  room.swarm.stream_for(1s);
  EXPECT_EQ(room.fates(room.viewers[0]), (std::vector{State::kSaid, State::kEchoed}));
  const ChatMessage& own = room.swarm.peers[room.viewers[0]].chat.at(0);
  const ChatMessage& theirs = room.swarm.peers[room.viewers[1]].chat.at(0);
  EXPECT_TRUE(own.own && !theirs.own && own.author == theirs.author && !theirs.streamer);
  room.say(room.source, "welcome");
  room.swarm.stream_for(1s);
  EXPECT_TRUE(room.swarm.peers[room.viewers[1]].chat.at(1).streamer);
}

TEST(Chat, WhatNobodyHearsIsTakenBack) {
  Room room{1};
  room.swarm.cut(room.viewers[0], room.source);
  room.swarm.on_the_way = [](PeerId, PeerId, Channel, Bytes& bytes) { bytes.clear(); };
  room.say(room.viewers[0], "hello?");
  EXPECT_EQ(room.texts(room.viewers[0]).size(), 1u);
  room.swarm.run_for(11s);
  EXPECT_EQ(room.fates(room.viewers[0]), (std::vector{State::kSaid, State::kNobody}));
  EXPECT_TRUE(room.texts(room.viewers[0]).empty());
}

TEST(Chat, TheStreamerSpeaksBeforeAnybodyIsThere) {
  Room room{0};
  room.say(room.source, "soon");
  EXPECT_EQ(room.fates(room.source), (std::vector{State::kSaid, State::kEchoed}));
  const PeerId viewer = room.enter();
  room.swarm.stream_for(5s);
  EXPECT_EQ(room.texts(viewer), std::vector<std::string>{"soon"});
}

TEST(Chat, ANewcomerGetsTheHistoryAndTheRules) {
  Room room{4};
  for (int i = 0; i < 60; ++i) {
    room.say(room.viewers[static_cast<std::size_t>(i % 4)], std::string(200, static_cast<char>('a' + i % 26)));
    room.swarm.stream_for(600ms);
  }
  room.moderate({.what = ChatModerate::What::kPin, .name = "viewer", .text = "pinned"});
  const PeerId newcomer = room.enter();
  room.swarm.stream_for(8s);
  EXPECT_GE(room.order(newcomer).size(), 50u);
  EXPECT_EQ(room.order(newcomer), room.order(room.source));
  EXPECT_EQ(room.swarm.peers[newcomer].chat_rules.pinned_text, "pinned");
}

TEST(Chat, WhatWasLostOnTheWayIsFetched) {
  Room room{5};
  room.say(room.viewers[0], "first");   // the tree of pushes is made
  room.swarm.stream_for(2s);
  int lost = 0;
  room.swarm.on_the_way = [&](PeerId, PeerId, Channel channel, Bytes& bytes) {
    if (channel == Channel::kControl && is<wire::Chat>(bytes) && ++lost % 2 == 0) bytes.clear();
  };
  for (int i = 0; i < 8; ++i) {
    for (const PeerId who : room.viewers) room.say(who, "one of many");
    room.swarm.stream_for(2s);
  }
  room.swarm.on_the_way = nullptr;
  room.swarm.stream_for(12s);
  EXPECT_GT(lost, 10);
  for (const PeerId who : room.everybody()) EXPECT_EQ(room.order(who), room.order(room.source));
  EXPECT_GE(room.order(room.source).size(), 35u);
}

TEST(Chat, OnceTheTreeIsMadeAMessageIsSentAboutOnceToEach) {
  Room room{9};
  for (int i = 0; i < 4; ++i) {
    room.say(room.viewers[0], "making the tree");
    room.swarm.stream_for(2500ms);
  }
  int sent = 0;
  room.swarm.on_the_way = [&](PeerId, PeerId, Channel channel, Bytes& bytes) { sent += channel == Channel::kControl && is<wire::Chat>(bytes); };
  room.say(room.viewers[0], "along the tree");
  room.swarm.stream_for(3s);
  EXPECT_GE(sent, 9);
  EXPECT_LE(sent, 13) << "ten peers, so nine links of a tree";
}

TEST(Chat, GoesOnWithoutTheServer) {
  Room room{4};
  room.swarm.lose_directory();
  room.swarm.stream_for(2s);
  room.say(room.viewers[1], "still here");
  room.swarm.stream_for(2s);
  for (const PeerId who : room.everybody()) EXPECT_EQ(room.texts(who), std::vector<std::string>{"still here"});
}

TEST(Chat, AMutedAuthorIsNeitherShownNorPassedOn) {
  Room room{4};
  const PeerId muted = room.viewers[0];
  room.say(muted, "before");
  room.swarm.stream_for(2s);
  room.moderate({.what = ChatModerate::What::kMute, .author = author_of(key_of(muted.value))});
  room.swarm.stream_for(2s);
  for (const PeerId who : room.everybody()) EXPECT_TRUE(room.texts(who).empty());
  room.say(muted, "after");
  EXPECT_EQ(room.fates(muted).back(), State::kMuted);
  // Its engine could be another: a message that it made before it was muted comes late.
  room.moderate({.what = ChatModerate::What::kUnmute, .author = author_of(key_of(muted.value))});
  room.swarm.stream_for(11s);
  room.say(muted, "again");
  room.swarm.stream_for(2s);
  for (const PeerId who : room.everybody()) EXPECT_EQ(room.texts(who), std::vector<std::string>{"again"});
}

TEST(Chat, WhatTheStreamerDeletesIsGoneEverywhereAndForNewcomers) {
  Room room{3};
  room.say(room.viewers[0], "bad");
  room.say(room.viewers[1], "good");
  room.swarm.stream_for(2s);
  for (const ChatMessage& message : std::vector{room.swarm.peers[room.source].chat}) {
    if (message.text == "bad") room.moderate({.what = ChatModerate::What::kDelete, .message = message.id});
  }
  room.enter();
  room.swarm.stream_for(5s);
  for (const PeerId who : room.everybody()) EXPECT_EQ(room.texts(who), std::vector<std::string>{"good"});
}

TEST(Chat, NobodySaysMoreThanFiveThingsInTenSeconds) {
  Room room{2};
  for (int i = 0; i < 30; ++i) {
    room.say(room.viewers[0], "again and again");
    room.swarm.stream_for(200ms);
  }
  const std::vector<State> fates = room.fates(room.viewers[0]);
  EXPECT_GT(std::ranges::count(fates, State::kTooFast), 15);
  EXPECT_LE(room.texts(room.viewers[1]).size(), 10u);
  const ChatSent& last = *std::ranges::find(room.swarm.peers[room.viewers[0]].chat_sent, State::kTooFast, &ChatSent::state);
  EXPECT_GT(last.wait, 0s);
  EXPECT_LE(last.wait, 10s);
}

TEST(Chat, InSlowModeEverybodyButTheStreamerWaits) {
  Room room{2};
  room.moderate({.what = ChatModerate::What::kSlow, .slow_s = 60});
  room.swarm.stream_for(2s);
  for (int i = 0; i < 3; ++i) {
    room.say(room.viewers[0], "me");
    room.say(room.source, "I");
    room.swarm.stream_for(1s);
  }
  EXPECT_EQ(room.texts(room.viewers[1]).size(), 4u);
  EXPECT_EQ(room.fates(room.viewers[0]).back(), State::kTooFast);
  EXPECT_EQ(room.swarm.peers[room.viewers[1]].chat_rules.slow_s, 60);
}

TEST(Chat, BeforeAnythingCameNothingIsSaidAndUnfitTextNever) {
  MiniSwarm swarm;
  const PeerId alone = swarm.add_viewer_who_knows({});
  swarm.handle(alone, ChatSay{1, "hello"});
  EXPECT_EQ(swarm.peers[alone].chat_sent.back().state, State::kNotYet);
  Room room{1};
  for (const std::string& text : {std::string{}, std::string{"two\nlines"}, std::string(501, 'x'), std::string{"\xff"}}) {
    room.say(room.viewers[0], text);
    EXPECT_EQ(room.fates(room.viewers[0]).back(), State::kUnfit);
  }
  room.swarm.handle(room.viewers[0], ChatAs{.key = key_of(1), .name = "a\u202eb"});
  room.say(room.viewers[0], "hello");
  EXPECT_EQ(room.fates(room.viewers[0]).back(), State::kUnfit);
}

TEST(Chat, ReactionsReachEverybodyOnceAndAreNoHistory) {
  Room room{4};
  room.say(room.viewers[0], "making the tree");
  room.swarm.stream_for(2s);
  room.swarm.handle(room.viewers[0], ChatReact{3});
  room.swarm.handle(room.viewers[0], ChatReact{3});   // at once: it counts once
  room.swarm.handle(room.viewers[1], ChatReact{1});
  room.swarm.stream_for(2s);
  for (const PeerId who : room.everybody()) {
    std::vector<std::uint8_t> kinds = room.swarm.peers[who].reactions;
    std::ranges::sort(kinds);
    EXPECT_EQ(kinds, (std::vector<std::uint8_t>{1, 3}));
  }
  const PeerId newcomer = room.enter();
  room.swarm.stream_for(4s);
  EXPECT_TRUE(room.swarm.peers[newcomer].reactions.empty());
}

TEST(Chat, AChatInWhichNobodySpeaksCostsNothing) {
  MiniSwarm swarm;
  int chat = 0;
  swarm.on_the_way = [&](PeerId, PeerId, Channel channel, Bytes& bytes) {
    if (channel != Channel::kControl) return;
    const auto message = wire::decode(bytes);
    chat += message && message->index() >= wire::Message{wire::Chat{}}.index();
  };
  swarm.add_source();
  for (int i = 0; i < 4; ++i) swarm.add_viewer();
  swarm.stream_for(8s);
  EXPECT_EQ(chat, 0);
}

TEST(Chat, WhoDoesNotSayThatItUnderstandsChatIsSentNone) {
  Room room{0};
  int chat = 0;
  room.swarm.on_the_way = [&](PeerId from, PeerId to, Channel channel, Bytes& bytes) {
    if (channel != Channel::kControl) return;
    auto message = wire::decode(bytes);
    if (auto* hello = message ? std::get_if<wire::Hello>(&*message) : nullptr; hello && from != room.source) {
      hello->chat = false;
      bytes = wire::encode(*message);
    }
    chat += message && to != room.source && message->index() >= wire::Message{wire::Chat{}}.index();
  };
  const PeerId old = room.swarm.add_viewer();
  room.say(room.source, "hello");
  room.swarm.stream_for(6s);
  EXPECT_EQ(chat, 0);
  EXPECT_GT(room.swarm.peers[old].played.size(), 10u);
}

/// A neighbor of everybody that says what it likes.
struct Hostile : Room {
  Hostile() : Room{4}, liar{enter()} { swarm.stream_for(3s); }
  void sends(PeerId to, const wire::Message& message) { swarm.handle(to, MessageReceived{liar, Channel::kControl, Payload{wire::encode(message)}}); }
  wire::ChatSigned signed_text(std::uint64_t key, std::string text, std::int64_t time_ms) const {
    wire::ChatSigned bytes{.blob = wire::encode(wire::ChatText{.author = key_of(key), .time_ms = time_ms, .name = "liar", .text = std::move(text)})};
    bytes.signature = testing::signature_of(wire::signed_chat_text(bytes.blob));
    return bytes;
  }
  std::int64_t now_ms() const { return swarm.now.time_since_epoch() / 1ms; }
  PeerId liar;
};

TEST(Chat, WhoSendsAForgedMessageIsDropped) {
  Hostile room;
  wire::ChatSigned forged = room.signed_text(7, "forged", room.now_ms());
  forged.signature[3] ^= std::byte{1};
  room.sends(room.viewers[0], wire::Chat{.messages = {forged}});
  EXPECT_EQ(room.swarm.peers[room.viewers[0]].misbehaved.size(), 1u);
  EXPECT_TRUE(room.texts(room.viewers[0]).empty());
}

TEST(Chat, AMessageOfAnotherStreamIsNone) {
  Hostile room;
  wire::ChatSigned other{.blob = wire::encode(wire::ChatText{.stream = {std::byte{9}}, .author = key_of(7), .time_ms = room.now_ms(), .name = "n", .text = "t"})};
  other.signature = testing::signature_of(wire::signed_chat_text(other.blob));
  room.sends(room.viewers[0], wire::Chat{.messages = {other}});
  EXPECT_EQ(room.swarm.peers[room.viewers[0]].misbehaved.size(), 1u);
}

TEST(Chat, WhatClaimsToBeOfTheFutureOrComesMuchTooLateIsNotTaken) {
  Hostile room;
  room.sends(room.viewers[0], wire::Chat{.messages = {room.signed_text(7, "future", room.now_ms() + 60'000)}});
  room.sends(room.viewers[0], wire::Chat{.messages = {room.signed_text(8, "past", room.now_ms() > 40'000 ? room.now_ms() - 40'000 : 0)}});
  room.sends(room.viewers[0], wire::Chat{.messages = {room.signed_text(9, "now", room.now_ms())}});
  room.swarm.stream_for(2s);
  const std::vector<std::string> texts = room.texts(room.viewers[1]);
  EXPECT_EQ(std::ranges::count(texts, "future"), 0);
  EXPECT_EQ(std::ranges::count(texts, "now"), 1);
}

TEST(Chat, OfAFloodOfInventedAuthorsNoMoreGetsThroughThanOnePersonMaySayAndHonestWordsStillArrive) {
  Hostile room;
  std::uint64_t author = 1'000;
  for (int i = 0; i < 40; ++i) {
    for (int n = 0; n < 25; ++n) room.sends(room.viewers[0], wire::Chat{.messages = {room.signed_text(++author, "buy this", room.now_ms())}, .own = true});
    if (i % 10 == 0) room.say(room.viewers[2], "honest");
    room.swarm.stream_for(200ms);
  }
  for (const PeerId who : {room.viewers[1], room.viewers[2], room.viewers[3], room.source}) {
    const std::vector<std::string> texts = room.texts(who);
    EXPECT_EQ(std::ranges::count(texts, "honest"), 4);
    EXPECT_LE(std::ranges::count(texts, "buy this"), 1 + 2 + 1);   // under its one name, and what it may bring alone in so long
  }
  EXPECT_TRUE(room.swarm.peers[room.viewers[1]].misbehaved.empty()) << "who passed some of it on is honest";
}

TEST(Chat, AnAuthorWhoSaysTwoThingsAtOnceDividesNobody) {
  Hostile room;
  // The same author, time and counter; one half hears this first, the other that.
  const std::int64_t at = room.now_ms();
  for (int n = 0; n < 2; ++n) {
    room.sends(room.viewers[0], wire::Chat{.messages = {room.signed_text(7, "to you " + std::to_string(n), at)}, .own = true});
    room.sends(room.viewers[1], wire::Chat{.messages = {room.signed_text(7, "to them " + std::to_string(n), at)}, .own = true});
  }
  room.swarm.stream_for(12s);
  EXPECT_EQ(room.order(room.source).size(), 4u);
  for (const PeerId who : {room.viewers[0], room.viewers[1], room.viewers[2], room.viewers[3]}) EXPECT_EQ(room.order(who), room.order(room.source));
}

TEST(Chat, OnlyTheStreamersRulesAreRules) {
  Hostile room;
  wire::ChatSigned page{.blob = wire::encode(wire::ChatPage{.version = 5, .slow_s = 600, .pinned_name = {}, .pinned_text = {}, .muted = {}, .deleted = {}})};
  room.sends(room.viewers[0], wire::ChatRules{.page = page});
  room.swarm.stream_for(1s);
  EXPECT_EQ(room.swarm.peers[room.viewers[0]].chat_rules.slow_s, 0);
  EXPECT_EQ(room.swarm.peers[room.viewers[0]].misbehaved.size(), 1u);
}

}  // namespace
}  // namespace p2p::mesh
