#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "p2p-core/output.hpp"

namespace p2p::app {

/// A line of JSON for each part that a player would have got: how late it was and whether parts before it are missing.
class PartsLog {
 public:
  [[nodiscard]] static Result<PartsLog> open(const std::string& path);

  /// Written out at once, so that a program that follows the file sees it. Some five small lines a second.
  void put(const mesh::PlayPart& play, WallTime received);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit PartsLog(std::FILE* file) : file_{file} {}

  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace p2p::app
