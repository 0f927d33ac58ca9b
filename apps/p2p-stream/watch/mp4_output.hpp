#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "p2p-core/types.hpp"

namespace p2p::app {

/// Writes what a viewer receives as one fragmented MP4, to a file or, with the name "-", to standard output.
///
/// Always holds: what is written so far plays. It begins with a key frame; after lost parts it goes on with the next key frame, and
/// the times of the fragments keep the hole. One rendition only, the first that comes: another has another header, which a
/// file cannot take up halfway.
class Mp4Output {
 public:
  [[nodiscard]] static Result<Mp4Output> open(const std::string& name);
  Mp4Output(Mp4Output&& other) noexcept;
  Mp4Output& operator=(Mp4Output&&) = delete;
  ~Mp4Output();

  // Each says what went wrong with the file; then nothing more can be written.
  [[nodiscard]] std::optional<Error> begin(const mesh::Rendition& rendition);
  [[nodiscard]] std::optional<Error> add(const mesh::Part& part, bool discontinuous);

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  [[nodiscard]] Duration media_written() const { return media_written_; }

 private:
  Mp4Output(int descriptor, std::string name, bool owned) : descriptor_{descriptor}, name_{std::move(name)}, owned_{owned} {}
  [[nodiscard]] std::optional<Error> write(BytesView bytes);

  int descriptor_;
  std::string name_;
  bool owned_;
  std::optional<mesh::RenditionId> rendition_;
  bool waits_for_key_ = true;
  std::int64_t bytes_ = 0;
  Duration media_written_{};
};

}  // namespace p2p::app
