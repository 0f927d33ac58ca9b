#include "serve/load_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "serve/testing/settings_folder.hpp"

namespace p2p::app {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LoadSettingsTest : public testing::Test {
 protected:
  LoadSettingsTest() {
    sources_.default_file = folder_.path("none.toml");
    sources_.environment = [this](const char* name) -> const char* {
      const auto found = environment_.find(name);
      return found == environment_.end() ? nullptr : found->second.c_str();
    };
  }
  void file(const std::string& text) { sources_.config_flag = folder_.write("settings.toml", text); }
  [[nodiscard]] std::string error() const {
    const auto loaded = load_settings(sources_);
    return loaded ? std::string{"taken"} : loaded.error().text;
  }

  testing_support::SettingsFolder folder_;
  std::map<std::string, std::string, std::less<>> environment_;
  SettingSources sources_;
};

TEST_F(LoadSettingsTest, WithoutAnyTheDefaultsHold) {
  const auto loaded = load_settings(sources_);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.port, 3001);
  EXPECT_EQ(loaded->settings.host, "0.0.0.0");
  EXPECT_EQ(loaded->settings.connections_max, 50'000u);
  EXPECT_EQ(loaded->settings.turn.bandwidth_bits_per_s, 20'000'000);
  EXPECT_EQ(loaded->settings.turn.lifetime, Duration{6h});
  EXPECT_FALSE(loaded->settings.turn.port);
  EXPECT_EQ(log_format_of(loaded->settings), "text");
  EXPECT_THAT(loaded->origins, IsEmpty());
  EXPECT_EQ(loaded->file, "");
}

/// Each way to say it beats those that follow, for every setting there is.
TEST_F(LoadSettingsTest, AFlagBeatsTheEnvironmentTheEnvironmentTheFileAndTheFileTheDefault) {
  file("port = 1\nallowed-origins = [\"https://file\", \"https://file2\"]\nturn = false\nlog-level = \"debug\"\n");
  auto loaded = load_settings(sources_);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.port, 1);
  EXPECT_THAT(loaded->settings.allowed_origins, ElementsAre("https://file", "https://file2"));
  EXPECT_EQ(loaded->settings.turn.enabled, false);
  EXPECT_THAT(loaded->origins["port"], HasSubstr("port in " + sources_.config_flag + ", line 1"));
  environment_ = {{"PORT", "2"}, {"ALLOWED_ORIGINS", "https://environment"}, {"TURN_ENABLED", "on"}};
  loaded = load_settings(sources_);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.port, 2);
  EXPECT_THAT(loaded->settings.allowed_origins, ElementsAre("https://environment"));
  EXPECT_EQ(loaded->settings.turn.enabled, true);
  EXPECT_EQ(loaded->settings.log_level, "debug");
  EXPECT_EQ(loaded->origins["port"], "PORT in the environment");
  sources_.flags = {{"port", {"3"}}, {"allowed-origins", {"https://flag,https://flag2", "https://flag3"}}};
  loaded = load_settings(sources_);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.port, 3);
  EXPECT_THAT(loaded->settings.allowed_origins, ElementsAre("https://flag", "https://flag2", "https://flag3"));
  EXPECT_EQ(loaded->settings.turn.enabled, true);
  EXPECT_EQ(loaded->origins["port"], "--port");
}

TEST_F(LoadSettingsTest, AnEmptyVariableIsNone) {
  environment_ = {{"PORT", ""}, {"NODE_ENV", ""}, {"P2P_STREAM_CONFIG", ""}};
  EXPECT_EQ(load_settings(sources_)->settings.port, 3001);
}

TEST_F(LoadSettingsTest, ABadValueIsNamedWithItsPlace) {
  file("port = 1\nturn-lifetime = \"long\"\n");
  EXPECT_EQ(error(), "turn-lifetime in " + sources_.config_flag + ", line 2: \"long\" is no number of hours from 0.001 to 720.");
  environment_["TURN_LIFETIME"] = "longer";
  EXPECT_EQ(error(), "TURN_LIFETIME in the environment: \"longer\" is no number of hours from 0.001 to 720.");
  sources_.flags["turn-lifetime"] = {"longest"};
  EXPECT_EQ(error(), "--turn-lifetime: \"longest\" is no number of hours from 0.001 to 720.");
}

