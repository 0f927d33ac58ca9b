#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/signaling_client.hpp"

/// The client's side of docs/signaling.md as text. The server is remote, too: what it says is checked field by field.
namespace p2p::net {

struct Hello {
  std::string nonce;
  std::vector<IceServer> ice_servers;
};
struct SignalFrom {
  PeerId from;
  std::uint32_t network = 0;
  std::string data_json;
};
struct SourceNews {
  bool online = false;
  std::optional<PeerId> source;
};

/// Why the server refused.
struct Refused {
  std::string code;
  std::string message;
};

[[nodiscard]] std::string create_json(const StreamKey& key, std::string_view nonce, const SignalingDetails& details, const PeerSecret& secret);
[[nodiscard]] std::string join_json(std::string_view stream_id, const PeerSecret& secret, bool giving);
/// The image is the attachment.
[[nodiscard]] std::string_view thumbnail_json();
[[nodiscard]] std::string update_json(const SignalingDetails& details);
[[nodiscard]] std::string signal_json(PeerId to, std::string_view data_json);
[[nodiscard]] std::string report_json(const SignalingReport& report);
[[nodiscard]] std::string exclude_json(const std::vector<PeerId>& exclude, std::optional<std::uint8_t> rendition = std::nullopt);

/// The refusal that an acknowledgement is, if it is one.
[[nodiscard]] std::optional<Refused> refusal_in(std::string_view json);

[[nodiscard]] Result<Hello> parse_hello(std::string_view json);
/// Of an answer to create, join or ice:servers; nothing when it has none (a server of before).
[[nodiscard]] Result<std::optional<SignalingIceServers>> parse_ice_answer(std::string_view json);
[[nodiscard]] Result<SignalingCreated> parse_created(std::string_view json);
/// Refuses an answer whose key is not that of the stream that was asked for.
[[nodiscard]] Result<SignalingJoined> parse_joined(std::string_view json, std::string_view stream_id);
[[nodiscard]] Result<std::vector<SignalingCandidate>> parse_candidate_list(std::string_view json);
[[nodiscard]] Result<SignalingStanding> parse_standing(std::string_view json);
[[nodiscard]] Result<SignalFrom> parse_signal_from(std::string_view json);
[[nodiscard]] Result<SourceNews> parse_source_news(std::string_view json);
[[nodiscard]] Result<std::string> parse_end_reason(std::string_view json);
[[nodiscard]] Result<Duration> parse_back_within(std::string_view json);

}  // namespace p2p::net
