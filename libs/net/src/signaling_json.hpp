#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "directory/messages.hpp"
#include "directory/stream_filter.hpp"
#include "net/stream_key.hpp"
#include "signal_text.hpp"

/// The server's side of docs/signaling.md as text: requests read with every field checked, answers and events written.
namespace p2p::net {

/// What a source says of its stream; nothing: not said.
struct DetailsBody {
  std::optional<std::string> title;
  std::optional<directory::Category> category;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::string> language;   ///< empty: no longer any
  std::optional<bool> listed;

  /// What is said changes, the rest stays.
  [[nodiscard]] directory::StreamDetails applied_to(directory::StreamDetails details) const;
};
struct CreateBody {
  PublicKeyBytes public_key{};
  Signature signature{};
  DetailsBody details;
  PeerSecret peer_secret{};
};
struct JoinBody {
  directory::StreamId stream;
  PeerSecret peer_secret{};
  bool giving = true;
};

[[nodiscard]] Result<CreateBody> parse_create(std::string_view json);
[[nodiscard]] Result<DetailsBody> parse_update(std::string_view json);
[[nodiscard]] Result<JoinBody> parse_join(std::string_view json);
struct CandidatesBody {
  std::vector<PeerId> exclude;
  std::optional<std::uint8_t> rendition;
};
[[nodiscard]] Result<CandidatesBody> parse_candidates(std::string_view json);
[[nodiscard]] Result<directory::StreamFilter> parse_watch(std::string_view json);
[[nodiscard]] Result<SignalBody> parse_signal(std::string_view json);
[[nodiscard]] Result<directory::Report> parse_report(std::string_view json);

[[nodiscard]] std::string to_text(const directory::StreamId& id);
[[nodiscard]] std::string to_json(const directory::StreamInfo& stream);
[[nodiscard]] std::string to_json(const std::vector<directory::StreamInfo>& streams);
/// The fields of an answer that lists streams, without braces.
[[nodiscard]] std::string list_fields(const std::vector<directory::StreamInfo>& streams, std::uint32_t total);
/// The same for a sample.
[[nodiscard]] std::string sample_fields(const directory::MeshSample& sample);
[[nodiscard]] std::string to_json(const std::vector<directory::Candidate>& candidates);
[[nodiscard]] std::string to_json(const std::vector<directory::Standing::Receipt>& receipts);
[[nodiscard]] std::string to_json(const directory::ListChanged& changed);

[[nodiscard]] std::string error_json(std::string_view code, std::string_view message);

}  // namespace p2p::net
