#include "signal_text.hpp"

#include "base/hex.hpp"
#include "socketio/json_text.hpp"

namespace p2p::net {
namespace {

using socketio::JsonMembers;

/// The strings of a signal's data with their quotes; empty: not there.
struct Data {
  std::string_view type;
  std::string_view sdp;
  std::string_view candidate;
  std::string_view mid;
  std::string_view reason;
  std::string_view association;
};

/// At most `bytes_max` bytes when read, since that makes no plain string longer.
bool take_plain(std::string_view& text, std::size_t bytes_max, std::string_view& to) {
  const std::optional<socketio::JsonString> string = socketio::take_json_string(text);
  if (!string || string->has_code_points || string->quoted.size() - 2 > bytes_max) return false;
  to = string->quoted;
  return true;
}

bool take_association(std::string_view& text, std::string_view& to) {
  const std::optional<std::string_view> number = socketio::take_json_value(text);
  if (!number || number->size() != 1 || number->front() < '0' || number->front() > '0' + kAssociationMax) return false;
  to = *number == "0" ? std::string_view{} : *number;
  return true;
}

bool take_data(std::string_view& text, Data& data) {
  JsonMembers members{text};
  while (const std::optional<std::string_view> name = members.next()) {
    bool taken = false;
    if (*name == "type") {
      constexpr std::size_t kTypeBytesMax = 16;
      taken = take_plain(text, kTypeBytesMax, data.type);
    } else if (*name == "sdp") {
      taken = take_plain(text, kSdpBytesMax, data.sdp);
    } else if (*name == "candidate") {
      taken = take_plain(text, kCandidateBytesMax, data.candidate);
    } else if (*name == "mid") {
      taken = take_plain(text, kMidBytesMax, data.mid);
    } else if (*name == "reason") {
      taken = take_plain(text, kReasonBytesMax, data.reason);
    } else if (*name == "association") {
      taken = take_association(text, data.association);
    } else {
      taken = name->find('\\') == std::string_view::npos && socketio::take_json_value(text);
    }
    if (!taken) return false;
  }
  return members.complete();
}

void append_member(std::string& out, std::string_view name, std::string_view value) { out.append(",\"").append(name).append("\":").append(value); }

/// The known fields of the signal's type, if they are all there.
std::optional<std::string> known_fields(const Data& data) {
  std::string out;
  out.reserve(data.sdp.size() + data.candidate.size() + data.mid.size() + data.reason.size() + 80);
  out.append("{\"type\":").append(data.type);
  if (data.type == "\"offer\"" || data.type == "\"answer\"") {
    if (data.sdp.empty()) return std::nullopt;
    append_member(out, "sdp", data.sdp);
  } else if (data.type == "\"candidate\"") {
    if (data.candidate.empty() || data.mid.empty()) return std::nullopt;
    append_member(out, "candidate", data.candidate);
    append_member(out, "mid", data.mid);
  } else if (data.type == "\"bye\"") {
    if (data.reason.empty()) return std::nullopt;
    append_member(out, "reason", data.reason);
  } else {
    return std::nullopt;
  }
  if (!data.association.empty()) append_member(out, "association", data.association);
  out.push_back('}');
  return out;
}

}  // namespace

std::optional<SignalBody> read_plain_signal(std::string_view json) {
  std::optional<PeerId> to;
  std::optional<Data> data;
  JsonMembers members{json};
  while (const std::optional<std::string_view> name = members.next()) {
    if (*name == "to") {
      std::string_view id;
      if (!take_plain(json, 16, id)) return std::nullopt;
      to = parse_peer_id(id.substr(1, id.size() - 2));
      if (!to) return std::nullopt;
    } else if (*name == "data") {
      data.emplace();
      if (!take_data(json, *data)) return std::nullopt;
    } else if (name->find('\\') != std::string_view::npos || !socketio::take_json_value(json)) {
      return std::nullopt;
    }
  }
  if (!members.complete() || json.find_first_not_of(" \t\r\n") != std::string_view::npos || !to || !data) return std::nullopt;
  std::optional<std::string> text = known_fields(*data);
  if (!text) return std::nullopt;
  return SignalBody{*to, std::move(*text)};
}

}  // namespace p2p::net