TEST_F(LoadSettingsTest, AnUnknownKeyIsAnErrorWithTheNearestName) {
  const auto error_of = [&](const std::string& text) {
    file(text);
    return error();
  };
  EXPECT_THAT(error_of("prot = 1\n"), AllOf(HasSubstr("There is no setting \"prot\""), HasSubstr("line 1"), HasSubstr("Did you mean port?")));
  EXPECT_THAT(error_of("TURN_SERVER_URL = \"turn:a\"\n"), HasSubstr("Did you mean turn-server-url?"));
  EXPECT_THAT(error_of("NODE_ENV = \"production\"\n"), HasSubstr("Did you mean mode?"));
  EXPECT_THAT(error_of("allowed_origin = \"*\"\n"), HasSubstr("Did you mean allowed-origins?"));
  EXPECT_THAT(error_of("bananas = 1\n"), HasSubstr("serve --help"));
}

TEST_F(LoadSettingsTest, TheFileIsTheOneThatIsNamedElseTheDefaultIfItIsThere) {
  sources_.default_file = folder_.write("default.toml", "port = 1\n");
  EXPECT_EQ(load_settings(sources_)->file, sources_.default_file);
  environment_["P2P_STREAM_CONFIG"] = folder_.write("environment.toml", "port = 2\n");
  EXPECT_EQ(load_settings(sources_)->settings.port, 2);
  sources_.config_flag = "/dev/null";
  EXPECT_EQ(load_settings(sources_)->settings.port, 3001);
  sources_.config_flag = folder_.path("nowhere.toml");
  EXPECT_THAT(error(), HasSubstr("There is no settings file"));
}

TEST_F(LoadSettingsTest, ASecretThatOthersMayReadIsWarnedOfAndNeverShown) {
  using std::filesystem::perms;
  file("turn-secret = \"hunter2\"\nturn-server-url = \"turn:turn.example\"\n");
  std::filesystem::permissions(sources_.config_flag, perms::owner_read | perms::others_read);
  auto loaded = load_settings(sources_);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->settings.turn.secret, "hunter2");
  EXPECT_THAT(loaded->warnings, ElementsAre(AllOf(HasSubstr("chmod o= "), ::testing::Not(HasSubstr("hunter2")))));
  std::filesystem::permissions(sources_.config_flag, perms::owner_read);
  EXPECT_THAT(load_settings(sources_)->warnings, IsEmpty());
}

TEST_F(LoadSettingsTest, CredentialsOnTheCommandLineAreWarnedOf) {
  sources_.flags["ice-servers"] = {R"([{"urls":["turn:turn.example"],"username":"u","credential":"hunter2"}])"};
  const auto loaded = load_settings(sources_);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_THAT(loaded->warnings, ElementsAre(HasSubstr("Set ICE_SERVERS")));
}

TEST_F(LoadSettingsTest, ProductionLogsJsonUnlessToldOtherwise) {
  environment_["NODE_ENV"] = "production";
  EXPECT_TRUE(load_settings(sources_)->settings.production);
  EXPECT_EQ(log_format_of(load_settings(sources_)->settings), "json");
  environment_["LOG_FORMAT"] = "text";
  EXPECT_EQ(log_format_of(load_settings(sources_)->settings), "text");
  environment_["NODE_ENV"] = "prodution";
  EXPECT_EQ(error(), "NODE_ENV in the environment: \"prodution\" is unknown. Give development or production.");
}

TEST_F(LoadSettingsTest, TheExampleOfTheRepositoryIsTaken) {
  sources_.config_flag = P2P_SOURCE_DIR "/deploy/p2p-stream.toml";
  EXPECT_TRUE(load_settings(sources_)) << error();
}

TEST(SettingsTable, EverySettingHasAllItsNamesOnceAndADefaultThatCanBeRead) {
  std::set<std::string_view> names;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_TRUE(names.insert(setting.environment).second) << setting.environment;
    EXPECT_FALSE(setting.help.empty() || setting.group.empty() || setting.value.empty() || setting.read == nullptr) << setting.name;
    EXPECT_NE(setting.help.back(), '.') << setting.name;
    EXPECT_EQ(find_setting(setting.name), &setting);
    ServeSettings into;
    if (!setting.preset.empty()) EXPECT_TRUE(setting.read(into, {std::string{setting.preset}})) << setting.name;
  }
}

}  // namespace
}  // namespace p2p::app
