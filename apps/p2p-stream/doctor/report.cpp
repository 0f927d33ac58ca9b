#include "doctor/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "socketio/json_text.hpp"
#include "terminal/wrap.hpp"

namespace p2p::app {
namespace {

constexpr std::size_t kColumn = 29;   // of the sentences

std::size_t count(std::span<const Reported> findings, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, [](const Reported& one) { return one.finding.verdict; }));
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk: return "ok";
    case Verdict::kWarning: return "warning";
    case Verdict::kFailed: return "failed";
  }
  return "";
}

}  // namespace

bool any_failed(std::span<const Reported> findings) { return count(findings, Verdict::kFailed) > 0; }

std::string shown(const Reported& reported, std::size_t columns) {
  const Finding& finding = reported.finding;
  const std::string_view verdict = finding.verdict == Verdict::kFailed ? "FAILED" : name_of(finding.verdict);
  return in_columns(fmt::format("{:<9}{}", verdict, reported.check), finding.advice.empty() ? finding.text : finding.text + "\n-> " + finding.advice, kColumn, columns);
}

std::string summary(std::span<const Reported> findings) {
  const std::size_t failures = count(findings, Verdict::kFailed);
  const std::size_t warnings = count(findings, Verdict::kWarning);
  const char* findings_word = findings.size() == 1 ? "finding" : "findings";
  if (failures + warnings == 0) return fmt::format("All well: {} {}.\n", findings.size(), findings_word);
  return fmt::format("{} {}: {} failed, {} warning{}.\n", findings.size(), findings_word, failures, warnings, warnings == 1 ? "" : "s");
}

std::string to_json(std::span<const Reported> findings) {
  std::string list;
  for (const auto& [check, finding] : findings) {
    list += fmt::format("{}\n  {{\"check\":{},\"result\":\"{}\",\"text\":{}", list.empty() ? "" : ",", socketio::json_quoted(check), name_of(finding.verdict), socketio::json_quoted(finding.text));
    if (!finding.advice.empty()) list += fmt::format(",\"advice\":{}", socketio::json_quoted(finding.advice));
    list += "}";
  }
  return fmt::format("{{\"checks\":[{}\n],\"failed\":{},\"warnings\":{}}}\n", list, count(findings, Verdict::kFailed), count(findings, Verdict::kWarning));
}

}  // namespace p2p::app
