#include "net/log.hpp"

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "log_line.hpp"
#include "socketio/json_text.hpp"

namespace p2p::net {
namespace {

// spdlog carries one text. Fields follow the message in it, each after a separator that no text holds by then.
constexpr char kTextField = '\x1e';
constexpr char kNumberField = '\x1f';
constexpr char kValue = '\x1d';

std::string without_controls(std::string_view text) {
  std::string clean{text};
  std::ranges::replace_if(clean, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return clean;
}

std::string utc(spdlog::log_clock::time_point at) {
  const std::time_t seconds = spdlog::log_clock::to_time_t(at);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count() % 1'000;
  const std::string digits = std::to_string(1'000 + ms);
  return std::string{text.data(), size} + "." + digits.substr(1) + "Z";
}

class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_{format} {}

  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    std::string_view rest{line.payload.data(), line.payload.size()};
    const std::string_view level{spdlog::level::to_string_view(line.level).data(), spdlog::level::to_string_view(line.level).size()};
    const std::string message = without_controls(take(rest));
    std::string text = format_ == LogFormat::kText
                           ? utc(line.time) + " " + std::string{level} + " " + message
                           : R"({"time":")" + utc(line.time) + R"(","level":")" + std::string{level} + R"(","message":)" + socketio::json_quoted(message);
    while (!rest.empty()) {
      const bool number = rest.front() == kNumberField;
      rest.remove_prefix(1);
      std::string_view field = take(rest);
      const std::string_view name = field.substr(0, field.find(kValue));
      const std::string value = without_controls(field.substr(std::min(field.size(), name.size() + 1)));
      if (format_ == LogFormat::kText) {
        text.append(" ").append(name).append("=").append(value.find(' ') == std::string::npos ? value : socketio::json_quoted(value));
      } else {
        text.append(",\"").append(name).append("\":").append(number ? value : socketio::json_quoted(value));
      }
    }
    text.append(format_ == LogFormat::kText ? "\n" : "}\n");
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LineFormatter>(format_); }

 private:
  /// What comes before the next field.
  static std::string_view take(std::string_view& rest) {
    constexpr std::string_view kFields{"\x1e\x1f"};
    const std::string_view head = rest.substr(0, rest.find_first_of(kFields));
    rest.remove_prefix(head.size());
    return head;
  }

  LogFormat format_;
};

void log(spdlog::level::level_enum level, std::string_view message, LogFields fields) {
  if (!spdlog::should_log(level)) return;
  std::string line = without_controls(message);
  for (const LogField& field : fields) {
    line += field.is_number ? kNumberField : kTextField;
    line.append(field.name);
    line += kValue;
    line.append(without_controls(field.value));
  }
  spdlog::log(level, spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace

void set_up_log(std::string_view level, LogFormat format) {
  const auto logger = std::make_shared<spdlog::logger>("serve", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_formatter(std::make_unique<LineFormatter>(format));
  logger->set_level(spdlog::level::from_str(std::string{level}));
  spdlog::set_default_logger(logger);
}

void log_debug(std::string_view message, LogFields fields) { log(spdlog::level::debug, message, fields); }
void log_info(std::string_view message, LogFields fields) { log(spdlog::level::info, message, fields); }
void log_warn(std::string_view message, LogFields fields) { log(spdlog::level::warn, message, fields); }
bool log_is_verbose() { return spdlog::should_log(spdlog::level::debug); }

}  // namespace p2p::net
