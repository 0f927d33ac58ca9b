#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace p2p::app::testing_support {

/// A folder of a test's own, with files in it, gone afterwards.
class SettingsFolder {
 public:
  SettingsFolder() : path_{testing::TempDir() + "p2p_settings_" + std::to_string(getpid()) + "_" + std::to_string(++made_)} { std::filesystem::create_directories(path_); }
  ~SettingsFolder() { std::filesystem::remove_all(path_); }
  SettingsFolder(const SettingsFolder&) = delete;
  SettingsFolder& operator=(const SettingsFolder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Gives the path.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{path(name)} << text;
    return path(name);
  }

 private:
  static inline int made_ = 0;
  std::string path_;
};

}  // namespace p2p::app::testing_support
