#include "simulate/report.hpp"

#include <fmt/format.h>

namespace p2p::app {

std::string to_text(const SimulationReport& report, const simulator::World& world) {
  const simulator::Figures& f = report.figures;
  std::string text = fmt::format("{}: {} viewers, {:.0f} s of stream at {:.2f} Mbit/s, seed {}\n", report.scenario, report.peers, f.virtual_s,
                                 static_cast<double>(world.bits_per_s) / 1e6, report.seed);
  text += fmt::format("  world: source {:.0f} Mbit/s up, one-way latency {}-{} ms, loss {:.1f} %, {} % of dials fail, uploads",
                      static_cast<double>(world.source_upload_bits_per_s) / 1e6, world.latency_min / 1ms, world.latency_max / 1ms,
                      world.loss_per_mille / 10.0, world.dial_failure_percent);
  for (const simulator::World::Upload& upload : world.uploads) {
    text += fmt::format(" {:g} Mbit/s x{}", static_cast<double>(upload.bits_per_s) / 1e6, upload.weight);
  }
  text += fmt::format("\n  delay p50/p95/p99        {:.0f} / {:.0f} / {:.0f} ms\n", f.delay_ms_p50, f.delay_ms_p95, f.delay_ms_p99);
  text += fmt::format("  first frame p50/p95      {:.0f} / {:.0f} ms\n", f.first_frame_ms_p50, f.first_frame_ms_p95);
  text += fmt::format("  continuity at 1/1.5/2/3 s  {:.2f} / {:.2f} / {:.2f} / {:.2f} %\n", f.continuity_1s * 100, f.continuity_1_5s * 100,
                      f.continuity_2s * 100, f.continuity_3s * 100);
  text += fmt::format("  stalls a viewer          {:.2f}\n", f.stalls_per_viewer);
  text += fmt::format("  share from peers         {:.2f} %\n", f.share_from_peers * 100);
  text += fmt::format("  source copies            {:.3f} (at least {:.2f} are needed)\n", f.source_copies, f.source_copies_bound);
  text += fmt::format("  control, duplicates, repairs  {:.2f} / {:.2f} / {:.2f} %\n", f.control_fraction * 100, f.duplicate_fraction * 100,
                      f.repair_fraction * 100);
  text += fmt::format("  hops p50/p95             {:.0f} / {:.0f}\n", f.hops_p50, f.hops_p95);
  text += fmt::format("  {} events in {:.2f} s, {:.0f} MB, digest {:016x}\n", f.events, report.wall_s, report.memory_mb, f.digest);
  return text;
}

std::string to_json(const SimulationReport& report) {
  const simulator::Figures& f = report.figures;
  return fmt::format(
      R"({{"scenario":"{}","policy":"mesh","seed":{},"peers":{},"virtual_s":{:.3f},"wall_s":{:.3f},"events":{},"memory_mb":{:.1f},)"
      R"("delay_ms":{{"p50":{:.1f},"p95":{:.1f},"p99":{:.1f}}},"first_frame_ms":{{"p50":{:.1f},"p95":{:.1f}}},)"
      R"("continuity":{{"at_1s":{:.5f},"at_1_5s":{:.5f},"at_2s":{:.5f},"at_3s":{:.5f}}},"stalls_per_viewer":{:.4f},)"
      R"("viewers_at_most_1_stall":{:.4f},"share_from_peers":{:.5f},"source_copies":{:.4f},"control_fraction":{:.5f},)"
      R"("duplicate_fraction":{:.5f},"repair_fraction":{:.5f},"hops":{{"p50":{:.0f},"p95":{:.0f}}},"bad_pieces_played":{},"digest":"{:016x}"}})",
      report.scenario, report.seed, report.peers, f.virtual_s, report.wall_s, f.events, report.memory_mb, f.delay_ms_p50, f.delay_ms_p95,
      f.delay_ms_p99, f.first_frame_ms_p50, f.first_frame_ms_p95, f.continuity_1s, f.continuity_1_5s, f.continuity_2s, f.continuity_3s,
      f.stalls_per_viewer, f.viewers_at_most_1_stall, f.share_from_peers, f.source_copies, f.control_fraction, f.duplicate_fraction,
      f.repair_fraction, f.hops_p50, f.hops_p95, f.bad_pieces_played, f.digest);
}

}  // namespace p2p::app
