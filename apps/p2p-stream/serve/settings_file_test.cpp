#include "serve/settings_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "serve/testing/settings_folder.hpp"

namespace p2p::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SettingsFileTest : public testing::Test {
 protected:
  testing_support::SettingsFolder folder_;
};

TEST_F(SettingsFileTest, GivesKeysWithTheirValuesAsTextAndTheirLines) {
  const auto file = read_settings_file(folder_.write("a.toml", "# mine\nport = 80\nhost = \"::\"\n\nturn = false\nturn-lifetime = 1.5\nallowed-origins = [\n  \"https://a\",\n  \"https://b\",\n]\n"));
  ASSERT_TRUE(file) << file.error().text;
  ASSERT_EQ(file->entries.size(), 5u);
  EXPECT_EQ(file->entries[0].key, "port");
  EXPECT_EQ(file->entries[0].line, 2u);
  EXPECT_THAT(file->entries[0].texts, ElementsAre("80"));
  EXPECT_THAT(file->entries[2].texts, ElementsAre("false"));
  EXPECT_THAT(file->entries[3].texts, ElementsAre("1.5"));
  EXPECT_EQ(file->entries[4].line, 7u);
  EXPECT_THAT(file->entries[4].texts, ElementsAre("https://a", "https://b"));
}

TEST_F(SettingsFileTest, AnEmptyFileIsOne) { EXPECT_TRUE(read_settings_file("/dev/null")); }

TEST_F(SettingsFileTest, SaysWhatIsWrongAndWhere) {
  const auto error_of = [&](const std::string& text) {
    const auto file = read_settings_file(folder_.write("bad.toml", text));
    return file ? std::string{"taken"} : file.error().text;
  };
  EXPECT_THAT(error_of("port = 1\nhost = ::\n"), AllOf(HasSubstr("bad.toml, line 2, is no TOML"), HasSubstr("host = \"::\"")));
  EXPECT_THAT(error_of("port = 1\nport = 2\n"), HasSubstr("line 2, is no TOML"));
  EXPECT_THAT(error_of("\n[turn]\nport = 1\n"), AllOf(HasSubstr("\"turn\" in "), HasSubstr("line 2, is no plain value"), HasSubstr("no [sections]")));
  EXPECT_THAT(error_of("port = 2026-11-30\n"), HasSubstr("no plain value"));
}

TEST_F(SettingsFileTest, SaysWhyItCannotBeRead) {
  EXPECT_THAT(read_settings_file(folder_.path("nowhere.toml")).error().text, HasSubstr("There is no settings file"));
  EXPECT_THAT(read_settings_file(folder_.path("")).error().text, HasSubstr("is a folder. Give --config a file in it."));
}

TEST_F(SettingsFileTest, SeesWhetherOthersMayReadIt) {
  using std::filesystem::perms;
  const std::string path = folder_.write("secret.toml", "turn-secret = \"x\"\n");
  std::filesystem::permissions(path, perms::owner_read | perms::owner_write | perms::group_read);
  EXPECT_FALSE(read_settings_file(path)->seen_by_others);
  std::filesystem::permissions(path, perms::others_read, std::filesystem::perm_options::add);
  EXPECT_TRUE(read_settings_file(path)->seen_by_others);
}

}  // namespace
}  // namespace p2p::app
