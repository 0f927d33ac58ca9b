#include "net/http_probe.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <charconv>

#include "client_stream.hpp"
#include "http.hpp"
#include "net/stream_key.hpp"
#include "socketio/base64.hpp"
#include "socketio/websocket_handshake.hpp"

namespace p2p::net {
namespace {

constexpr std::size_t kHeadBytesMax = 32 * 1024;

/// The bytes of an answer as they come.
class Answer {
 public:
  explicit Answer(bool web_socket) : web_socket_{web_socket} {}

  /// An empty span is the end. True: nothing more is wanted.
  bool put(std::string_view bytes) {
    if (bytes.empty()) return true;
    text_.append(bytes);
    if (!head_done_) {
      const HttpAnswerState state = parse_answer_head(text_, head_);
      failed_ = state == HttpAnswerState::kFailed || (state == HttpAnswerState::kNeedMore && text_.size() > kHeadBytesMax);
      if (failed_) return true;
      if (state == HttpAnswerState::kNeedMore) return false;
      head_done_ = true;
      text_.erase(0, head_.bytes);
    }
    return text_.size() >= wanted();
  }
  [[nodiscard]] bool is_http() const { return head_done_ && !failed_; }
  [[nodiscard]] HttpProbeAnswer take() { return {.status = head_.status, .fields = std::move(head_.fields), .body = text_.substr(0, HttpProbeAnswer::kBodyBytesMax), .certificate_ends = {}}; }
  [[nodiscard]] const HttpAnswerHead& head() const { return head_; }

 private:
  /// How much of a body is to be waited for; where the head does not say, the server closes.
  [[nodiscard]] std::size_t wanted() const {
    if (web_socket_ && head_.status == 101) return 1;
    const std::string_view length = head_.field("Content-Length");
    std::size_t bytes = HttpProbeAnswer::kBodyBytesMax;
    if (!length.empty()) std::from_chars(length.data(), length.data() + length.size(), bytes);
    if (head_.status == 204 || head_.status == 304) bytes = 0;
    return std::min(bytes, HttpProbeAnswer::kBodyBytesMax);
  }

  bool web_socket_;
  bool head_done_ = false;
  bool failed_ = false;
  std::string text_;
  HttpAnswerHead head_;
};

std::string request_of(const HttpProbe& probe, const std::string& key) {
  const std::string origin = probe.server.origin();
  std::vector<std::pair<std::string, std::string>> fields{{"Host", origin.substr(origin.find("://") + 3)}};
  if (probe.web_socket) {
    fields.insert(fields.end(), {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Key", key}, {"Sec-WebSocket-Version", "13"}});
  } else {
    fields.emplace_back("Connection", "close");
  }
  fields.insert(fields.end(), probe.fields.begin(), probe.fields.end());
  return request_head(probe.target, fields);
}

}  // namespace

std::string_view HttpProbeAnswer::field(std::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return {};
}

Result<HttpProbeAnswer> probe_http(const HttpProbe& probe) {
  ClientTrust trust{.ca_file = probe.tls.ca_file, .fingerprint = {}};
  if (!probe.tls.fingerprint.empty()) {
    const auto fingerprint = parse_fingerprint(probe.tls.fingerprint);
    if (!fingerprint) return std::unexpected{fingerprint.error()};
    trust.fingerprint = *fingerprint;
  }
  std::array<std::byte, 16> nonce{};
  fill_random(nonce);
  const std::string key = socketio::to_base64(nonce);
  boost::asio::io_context io{1};
  const auto stream = std::make_shared<ClientStream>(io, probe.server, trust);
  Answer answer{probe.web_socket};
  std::optional<Error> error;
  bool done = false;
  std::optional<std::chrono::sys_seconds> certificate_ends;
  stream->open([&](std::optional<Error> failed) {
    error = std::move(failed);
    done = error.has_value();
    if (done) return;
    certificate_ends = stream->certificate_ends();
    stream->write(request_of(probe, key));
    stream->read([&](std::span<std::byte> bytes) { done |= answer.put(as_text(bytes)); });
  });
  const auto until = std::chrono::steady_clock::now() + probe.timeout;
  while (!done && io.run_one_until(until) > 0) {
  }
  stream->close();
  io.restart();
  io.poll();   // what was cancelled lets go of the stream
  if (error) return std::unexpected{*error};
  const std::string origin = probe.server.origin();
  if (!answer.is_http() && !done) {
    return fail(fmt::format("{} gives no answer within {} s. Check the address, and whether a firewall drops what goes there.", origin,
                            std::chrono::duration_cast<std::chrono::seconds>(probe.timeout).count()));
  }
  if (!answer.is_http()) return fail(fmt::format("What answers at {} does not speak HTTP. Check the address.", origin));
  if (probe.web_socket && answer.head().status == 101 && answer.head().field("Sec-WebSocket-Accept") != socketio::websocket_accept(key)) {
    return fail(fmt::format("What answers at {} confuses WebSocket handshakes: its Sec-WebSocket-Accept belongs to another request.", origin));
  }
  HttpProbeAnswer taken = answer.take();
  taken.certificate_ends = certificate_ends;
  return taken;
}

}  // namespace p2p::net
