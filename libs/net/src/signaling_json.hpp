#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "directory/messages.hpp"
#include "net/stream_key.hpp"
#include "signal_text.hpp"

/// The server's side of docs/signaling.md as text: requests read with every field checked, answers and events written.
namespace p2p::net {

struct CreateBody {
  PublicKeyBytes public_key{};
  Signature signature{};
  std::string title;
  PeerSecret peer_secret{};
};
struct JoinBody {
  directory::StreamId stream;
  PeerSecret peer_secret{};
  bool giving = true;
};

[[nodiscard]] Result<CreateBody> parse_create(std::string_view json);
[[nodiscard]] Result<std::string> parse_update(std::string_view json);
[[nodiscard]] Result<JoinBody> parse_join(std::string_view json);
struct CandidatesBody {
  std::vector<PeerId> exclude;
  std::optional<std::uint8_t> rendition;
};
[[nodiscard]] Result<CandidatesBody> parse_candidates(std::string_view json);
[[nodiscard]] Result<SignalBody> parse_signal(std::string_view json);
[[nodiscard]] Result<directory::Report> parse_report(std::string_view json);

[[nodiscard]] std::string to_text(const directory::StreamId& id);
[[nodiscard]] std::string to_json(const directory::StreamInfo& stream);
[[nodiscard]] std::string to_json(const std::vector<directory::StreamInfo>& streams);
[[nodiscard]] std::string to_json(const std::vector<directory::Candidate>& candidates);
[[nodiscard]] std::string to_json(const std::vector<directory::Standing::Receipt>& receipts);
[[nodiscard]] std::string to_json(const directory::ListChanged& changed);

[[nodiscard]] std::string error_json(std::string_view code, std::string_view message);

}  // namespace p2p::net
