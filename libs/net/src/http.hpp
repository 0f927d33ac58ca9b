#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP/1.1 messages as text; Boost.Beast reads and writes them (http.cpp, the only unit that sees it).
namespace p2p::net {

struct HttpLimits {
  std::size_t head_bytes_max = 8 * 1024;
  std::size_t body_bytes_max = 64 * 1024 + 1024;
};

struct HttpRequest {
  std::string method;
  std::string path;   ///< as sent, without the query
  std::string query;  ///< without '?'
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
  bool keep_alive = true;
  bool upgrade = false;

  /// The first field of this name (any case); empty if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
  /// The value of a query parameter, not decoded; nothing if it is not there.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
  /// Whether a comma-separated field lists this token.
  [[nodiscard]] bool lists(std::string_view field_name, std::string_view token) const;
};

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::string_view lasting_body;  ///< instead of `body`: bytes that outlive the connection
  bool keep_alive = true;
  bool head_only = false;  ///< an answer to HEAD, or 304: Content-Length as if there were a body
};

/// Reads requests from a connection's bytes, one after the other.
class HttpRequestReader {
 public:
  enum class State { kNeedMore, kDone, kFailed };

  explicit HttpRequestReader(HttpLimits limits);
  ~HttpRequestReader();

  /// Appends what was read; kDone: `take` gives the request. Also to be called (with nothing) after `take`, for what followed.
  [[nodiscard]] State put(std::string_view bytes);
  [[nodiscard]] HttpRequest take();
  /// Nothing of a next request was read.
  [[nodiscard]] bool idle() const;
  /// What followed the request, when the connection speaks another protocol from there on.
  [[nodiscard]] std::string take_rest();
  /// After kFailed: the status to answer with.
  [[nodiscard]] int failure_status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The status line and fields; `Content-Length`, `Connection` and `Date` are added (no length for 101 and 204).
[[nodiscard]] std::string response_head(const HttpResponse& response);

/// A client's request without a body, fields in this order.
[[nodiscard]] std::string request_head(std::string_view target, const std::vector<std::pair<std::string, std::string>>& fields);

/// The head of a server's answer to a client.
struct HttpAnswerHead {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::size_t bytes = 0;  ///< how much of the text it took
  [[nodiscard]] std::string_view field(std::string_view name) const;
};
enum class HttpAnswerState { kNeedMore, kDone, kFailed };
[[nodiscard]] HttpAnswerState parse_answer_head(std::string_view text, HttpAnswerHead& head);

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace p2p::net
