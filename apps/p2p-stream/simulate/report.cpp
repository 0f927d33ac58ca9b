#include "simulate/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/world_fields.hpp"

namespace p2p::app {
namespace {

using simulator::Figures;

std::string shown(double value, std::string_view unit) {
  if (unit == "%") return fmt::format("{:.2f} %", value * 100);
  if (unit == "x") return fmt::format("{:.2f} x", value);
  return unit.empty() ? fmt::format("{:.0f}", value) : fmt::format("{:.0f} {}", value, unit);
}

std::string target_text(const simulator::Target& target) {
  return fmt::format("{} {}", target.bound == simulator::Target::Bound::kAtMost ? "<=" : ">=", shown(target.limit, target.unit));
}

std::string figures_text(const Figures& f) {
  std::string text;
  text += fmt::format("  delay p50/p95/p99          {:.0f} / {:.0f} / {:.0f} ms ({:.2f} x the bound of {:.0f} ms)\n", f.delay_ms_p50, f.delay_ms_p95,
                      f.delay_ms_p99, f.delay_over_bound, f.delay_bound_ms);
  text += fmt::format("  first frame p50/p95        {:.0f} / {:.0f} ms; {:.0f} never saw one\n", f.first_frame_ms_p50, f.first_frame_ms_p95, f.never_played);
  text += fmt::format("  continuity at 1/1.5/2/3 s  {:.3f} / {:.3f} / {:.3f} / {:.3f} %\n", f.continuity_1s * 100, f.continuity_1_5s * 100,
                      f.continuity_2s * 100, f.continuity_3s * 100);
  text += fmt::format("  stalls a viewer            {:.2f}; {:.2f} % have at most one; {:.2f} % of the time; {:.2f} % play at the end\n", f.stalls_per_viewer,
                      f.viewers_at_most_1_stall * 100, f.stalled_fraction * 100, f.playing_at_end * 100);
  text += fmt::format("  behind live p50/p95        {:.0f} / {:.0f} ms\n", f.behind_live_ms_p50, f.behind_live_ms_p95);
  text += fmt::format("  share from peers           {:.3f} %\n", f.share_from_peers * 100);
  text += fmt::format("  source copies              {:.3f} (at least {:.2f} are needed)\n", f.source_copies, f.source_copies_bound);
  text += fmt::format("  control, with headers      {:.2f} / {:.2f} %\n", f.control_fraction * 100, f.control_fraction_with_headers * 100);
  text += fmt::format("  duplicates, repairs        {:.2f} / {:.2f} %\n", f.duplicate_fraction * 100, f.repair_fraction * 100);
  text += fmt::format("  hops p50/p95               {:.0f} / {:.0f}\n", f.hops_p50, f.hops_p95);
  if (f.chat_said > 0) {
    text += fmt::format("  chat p50/p95/p99           {:.0f} / {:.0f} / {:.0f} ms; {} messages, {:.2f} % missed, all of the last 100 in order at {:.2f} %; {:.0f} shouts a minute shown\n",
                        f.chat_ms_p50, f.chat_ms_p95, f.chat_ms_p99, f.chat_said, f.chat_missed * 100, f.chat_whole * 100, f.chat_shouts_per_min);
  }
  if (f.bad_pieces_played + f.bad_pieces_relayed + f.polluters_met_twice + f.honest_accused > 0 || f.liar_source_slot_s_max > 0) {
    text += fmt::format("  bad pieces played, relayed {} / {}; culprits met twice {}; honest peers accused {}; a liar fed by the source for {:.0f} s\n",
                        f.bad_pieces_played, f.bad_pieces_relayed, f.polluters_met_twice, f.honest_accused, f.liar_source_slot_s_max);
  }
  return text;
}

std::string json_fields(const Figures& f, std::string_view scenario, std::string_view policy, const Run& run, double wall_s, double memory_mb) {
  return fmt::format(
      R"("scenario":"{}","policy":"{}","seed":{},"peers":{},"virtual_s":{:.3f},"wall_s":{:.3f},"events":{},"memory_mb":{:.1f},)"
      R"("delay_ms":{{"p50":{:.1f},"p95":{:.1f},"p99":{:.1f}}},"first_frame_ms":{{"p50":{:.1f},"p95":{:.1f}}},)"
      R"("continuity":{{"at_1s":{:.5f},"at_1_5s":{:.5f},"at_2s":{:.5f},"at_3s":{:.5f}}},"stalls_per_viewer":{:.4f},)"
      R"("viewers_at_most_1_stall":{:.4f},"stalled_fraction":{:.5f},"behind_live_ms":{{"p50":{:.0f},"p95":{:.0f}}},"share_from_peers":{:.5f},"source_copies":{:.4f},"edge_over_deficit":{:.4f},)"
      R"("control_fraction":{:.5f},"control_fraction_with_headers":{:.5f},"duplicate_fraction":{:.5f},"repair_fraction":{:.5f},)"
      R"("rendition_over_oracle":{:.4f},"rendition_changes_per_min":{:.3f},)"
      R"("chat":{{"said":{},"p50":{:.0f},"p95":{:.0f},"p99":{:.0f},"whole":{:.5f},"missed":{:.6f},"shouts_per_min":{:.2f}}},)"
      R"("hops":{{"p50":{:.0f},"p95":{:.0f}}},"delay_over_bound":{:.4f},"bad_pieces_played":{},"digest":"{:016x}")",
      scenario, policy, run.seed, run.world.viewers, f.virtual_s, wall_s, f.events, memory_mb, f.delay_ms_p50, f.delay_ms_p95, f.delay_ms_p99,
      f.first_frame_ms_p50, f.first_frame_ms_p95, f.continuity_1s, f.continuity_1_5s, f.continuity_2s, f.continuity_3s, f.stalls_per_viewer,
      f.viewers_at_most_1_stall, f.stalled_fraction, f.behind_live_ms_p50, f.behind_live_ms_p95, f.share_from_peers, f.source_copies, f.edge_over_deficit, f.control_fraction, f.control_fraction_with_headers,
      f.duplicate_fraction, f.repair_fraction, f.rendition_over_oracle, f.rendition_changes_per_min, f.chat_said, f.chat_ms_p50, f.chat_ms_p95, f.chat_ms_p99, f.chat_whole, f.chat_missed, f.chat_shouts_per_min, f.hops_p50, f.hops_p95, f.delay_over_bound, f.bad_pieces_played, f.digest);
}

}  // namespace

std::string_view to_text(simulator::Policy policy) { return policy == simulator::Policy::kMesh ? "mesh" : "baseline"; }

std::string to_text(const Study& study) {
  const std::vector<const Run*> runs = shown_runs(study);
  const Run& first = *runs.front();
  std::string seeds;
  for (const Run* run : runs) seeds += fmt::format("{}{}", seeds.empty() ? "" : ", ", run->seed);
  std::string text = fmt::format("{}{}{}, {}: {} viewers, {:.0f} s of stream at {:.2f} Mbit/s, seeds {}\n", study.scenario, first.name.empty() ? "" : " ",
                                 first.name, to_text(study.policy), first.world.viewers, first.outcome.figures.virtual_s,
                                 static_cast<double>(first.world.bits_per_s) / 1e6, seeds);
  text += simulator::describe(first.world);
  text += fmt::format("medians, without the first {:.0f} s:\n", static_cast<double>(first.world.measured_from / 1ms) / 1000);
  text += figures_text(medians(study));
  double wall_s = 0, memory_mb = 0;
  std::uint64_t events = 0;
  for (const Run* run : runs) {
    wall_s += run->wall_s;
    events += run->outcome.figures.events;
    memory_mb = std::max(memory_mb, run->memory_mb);
  }
  text += fmt::format("  {} events in {:.2f} s ({:.2f} million a second), {:.0f} MB; digests", events, wall_s, static_cast<double>(events) / 1e6 / wall_s, memory_mb);
  for (const Run* run : runs) text += fmt::format(" {:016x}", run->outcome.figures.digest);
  text += '\n';
  if (!study.targets.empty()) text += "targets:\n" + table_lines(study);
  return text;
}

std::string to_json(const Study& study) {
  const std::vector<const Run*> shown = shown_runs(study);
  double wall_s = 0, memory_mb = 0;
  for (const Run* run : shown) {
    wall_s += run->wall_s / static_cast<double>(shown.size());
    memory_mb = std::max(memory_mb, run->memory_mb);
  }
  const std::string_view policy = to_text(study.policy);
  std::string text = "{" + json_fields(medians(study), study.scenario, policy, *shown.front(), wall_s, memory_mb);
  if (study.runs.size() > 1) {
    text += R"(,"runs":[)";
    for (const Run& run : study.runs) {
      if (&run != &study.runs.front()) text += ',';
      text += "{" + json_fields(run.outcome.figures, study.scenario, policy, run, run.wall_s, run.memory_mb) + "}";
    }
    text += ']';
  }
  return text + "}";
}

std::string table_head() { return fmt::format("{:<12}{:<24}{:>14}{:>14}{:>14}  {}\n", "scenario", "figure", "median", "worst", "target", ""); }

std::string table_lines(const Study& study) {
  std::string text;
  for (const Verdict& verdict : verdicts(study)) {
    const std::string_view lost_to = verdict.target->lost_to;
    const std::string said = verdict.met ? "met" : lost_to.empty() ? "NOT MET" : fmt::format("NOT MET ({})", lost_to);
    text += fmt::format("{:<12}{:<24}{:>14}{:>14}{:>14}  {}\n", study.scenario, verdict.target->figure, shown(verdict.median, verdict.target->unit),
                        shown(verdict.worst, verdict.target->unit), target_text(*verdict.target), said);
  }
  return text;
}

}  // namespace p2p::app
