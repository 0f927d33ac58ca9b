#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace p2p::app {

enum class Verdict : std::uint8_t { kOk, kWarning, kFailed };

/// What a check has seen, in sentences.
struct Finding {
  Verdict verdict = Verdict::kOk;
  std::string text;
  std::string advice;   ///< what to do; empty when nothing is to be done
};

[[nodiscard]] inline Finding fine(std::string text) { return {Verdict::kOk, std::move(text), {}}; }
[[nodiscard]] inline Finding warning(std::string text, std::string advice) { return {Verdict::kWarning, std::move(text), std::move(advice)}; }
[[nodiscard]] inline Finding failed(std::string text, std::string advice) { return {Verdict::kFailed, std::move(text), std::move(advice)}; }

/// One of the doctor's checks; it is run when its turn comes, and may take seconds.
struct Check {
  std::string_view name;
  std::function<std::vector<Finding>()> run;
  bool first_of_all = false;   ///< when it finds nothing but one failure, the others would say the same
};

}  // namespace p2p::app
