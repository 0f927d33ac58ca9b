#include "peer/parts_log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace p2p::app {
namespace {

TEST(PartsLog, HasALineForEachPartAsSoonAsItIsThere) {
  const auto path = std::filesystem::temp_directory_path() / ("parts-log-" + std::to_string(::getpid()));
  auto log = PartsLog::open(path);
  ASSERT_TRUE(log) << log.error().text;
  mesh::PlayPart play;
  play.part.id = {{}, 3, 4};
  play.part.duration = 200ms;
  play.part.captured = WallTime{5000ms};
  play.discontinuous = true;
  play.whole_for = 15ms;
  log->put(play, WallTime{5040ms});
  std::ifstream file{path};
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(line, R"({"segment":3,"part":4,"mediaTimeMs":0,"durationMs":200,"bytes":0,"capturedMs":5000,"verifiedMs":5025,"receivedMs":5040,"discontinuous":true})");
  std::filesystem::remove(path);
}

TEST(PartsLog, AFileThatCannotBeWrittenIsNamed) {
  const auto log = PartsLog::open("/nowhere/parts.json");
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().text.find("/nowhere/parts.json"), std::string::npos);
}

}  // namespace
}  // namespace p2p::app
