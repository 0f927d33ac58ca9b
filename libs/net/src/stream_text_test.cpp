#include "stream_text.hpp"

#include <gtest/gtest.h>

namespace p2p::net {
namespace {

using Words = std::vector<std::string>;

TEST(Tags, AreBroughtIntoOneForm) {
  EXPECT_EQ(read_tag("  #No  Talking ").value(), "no talking");
  EXPECT_EQ(read_tag("C++").value(), "c++");
  EXPECT_EQ(read_tag("C#").value(), "c#");
  EXPECT_EQ(read_tag("STRASSE").value(), "strasse");
  EXPECT_EQ(read_tag("Zu\u0308rich").value(), "zürich") << "composed";
  EXPECT_EQ(read_tag("ΑΘΉΝΑ").value(), "αθήνα");
  EXPECT_EQ(read_tag("将棋").value(), "将棋");
  EXPECT_EQ(read_tag("a\u202eb\u0000c\n").value(), "a b") << "what turns text around is a gap (and the literal ends there)";
  EXPECT_EQ(read_tag(std::string(24, 'X')).value(), std::string(24, 'x'));
}

TEST(Tags, ThatSayNothingOrTooMuchAreRefused) {
  for (const std::string& bad : {std::string{}, std::string{"#"}, std::string{" - "}, std::string{"\u200b"}, std::string(25, 'x'), std::string{"\xff"}, std::string{"🎥"}}) {
    EXPECT_EQ(read_tag(bad).error().text, "tags must have 1 to 24 characters each, a letter or digit among them") << bad;
  }
  EXPECT_EQ(read_tags({"Live", "live", "#LIVE", "x"}).value(), (Words{"live", "x"})) << "none twice";
  EXPECT_TRUE(read_tags(std::vector<std::string_view>(8, "x")));
  EXPECT_FALSE(read_tags(std::vector<std::string_view>(9, "x")));
}

TEST(Search, LooksAwayFromCaseAccentsAndForms) {
  const directory::StreamDetails details{.title = "Über den Hafen: CRÈME BRÛLÉE, Straße ﬁn Ａ", .category = read_category("food").value(), .tags = {"c++", "zürich"}};
  const std::string text = search_text_of(details);
  for (const char* query : {"uber", "ÜBER", "U\u0308BER", "creme brulee", "STRASSE", "fin", "hafen:", "food", "#c++", "Zurich c++", "a"}) {
    for (const std::string& word : search_words(query)) EXPECT_NE(text.find(word), std::string::npos) << query;
  }
  EXPECT_EQ(text.find(search_words("quay").front()), std::string::npos);
  EXPECT_EQ(search_words("ИГРА в Го"), (Words{"в", "го", "игра"}));
  EXPECT_EQ(search_words(" a  b\ta "), (Words{"a", "b"}));
  EXPECT_EQ(search_words("a b c d e f g h i j").size(), kSearchWordsMax);
  EXPECT_TRUE(search_words("").empty());
}

TEST(Filter, IsReadFromAnAddress) {
  const auto filter = read_filter_query("category=music&tag=No%20Talking&tag=C%2B%2B&search=caf%C3%A9+noir&language=de&sort=newest&limit=7&unknown=1");
  ASSERT_TRUE(filter) << filter.error().text;
  EXPECT_EQ(filter->category, directory::parse_category("music"));
  EXPECT_EQ(filter->tags, (Words{"c++", "no talking"}));
  EXPECT_EQ(filter->words, (Words{"cafe", "noir"}));
  EXPECT_EQ(filter->language, "de");
  EXPECT_EQ(filter->sort, directory::StreamFilter::Sort::kNewest);
  EXPECT_EQ(filter->limit, 7);
  EXPECT_EQ(read_filter_query("").value(), directory::StreamFilter{});
  EXPECT_EQ(read_filter_query("tag=b&tag=a&tag=B").value(), read_filter_query("tag=a&tag=b").value()) << "who wants the same has the same filter";
}

TEST(Filter, SaysWhatIsWrongWithIt) {
  const auto why = [](std::string_view query) { return read_filter_query(query).error().text; };
  EXPECT_EQ(why("category=noise").substr(0, 38), "category must be one of art, code, edu");
  EXPECT_EQ(why("sort=title"), "sort must be viewers or newest");
  for (const char* bad : {"limit=0", "limit=501", "limit=1.5", "limit=x", "limit="}) EXPECT_EQ(why(bad), "limit must be a whole number from 1 to 500");
  EXPECT_EQ(why("language=DE").substr(0, 16), "language must be");
  EXPECT_EQ(why("search=" + std::string(65, 'x')), "search must have at most 64 characters");
  for (const char* bad : {"search=%", "search=%4", "search=%zz", "search=%ff", "%ff=1"}) EXPECT_EQ(why(bad).substr(0, 26), "the address is not encoded") << bad;
}

TEST(Title, IsTextOfABoundedLength) {
  EXPECT_EQ(read_title("Grüße 🎥").value(), "Grüße 🎥");
  EXPECT_FALSE(read_title(""));
  EXPECT_FALSE(read_title(std::string(121, 'x')));
  EXPECT_FALSE(read_title("a\u0085b"));
}

}  // namespace
}  // namespace p2p::net
