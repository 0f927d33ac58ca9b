#include "serve/settings_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace p2p::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What the flags of a command line say.
SettingSources parsed(std::vector<std::string> arguments) {
  CLI::App app;
  const auto sources = add_settings_options(app);
  std::ranges::reverse(arguments);
  app.parse(std::move(arguments));
  return sources();
}

TEST(SettingsOptions, GiveTheTextsOfFlagsAndNothingForTheOthers) {
  const SettingSources sources = parsed({"--port", "80", "--allowed-origins", "https://a,https://b", "https://c", "--turn=off", "--config", "x.toml"});
  EXPECT_EQ(sources.flags.size(), 3u);
  EXPECT_THAT(sources.flags.at("port"), ElementsAre("80"));
  EXPECT_THAT(sources.flags.at("allowed-origins"), ElementsAre("https://a,https://b", "https://c"));
  EXPECT_THAT(sources.flags.at("turn"), ElementsAre("off"));
  EXPECT_EQ(sources.config_flag, "x.toml");
}

TEST(SettingsOptions, TakeOneValueForWhatIsNoList) {
  for (const auto& twice : {parsed({"--port", "1", "--port", "2"}), parsed({"--port", "1", "2"})}) {
    EXPECT_THAT(load_settings(twice).error().text, HasSubstr("--port: 2 values are too many: give one."));
  }
}

TEST(SettingsOptions, TakeNoSecretFromACommandLine) {
  const auto loaded = load_settings(parsed({"--turn-secret", "hunter2"}));
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().text, HasSubstr("Set TURN_SECRET in the environment"));
  EXPECT_THAT(loaded.error().text, ::testing::Not(HasSubstr("hunter2")));
}

TEST(SettingsOptions, HelpNamesEverySettingAndItsVariable) {
  CLI::App app;
  (void)add_settings_options(app);
  const std::string help = app.help();
  for (const Setting& setting : settings()) {
    if (!setting.secret) EXPECT_THAT(help, HasSubstr("--" + std::string{setting.name}));
    EXPECT_THAT(help, HasSubstr(std::string{setting.environment}));
  }
}

}  // namespace
}  // namespace p2p::app
