#include "socketio/recovery.hpp"

#include <gtest/gtest.h>

namespace p2p::socketio {
namespace {

constexpr Instant kStart{};
constexpr RecoveryLimits kLimits{.packets_max = 4, .bytes_max = 100, .age_max = 60s, .away_max = 2};

RecoveryWindow window_of(std::initializer_list<std::string_view> packets, Instant at = kStart) {
  RecoveryWindow window;
  for (const std::string_view packet : packets) window.record({std::string{packet}, {}, at}, kLimits);
  return window;
}

std::optional<std::vector<std::string>> after(const RecoveryWindow& window, std::string_view offset) {
  const auto events = window.after(offset);
  if (!events) return std::nullopt;
  std::vector<std::string> packets;
  for (const SentEvent* event : *events) packets.push_back(event->packet);
  return packets;
}

using Packets = std::vector<std::string>;

TEST(RecoveryWindow, GivesWhatCameBehindAnOffset) {
  RecoveryWindow window;
  const std::string first = window.next_offset();
  window.record({"a", {}, kStart}, kLimits);
  const std::string second = window.next_offset();
  EXPECT_NE(first, second);
  window.record({"b", {"bytes"}, kStart}, kLimits);
  window.record({"c", {}, kStart}, kLimits);
  EXPECT_EQ(after(window, first), (Packets{"b", "c"}));
  EXPECT_EQ(after(window, second), Packets{"c"});
  EXPECT_EQ((*window.after(first))[0]->attachments, Packets{"bytes"});
}

TEST(RecoveryWindow, OffsetsThatWereNeverGivenOutAreUnknown) {
  const RecoveryWindow window = window_of({"a", "b"});
  EXPECT_EQ(after(window, "2"), Packets{});
  for (const char* bad : {"", "0", "3", "-1", "1x", " 1", "99999999999999999999999", "abc"}) EXPECT_FALSE(after(window, bad)) << bad;
}

TEST(RecoveryWindow, IsBoundedInPacketsBytesAndTime) {
  RecoveryWindow window = window_of({"a", "b", "c", "d", "e", "f"});
  EXPECT_EQ(window.packets(), kLimits.packets_max);
  EXPECT_EQ(after(window, "2"), (Packets{"c", "d", "e", "f"}));
  EXPECT_FALSE(after(window, "1")) << "the one behind it is gone";
  window.record({std::string(60, 'x'), {std::string(39, 'y')}, kStart}, kLimits);
  EXPECT_EQ(window.packets(), 2U);
  EXPECT_EQ(window.bytes(), 100U);
  window.record({std::string(101, 'z'), {}, kStart}, kLimits);
  EXPECT_EQ(window.packets(), 0U) << "too large alone: nobody can be given it again";
  EXPECT_FALSE(after(window, "7"));
  EXPECT_EQ(after(window, "8"), Packets{}) << "who has it has missed nothing";
  window.record({"old", {}, kStart}, kLimits);
  window.record({"new", {}, kStart + 61s}, kLimits);
  EXPECT_FALSE(after(window, "8"));
  EXPECT_EQ(after(window, "9"), Packets{"new"});
}

TEST(RecoveryStore, AClientComesBackOnceAsWhoItWas) {
  RecoveryStore store{kLimits};
  store.keep({.nspace = "/", .sid = "sid", .pid = "pid", .window = window_of({"a", "b"})}, kStart);
  const auto client = store.take("/", "pid", "1", kStart + 10s);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->sid, "sid");
  EXPECT_EQ(after(client->window, "1"), Packets{"b"});
  EXPECT_EQ(client->window.next_offset(), "3") << "offsets go on";
  EXPECT_FALSE(store.take("/", "pid", "1", kStart + 10s));
}

TEST(RecoveryStore, WhatDoesNotFitIsANewClient) {
  RecoveryStore store{kLimits};
  store.keep({.nspace = "/", .sid = "sid", .pid = "pid", .window = window_of({"a"})}, kStart);
  EXPECT_FALSE(store.take("/", "other", "1", kStart));
  EXPECT_FALSE(store.take("/custom", "pid", "1", kStart)) << "of another namespace";
  EXPECT_FALSE(store.take("/", "pid", "7", kStart)) << "an offset of the future";
  EXPECT_EQ(store.size(), 0U);
}

TEST(RecoveryStore, TheLongestAbsentGoesFirst) {
  RecoveryStore store{kLimits};
  EXPECT_EQ(store.next_wake(), kNever);
  for (const char* pid : {"1", "2", "3"}) store.keep({.nspace = "/", .sid = "s", .pid = pid, .window = window_of({"a"})}, kStart);
  EXPECT_EQ(store.size(), kLimits.away_max);
  EXPECT_FALSE(store.take("/", "1", "1", kStart));
  EXPECT_TRUE(store.take("/", "3", "1", kStart));
  EXPECT_EQ(store.next_wake(), kStart + 60s);
  EXPECT_FALSE(store.take("/", "2", "1", kStart + 60s)) << "too late";
  EXPECT_EQ(store.size(), 0U);
}

}  // namespace
}  // namespace p2p::socketio
