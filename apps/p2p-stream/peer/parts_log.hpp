#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "p2p-core/output.hpp"

namespace p2p::app {

/// A line of JSON for each part: of a viewer when a player would have got it and whether parts before it are missing, of a source when
/// it was made.
class PartsLog {
 public:
  [[nodiscard]] static Result<PartsLog> open(const std::string& path);

  /// Received, or made, now. Written out at once, so that a program that follows the file sees it: some five small lines a second.
  void put(const mesh::PlayPart& play) { put(play, wall_now()); }
  void put(const mesh::PlayPart& play, WallTime received);

 private:
  static WallTime wall_now();
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit PartsLog(std::FILE* file) : file_{file} {}

  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace p2p::app
