#include "peer/signal_json.hpp"

#include <boost/json.hpp>

#include "p2p-core/types.hpp"

namespace p2p::app {
namespace {

namespace json = boost::json;

std::optional<std::string> text_of(const json::object& object, std::string_view key, std::size_t bytes_max) {
  const json::value* value = object.if_contains(key);
  if (!value || !value->is_string() || value->get_string().size() > bytes_max) return std::nullopt;
  return std::string{std::string_view{value->get_string()}};
}

struct Writer {
  json::object operator()(const transport::SignalOffer& s) const { return {{"type", "offer"}, {"sdp", s.sdp}}; }
  json::object operator()(const transport::SignalAnswer& s) const { return {{"type", "answer"}, {"sdp", s.sdp}}; }
  json::object operator()(const transport::SignalCandidate& s) const {
    return {{"type", "candidate"}, {"candidate", s.candidate}, {"mid", s.mid}};
  }
  json::object operator()(const transport::SignalBye& s) const {
    return {{"type", "bye"}, {"reason", s.reason.substr(0, transport::kByeReasonBytesMax)}};
  }
};

std::optional<std::uint8_t> association_of(const json::object& object) {
  const json::value* value = object.if_contains("association");
  if (!value) return 0;
  if (!value->is_int64() || value->get_int64() < 0 || value->get_int64() >= mesh::kAssociationsMax) return std::nullopt;
  return static_cast<std::uint8_t>(value->get_int64());
}

}  // namespace

std::string to_json(const transport::Signal& signal) {
  json::object object = std::visit(Writer{}, signal);
  const std::uint8_t association = std::visit([](const auto& one) { return one.association; }, signal);
  if (association > 0) object["association"] = association;
  return json::serialize(object);
}

std::optional<transport::Signal> parse_signal(std::string_view text) {
  constexpr std::size_t kMidBytesMax = 64;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  const json::object& object = value.get_object();
  const auto type = text_of(object, "type", 16);
  const auto association = association_of(object);
  if (!type || !association) return std::nullopt;
  if (*type == "offer" || *type == "answer") {
    auto sdp = text_of(object, "sdp", transport::kSdpBytesMax);
    if (!sdp) return std::nullopt;
    if (*type == "offer") return transport::SignalOffer{std::move(*sdp), *association};
    return transport::SignalAnswer{std::move(*sdp), *association};
  }
  if (*type == "candidate") {
    auto candidate = text_of(object, "candidate", transport::kCandidateBytesMax);
    auto mid = text_of(object, "mid", kMidBytesMax);
    if (!candidate || !mid) return std::nullopt;
    return transport::SignalCandidate{std::move(*candidate), std::move(*mid), *association};
  }
  if (*type == "bye") {
    auto reason = text_of(object, "reason", transport::kByeReasonBytesMax);
    return transport::SignalBye{reason.value_or(""), *association};
  }
  return std::nullopt;
}

}  // namespace p2p::app
