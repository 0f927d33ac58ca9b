#include "peer/parts_log.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>

#include "peer/say.hpp"

namespace p2p::app {
namespace {

std::int64_t millis(auto time) { return time / 1ms; }

}  // namespace

Result<PartsLog> PartsLog::open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (!file) return fail(fmt::format("Cannot write {}: {}.", path, std::strerror(errno)));
  return PartsLog{file};
}

WallTime PartsLog::wall_now() {
  return WallTime{std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())};
}

void PartsLog::put(const mesh::PlayPart& play, WallTime received) {
  const mesh::Part& part = play.part;
  say(file_.get(),
      R"({{"segment":{},"part":{},"mediaTimeMs":{},"durationMs":{},"bytes":{},"capturedMs":{},"verifiedMs":{},"receivedMs":{},"discontinuous":{}}})"
      "\n",
      part.id.segment, part.id.part, millis(part.media_time), millis(part.duration), part.bytes.size(),
      millis(part.captured.time_since_epoch()), millis((received - play.whole_for).time_since_epoch()), millis(received.time_since_epoch()), play.discontinuous);
}

}  // namespace p2p::app
