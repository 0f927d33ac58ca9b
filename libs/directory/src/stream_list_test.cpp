#include "directory/stream_list.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/prng.hpp"

namespace p2p::directory {
namespace {

constexpr Instant kStart{};
constexpr ConnectionId kWatcher{1};

StreamId id_of(std::uint64_t number) { return {.bytes = {static_cast<std::byte>(number), static_cast<std::byte>(number >> 8)}}; }

StreamInfo stream(std::uint64_t number, StreamDetails details = {}, std::uint32_t viewers = 0) {
  return {.id = id_of(number),
          .details = std::make_shared<const StreamDetails>(std::move(details)),
          .started_at = WallTime{std::chrono::seconds{number}},
          .viewers = viewers};
}

StreamDetails in_category(std::string_view id) { return {.title = "t", .category = parse_category(id).value()}; }

StreamInfo with_viewers(StreamInfo info, std::uint32_t viewers) {
  info.viewers = viewers;
  return info;
}

std::vector<StreamId> ids(const std::vector<StreamInfo>& streams) {
  std::vector<StreamId> found;
  for (const StreamInfo& one : streams) found.push_back(one.id);
  return found;
}

/// The only change that is told now, to the only group.
ListChanged the_change(StreamList& list, Instant now) {
  std::vector<Notice> notices = list.take_due(now);
  EXPECT_EQ(notices.size(), 1u);
  return notices.empty() ? ListChanged{} : std::get<ListChanged>(notices.front().event);
}

TEST(StreamList, ShowsWhatFitsTheFilter) {
  StreamList list;
  list.touch(stream(1, {.title = "Jazz", .category = parse_category("music").value(), .tags = {"live", "piano"}, .language = "de", .search_text = "jazz live piano"}), kStart);
  list.touch(stream(2, {.title = "Chess", .category = parse_category("games").value(), .tags = {"live"}, .search_text = "chess live"}), kStart);
  EXPECT_TRUE(list.take_due(kStart).empty()) << "nobody watches";
  const auto found = [&](const StreamFilter& filter) { return ids(list.look(filter).streams); };
  EXPECT_EQ(found({}), (std::vector{id_of(2), id_of(1)}));
  EXPECT_EQ(found({.category = parse_category("music")}), std::vector{id_of(1)});
  EXPECT_EQ(found({.language = "de"}), std::vector{id_of(1)});
  EXPECT_EQ(found({.tags = {"live"}}).size(), 2u);
  EXPECT_EQ(found({.tags = {"live", "piano"}}), std::vector{id_of(1)});
  EXPECT_EQ(found({.words = {"che"}}), std::vector{id_of(2)});
  EXPECT_TRUE(found({.words = {"che", "piano"}}).empty());
}

TEST(StreamList, ShowsTheFirstOfManyAndHowManyThereAre) {
  StreamList list;
  for (std::uint64_t i = 1; i <= 50; ++i) list.touch(stream(i, {}, static_cast<std::uint32_t>(100 - i)), kStart);
  static_cast<void>(list.take_due(kStart));
  const auto by_viewers = list.look({.limit = 3});
  EXPECT_EQ(ids(by_viewers.streams), (std::vector{id_of(1), id_of(2), id_of(3)}));
  EXPECT_EQ(by_viewers.total, 50u);
  EXPECT_EQ(ids(list.look({.sort = StreamFilter::Sort::kNewest, .limit = 2}).streams), (std::vector{id_of(50), id_of(49)}));
}

TEST(StreamList, AStreamEntersAndLeavesAFilterWithItsDetails) {
  StreamList list;
  ASSERT_TRUE(list.watch(kWatcher, {.category = parse_category("music")}));
  list.touch(stream(1, in_category("music")), kStart);
  list.touch(stream(2, in_category("games")), kStart);
  ListChanged change = the_change(list, kStart);
  EXPECT_EQ(ids(change.added), std::vector{id_of(1)});
  EXPECT_EQ(change.total, 1u);
  list.touch(stream(1, in_category("games")), kStart + 1s);
  list.touch(stream(2, in_category("music")), kStart + 1s);
  change = the_change(list, kStart + 1s);
  EXPECT_EQ(ids(change.added), std::vector{id_of(2)});
  EXPECT_EQ(change.removed, std::vector{id_of(1)});
  list.touch(stream(1, in_category("talk")), kStart + 2s);
  EXPECT_TRUE(list.take_due(kStart + 2s).empty()) << "nothing of what is watched";
  list.check_invariants();
}

TEST(StreamList, AStreamThatOvertakesPushesTheLastOut) {
  StreamList list;
  const std::vector<StreamInfo> streams{stream(1, {}, 30), stream(2, {}, 20), stream(3, {}, 10)};
  for (const StreamInfo& one : streams) list.touch(one, kStart);
  static_cast<void>(list.take_due(kStart));
  ASSERT_TRUE(list.watch(kWatcher, {.limit = 2}));
  list.touch(with_viewers(streams[2], 25), kStart + 5s);
  const ListChanged change = the_change(list, kStart + 5s);
  EXPECT_EQ(ids(change.added), std::vector{id_of(3)});
  EXPECT_EQ(change.removed, std::vector{id_of(2)});
  EXPECT_EQ(change.total, 3u);
}

TEST(StreamList, CountsOfViewersAreToldEveryFiveSecondsAndTheRestEverySecond) {
  StreamList list;
  const StreamInfo one = stream(1);
  ASSERT_TRUE(list.watch(kWatcher, {}));
  list.touch(one, kStart);
  static_cast<void>(list.take_due(kStart));
  list.touch(with_viewers(one, 1), kStart + 2s);
  EXPECT_TRUE(list.take_due(kStart + 2s).empty());
  EXPECT_EQ(list.next_wake(), kStart + 5s);
  EXPECT_EQ(the_change(list, kStart + 5s).updated.front().viewers, 1u);
  list.touch(with_viewers(one, 2), kStart + 6s);
  StreamInfo away = with_viewers(one, 2);
  away.source_online = false;
  list.touch(away, kStart + 6s);
  const ListChanged change = the_change(list, kStart + 6s);
  EXPECT_FALSE(change.updated.front().source_online);
  EXPECT_EQ(change.updated.front().viewers, 2u) << "the count goes along";
}

TEST(StreamList, WhoChangesTheFilterIsToldOfTheNewOneOnly) {
  StreamList list;
  list.touch(stream(1, in_category("music")), kStart);
  list.touch(stream(2, in_category("games")), kStart);
  static_cast<void>(list.take_due(kStart));
  ASSERT_TRUE(list.watch(kWatcher, {.category = parse_category("music")}));
  EXPECT_EQ(ids(list.watch(kWatcher, {.category = parse_category("games")})->streams), std::vector{id_of(2)});
  EXPECT_EQ(list.watchers(), 1u);
  EXPECT_EQ(list.filters(), 1u);
  list.remove(id_of(1), kStart + 1s);
  EXPECT_TRUE(list.take_due(kStart + 1s).empty());
  list.unwatch(kWatcher);
  EXPECT_EQ(list.filters(), 0u);
  list.unwatch(kWatcher);
}

TEST(StreamList, WatchersWithOneFilterAreToldTogether) {
  StreamList list;
  for (std::uint64_t i = 1; i <= 100; ++i) ASSERT_TRUE(list.watch(ConnectionId{i}, {.words = {i % 2 == 0 ? "even" : "odd"}}));
  EXPECT_EQ(list.filters(), 2u);
  list.touch(stream(1, {.search_text = "even"}), kStart);
  const std::vector<Notice> notices = list.take_due(kStart);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices.front().to.size(), 50u);
}

TEST(StreamList, TooManyDifferentFiltersAreRefused) {
  StreamList list;
  const auto watch = [&](std::size_t number) { return list.watch(ConnectionId{number}, {.words = {std::to_string(number)}}); };
  for (std::size_t i = 0; i < StreamList::kFiltersMax; ++i) ASSERT_TRUE(watch(i));
  EXPECT_EQ(watch(StreamList::kFiltersMax).error(), Refusal::kFull);
  EXPECT_TRUE(list.watch(ConnectionId{StreamList::kFiltersMax}, {.words = {"7"}})) << "one that is there already";
}

/// What a page holds: a map by id, to which changes are applied.
using View = std::map<StreamId, StreamInfo>;

void apply(View& view, const ListChanged& change) {
  for (const StreamId& id : change.removed) ASSERT_EQ(view.erase(id), 1u);
  for (const StreamInfo& one : change.added) ASSERT_TRUE(view.emplace(one.id, one).second);
  for (const StreamInfo& one : change.updated) {
    ASSERT_TRUE(view.contains(one.id));
    view.insert_or_assign(one.id, one);
  }
}

void expect_same(const View& view, const StreamList::Listing& listing) {
  ASSERT_EQ(view.size(), listing.streams.size());
  for (const StreamInfo& one : listing.streams) {
    const auto held = view.find(one.id);
    ASSERT_NE(held, view.end());
    EXPECT_EQ(held->second.details, one.details);
    EXPECT_EQ(held->second.viewers, one.viewers);
    EXPECT_EQ(held->second.source_online, one.source_online);
  }
}

TEST(StreamList, WhoAppliesEveryChangeHasTheList) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Prng prng{seed};
    StreamList list;
    Instant now = kStart;
    std::map<std::uint64_t, StreamInfo> live;
    std::map<std::uint64_t, std::pair<StreamFilter, View>> watchers;
    for (int step = 0; step < 1'500; ++step) {
      now += Duration{prng.below(400'000)};
      for (const Notice& notice : list.take_due(now)) {
        for (const ConnectionId to : notice.to) ASSERT_NO_FATAL_FAILURE(apply(watchers.at(to.value).second, std::get<ListChanged>(notice.event)));
      }
      for (const auto& [number, watcher] : watchers) ASSERT_NO_FATAL_FAILURE(expect_same(watcher.second, list.look(watcher.first)));
      const std::uint64_t number = prng.below(12);
      switch (prng.below(6)) {
        case 0:
          list.remove(id_of(number), now);
          live.erase(number);
          break;
        case 1: {
          const StreamFilter filter{.category = prng.chance(1, 2) ? std::optional{static_cast<Category>(prng.below(2))} : std::nullopt,
                                    .sort = static_cast<StreamFilter::Sort>(prng.below(2)),
                                    .limit = static_cast<std::uint16_t>(1 + prng.below(8))};
          View view;
          const auto listing = list.watch(ConnectionId{number}, filter);
          for (const StreamInfo& one : listing->streams) view.emplace(one.id, one);
          watchers.insert_or_assign(number, std::pair{filter, view});
          break;
        }
        case 2:
          list.unwatch(ConnectionId{number});
          watchers.erase(number);
          break;
        case 3:
        case 4:
          if (live.contains(number)) live.at(number).viewers = static_cast<std::uint32_t>(prng.below(5));
          if (live.contains(number)) list.touch(live.at(number), now);
          break;
        default:
          live.insert_or_assign(number, stream(number, {.category = static_cast<Category>(prng.below(2))}, static_cast<std::uint32_t>(prng.below(5))));
          list.touch(live.at(number), now);
      }
      list.check_invariants();
      ASSERT_EQ(list.size(), live.size());
    }
  }
}

}  // namespace
}  // namespace p2p::directory
