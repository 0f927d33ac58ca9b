#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace p2p::netbox {

/// Takes the fields of one JSON object, one by one, and remembers the first thing that is wrong with them.
///
/// Always holds: after an error every further call gives its default, so that a reader need not stop at each step.
class JsonFields {
 public:
  JsonFields(const boost::json::value& value, std::string where);

  [[nodiscard]] std::optional<std::string> text(std::string_view key);
  [[nodiscard]] std::optional<double> number(std::string_view key, double least, double most);
  [[nodiscard]] std::optional<bool> truth(std::string_view key);
  [[nodiscard]] const boost::json::value* any(std::string_view key);
  [[nodiscard]] const boost::json::array* list(std::string_view key);

  void refuse(std::string_view key, const std::string& why);
  void refuse(const Error& error);

  /// To be asked last: a field that nobody took is a mistake in the file, most often a slip of the pen.
  [[nodiscard]] std::optional<Error> finish();
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  const boost::json::object* object_ = nullptr;
  std::string where_;
  std::vector<std::string> taken_;
  std::optional<Error> error_;
};

}  // namespace p2p::netbox
