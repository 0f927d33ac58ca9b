#include "terminal/wrap.hpp"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

TEST(Wrap, BreaksBetweenWordsAndIndentsWhatFollows) {
  EXPECT_EQ(wrap("one two three", 100), "one two three");
  EXPECT_EQ(wrap("one two three", 7), "one two\nthree");
  EXPECT_EQ(wrap("one two three", 9, 4), "one two\n    three");
}

TEST(Wrap, KeepsNewlinesAndLongWords) {
  EXPECT_EQ(wrap("a\n\nb", 10), "a\n\nb");
  EXPECT_EQ(wrap("a https://a.very.long.example b", 10), "a\nhttps://a.very.long.example\nb");
}

TEST(Wrap, CountsCharactersAndNotBytes) { EXPECT_EQ(wrap("äöü äöü", 7), "äöü äöü"); }

TEST(Wrap, PutsTextBesideItsHeadOrBelowOneThatIsTooLong) {
  EXPECT_EQ(in_columns("  -h", "Print this", 8, 40), "  -h    Print this\n");
  EXPECT_EQ(in_columns("  --a-long-name", "Print this", 8, 40), "  --a-long-name\n        Print this\n");
  EXPECT_EQ(in_columns("  -h", "one two three four", 8, 16), "  -h    one two\n        three\n        four\n");
}

}  // namespace
}  // namespace p2p::app
