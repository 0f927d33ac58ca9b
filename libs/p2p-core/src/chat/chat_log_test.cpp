#include "chat/chat_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.hpp"

namespace p2p::mesh {
namespace {

ChatId id_of(std::uint64_t n) {
  ChatId id{};
  for (std::size_t i = 0; i < 8; ++i) id[i] = static_cast<std::byte>(n * 0x9e3779b97f4a7c15 >> (8 * i));
  return id;
}

ChatAuthor author_of(unsigned n) {
  ChatAuthor author{};
  author[0] = static_cast<std::byte>(n);
  return author;
}

ChatLog::Entry said(unsigned author, std::int64_t time_ms, std::uint64_t n) {
  return {.key = {time_ms, 0, id_of(n)}, .author = author_of(author), .content = {.time_ms = time_ms, .name = "n", .text = "t"}, .bytes = {}};
}

bool tell(ChatLog& log, const ChatLog::Entry& entry, const ChatRuleBook& rules) {
  if (log.judge(entry.key, entry.author, entry.content.streamer, rules) != ChatLog::Verdict::kFits) return false;
  log.add(entry, rules);
  log.check_invariants();
  return true;
}

ChatRuleBook with_page(wire::ChatPage page) {
  ChatRuleBook rules;
  rules.take({std::move(page), {}});
  return rules;
}

TEST(ChatLog, HoldsTheSameInTheSameOrderHoweverItWasTold) {
  Prng prng{1};
  const ChatRuleBook rules = with_page({.version = 1, .slow_s = 3, .slow_since_ms = 150'000, .pinned_name = {}, .pinned_text = {}, .muted = {author_of(4)}, .deleted = {id_of(7)}});
  std::vector<ChatLog::Entry> all;   // more of each than it may say
  for (std::uint64_t n = 0; n < 190; ++n) all.push_back(said(static_cast<unsigned>(prng.below(6)), 100'000 + prng.between(0, 99'999), n));
  std::vector<ChatLog> logs(4);
  for (ChatLog& log : logs) {
    prng.shuffle(all);
    for (const auto& entry : all) tell(log, entry, rules);
  }
  EXPECT_GT(logs[0].entries().size(), 60u);
  EXPECT_LT(logs[0].entries().size(), 190u);
  for (const ChatLog& log : logs) {
    EXPECT_EQ(log.ids(0, INT64_MAX), logs[0].ids(0, INT64_MAX));
    EXPECT_TRUE(log.same(logs[0].summary(INT64_MAX)));
  }
}

TEST(ChatLog, OfAnAuthorTheFirstFiveInTenSecondsStayAndTheRestIsHidden) {
  ChatLog log;
  const ChatRuleBook rules;
  for (std::uint64_t n = 0; n < 5; ++n) EXPECT_TRUE(tell(log, said(1, 20'001 + static_cast<std::int64_t>(n), n), rules));
  EXPECT_EQ(log.judge({25'000, 0, id_of(9)}, author_of(1), false, rules), ChatLog::Verdict::kTooMany);
  EXPECT_EQ(log.silent_until(author_of(1), false, 25'000, rules), 30'000);
  EXPECT_TRUE(tell(log, said(2, 25'000, 10), rules)) << "another author";
  EXPECT_TRUE(tell(log, said(1, 30'000, 11), rules)) << "the next ten seconds";
  const auto gone = log.add(said(1, 20'000, 12), rules);   // it lay on the way
  EXPECT_EQ(gone, std::vector{id_of(4)});
}

TEST(ChatLog, WhatTheRulesForbidGoesAndDoesNotComeBack) {
  ChatLog log;
  ChatRuleBook rules;
  for (std::uint64_t n = 0; n < 4; ++n) tell(log, said(static_cast<unsigned>(n % 2), 1'000 * static_cast<std::int64_t>(n), n), rules);
  rules.take({{.version = 1, .pinned_name = {}, .pinned_text = {}, .muted = {author_of(1)}, .deleted = {id_of(0)}}, {}});
  const std::vector<ChatId> gone = log.obey(rules);
  EXPECT_EQ(gone, (std::vector{id_of(0), id_of(1), id_of(3)}));
  EXPECT_EQ(log.judge({1'000, 0, id_of(1)}, author_of(1), false, rules), ChatLog::Verdict::kMuted);
  EXPECT_EQ(log.judge({0, 0, id_of(0)}, author_of(0), false, rules), ChatLog::Verdict::kDeleted);
}

TEST(ChatLog, WhatWasPushedOutDoesNotComeBack) {
  ChatLog log;
  const ChatRuleBook rules;
  for (std::uint64_t n = 0; n <= ChatLog::kMessagesMax; ++n) tell(log, said(static_cast<unsigned>(n % 100), 1'000 * static_cast<std::int64_t>(n), n), rules);
  EXPECT_EQ(log.entries().size(), ChatLog::kMessagesMax);
  EXPECT_EQ(log.judge({0, 0, id_of(0)}, author_of(0), false, rules), ChatLog::Verdict::kPast);
  log.remove(id_of(150));
  EXPECT_EQ(log.judge({0, 0, id_of(0)}, author_of(0), false, rules), ChatLog::Verdict::kPast) << "although there is room";
}

TEST(ChatLog, AFullLogAndANewcomersWithItsHistoryAgree) {
  ChatLog full, newcomer;
  const ChatRuleBook rules;
  for (std::uint64_t n = 0; n < 1'000; ++n) tell(full, said(static_cast<unsigned>(n % 100), 1'000 * static_cast<std::int64_t>(n), n), rules);
  const wire::ChatSummary summary = full.summary(998'000);
  EXPECT_EQ(summary.count, ChatLog::kComparedMax);
  EXPECT_TRUE(newcomer.comparable(summary.from_ms));
  EXPECT_FALSE(newcomer.same(summary));
  for (const auto& entry : full.entries()) {
    if (entry.key.time_ms >= summary.from_ms) tell(newcomer, entry, rules);
  }
  EXPECT_TRUE(newcomer.same(summary));
  EXPECT_FALSE(full.comparable(newcomer.summary(998'000).from_ms)) << "the newcomer does not know that there was more";
}

}  // namespace
}  // namespace p2p::mesh
