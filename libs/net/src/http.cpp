#include "http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <ctime>

namespace p2p::net {
namespace {

namespace http = boost::beast::http;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string_view find_field(const Fields& fields, std::string_view name) {
  const auto found = std::ranges::find_if(fields, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
  return found == fields.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

template <bool IsRequest, typename Body>
std::string head_text(http::message<IsRequest, Body, http::fields>& message) {
  http::serializer<IsRequest, Body, http::fields> serializer{message};
  std::string text;
  boost::beast::error_code error;
  serializer.split(true);
  serializer.next(error, [&](boost::beast::error_code&, const auto& buffers) {
    for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
      text.append(static_cast<const char*>(buffer.data()), buffer.size());
    }
  });
  return text;
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view HttpRequest::field(std::string_view name) const { return find_field(fields, name); }
std::string_view HttpAnswerHead::field(std::string_view name) const { return find_field(fields, name); }

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=') return pair.substr(name.size() + 1);
  }
  return std::nullopt;
}

bool HttpRequest::lists(std::string_view field_name, std::string_view token) const {
  std::string_view rest = field(field_name);
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), item.size() + 1));
    if (equal_ignoring_case(trimmed(item), token)) return true;
  }
  return false;
}

struct HttpRequestReader::Impl {
  explicit Impl(HttpLimits with) : limits{with} { restart(); }

  void restart() {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(limits.head_bytes_max));
    parser->body_limit(limits.body_bytes_max);
    parser->eager(true);
  }

  HttpLimits limits;
  std::optional<http::request_parser<http::string_body>> parser;
  std::string pending;
  bool failed = false;  // the parser is of no use after an error
  int failure = 400;
};

HttpRequestReader::HttpRequestReader(HttpLimits limits) : impl_{std::make_unique<Impl>(limits)} {}
HttpRequestReader::~HttpRequestReader() = default;

HttpRequestReader::State HttpRequestReader::put(std::string_view bytes) {
  if (impl_->failed) return State::kFailed;
  impl_->pending.append(bytes);
  boost::beast::error_code error;
  while (!impl_->pending.empty() && !impl_->parser->is_done()) {
    const std::size_t used = impl_->parser->put(boost::asio::buffer(impl_->pending), error);
    impl_->pending.erase(0, used);
    if (error == http::error::need_more) break;
    if (error) {
      impl_->failed = true;
      impl_->failure = error == http::error::header_limit ? 431 : error == http::error::body_limit ? 413 : 400;
      return State::kFailed;
    }
  }
  return impl_->parser->is_done() ? State::kDone : State::kNeedMore;
}

HttpRequest HttpRequestReader::take() {
  auto& message = impl_->parser->get();
  HttpRequest request;
  request.method = view(message.method_string());
  const std::string_view target = view(message.target());
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
  request.keep_alive = message.keep_alive();
  request.upgrade = impl_->parser->upgrade();
  for (const auto& field : message) request.fields.emplace_back(view(field.name_string()), view(field.value()));
  request.body = std::move(message.body());
  impl_->restart();
  return request;
}

bool HttpRequestReader::idle() const { return impl_->pending.empty() && !impl_->parser->got_some(); }
std::string HttpRequestReader::take_rest() { return std::move(impl_->pending); }
int HttpRequestReader::failure_status() const { return impl_->failure; }

std::string response_head(const HttpResponse& response) {
  http::response<http::empty_body> message{http::int_to_status(static_cast<unsigned>(response.status)), 11};
  for (const auto& [name, value] : response.fields) message.insert(name, value);
  message.set(http::field::date, http_date());
  if (response.status != 101) {
    message.set(http::field::connection, response.keep_alive ? "keep-alive" : "close");
    if (response.status != 204) {
      message.set(http::field::content_length, std::to_string(std::max(response.body.size(), response.lasting_body.size())));
    }
  }
  return head_text(message);
}

std::string request_head(std::string_view target, const Fields& fields) {
  http::request<http::empty_body> message{http::verb::get, {target.data(), target.size()}, 11};
  for (const auto& [name, value] : fields) message.insert(name, value);
  return head_text(message);
}

HttpAnswerState parse_answer_head(std::string_view text, HttpAnswerHead& head) {
  http::response_parser<http::empty_body> parser;
  parser.header_limit(8 * 1024);
  boost::beast::error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(text), error);
  if (error == http::error::need_more) return HttpAnswerState::kNeedMore;
  if (error || !parser.is_header_done()) return HttpAnswerState::kFailed;
  head.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) head.fields.emplace_back(view(field.name_string()), view(field.value()));
  head.bytes = used;
  return HttpAnswerState::kDone;
}

}  // namespace p2p::net
