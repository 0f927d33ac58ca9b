#include "watch/mp4_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace p2p::app {

Result<Mp4Output> Mp4Output::open(const std::string& name) {
  if (name == "-") return Mp4Output{STDOUT_FILENO, "standard output", false};
  const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return fail("The file '" + name + "' cannot be written: " + std::strerror(errno) + ". Choose another with -o.");
  return Mp4Output{descriptor, "'" + name + "'", true};
}

Mp4Output::Mp4Output(Mp4Output&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)},
      name_{std::move(other.name_)},
      owned_{other.owned_},
      rendition_{other.rendition_},
      waits_for_key_{other.waits_for_key_},
      bytes_{other.bytes_},
      media_written_{other.media_written_} {}

Mp4Output::~Mp4Output() {
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
}

std::optional<Error> Mp4Output::begin(const mesh::Rendition& rendition) {
  if (rendition_) return std::nullopt;
  rendition_ = rendition.id;
  return write(rendition.init.view());
}

std::optional<Error> Mp4Output::add(const mesh::Part& part, bool discontinuous) {
  if (part.id.rendition != rendition_) return std::nullopt;
  if (discontinuous) waits_for_key_ = true;
  if (waits_for_key_ && !part.independent) return std::nullopt;
  waits_for_key_ = false;
  media_written_ += part.duration;
  for (const Payload& strand : part.bytes.strands()) {
    if (auto error = write(strand.view())) return error;
  }
  return std::nullopt;
}

std::optional<Error> Mp4Output::write(BytesView bytes) {
  bytes_ += static_cast<std::int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EPIPE) return Error{"The program that read " + name_ + " has ended."};
    if (put < 0) return Error{"Writing to " + name_ + " failed: " + std::strerror(errno) + "."};
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return std::nullopt;
}

}  // namespace p2p::app
