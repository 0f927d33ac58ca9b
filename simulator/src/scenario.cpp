#include "simulator/scenario.hpp"

#include <algorithm>

namespace p2p::simulator {
namespace {

using enum Target::Bound;

// What each scenario is to show: `p2p-stream simulate all` prints it beside what it shows.
Target delay_p50(double ms) { return {"delay p50", [](const Figures& f) { return f.delay_ms_p50; }, kAtMost, ms, "ms"}; }
Target delay_p95(double ms) { return {"delay p95", [](const Figures& f) { return f.delay_ms_p95; }, kAtMost, ms, "ms"}; }
Target first_frame_p50(double ms) { return {"first frame p50", [](const Figures& f) { return f.first_frame_ms_p50; }, kAtMost, ms, "ms"}; }
Target first_frame_p95(double ms) { return {"first frame p95", [](const Figures& f) { return f.first_frame_ms_p95; }, kAtMost, ms, "ms"}; }
Target at_2s(double share) { return {"continuity at 2 s", [](const Figures& f) { return f.continuity_2s; }, kAtLeast, share, "%"}; }
Target at_3s(double share) { return {"continuity at 3 s", [](const Figures& f) { return f.continuity_3s; }, kAtLeast, share, "%"}; }
Target calm(double share) { return {"at most 1 stall", [](const Figures& f) { return f.viewers_at_most_1_stall; }, kAtLeast, share, "%"}; }
Target copies(double most) { return {"source copies", [](const Figures& f) { return f.source_copies; }, kAtMost, most, "x"}; }
Target share(double least) { return {"share from peers", [](const Figures& f) { return f.share_from_peers; }, kAtLeast, least, "%"}; }
Target duplicates(double most) { return {"duplicates", [](const Figures& f) { return f.duplicate_fraction; }, kAtMost, most, "%"}; }
Target control() { return {"control", [](const Figures& f) { return f.control_fraction; }, kAtMost, 0.015, "%"}; }
Target control_with_headers() { return {"control with headers", [](const Figures& f) { return f.control_fraction_with_headers; }, kAtMost, 0.025, "%"}; }
Target none_bad_played() { return {"bad pieces played", [](const Figures& f) { return static_cast<double>(f.bad_pieces_played); }, kAtMost, 0, ""}; }
Target none_bad_relayed() { return {"bad pieces relayed", [](const Figures& f) { return static_cast<double>(f.bad_pieces_relayed); }, kAtMost, 0, ""}; }
Target none_met_twice() { return {"polluters met twice", [](const Figures& f) { return static_cast<double>(f.polluters_met_twice); }, kAtMost, 0, ""}; }
Target rendition_over_oracle(double least) { return {"rendition / oracle", [](const Figures& f) { return f.rendition_over_oracle; }, kAtLeast, least, "%"}; }
Target all_play() { return {"playing at the end", [](const Figures& f) { return f.playing_at_end; }, kAtLeast, 0.999, "%"}; }

Target lost_to(std::string_view what, Target target) {
  target.lost_to = what;
  return target;
}

// What is missed at full size (docs/mesh.md has the figures).
constexpr std::string_view kSetUp = "set-up of links and a key part over links of 2.5 Mbit/s: ADR 16, 19";
constexpr std::string_view kFirstPause = "the rest of the segment that a newcomer begins with: ADR 17, 19";
constexpr std::string_view kAskedAndPushed = "pieces asked for while a late stripe catches up: ADR 19, 21";
constexpr std::string_view kOneCarriesMost = "one of a stripe's three copies carries most viewers, and goes without a word: ADR 21";
constexpr std::string_view kLossEachHop = "each hop loses a packet of one piece in ten, for a round trip or a time-out: ADR 10";
constexpr std::string_view kDeeper = "trees grow as links come up, the bound's is chosen with all known: ADR 16";
constexpr std::string_view kAHopFurther = "half hold links and give nothing, so givers are a hop further away: ADR 16";
constexpr std::string_view kAttestedLate = "what a peer gives is known after ten seconds: ADR 12";
constexpr std::string_view kNotCarried = "nobody carries a rendition that he does not play: ADR 18";
constexpr std::string_view kUploadKept = "a fifth of each upload is for repairs, and lines of .5 Mbit/s give nothing: ADR 15, 21";

World small(std::uint32_t viewers) {
  World world;
  world.viewers = viewers;
  world.stay_mean = 0s;
  world.arrivals = 5s;
  world.length = 60s;
  world.measured_from = 12s;
  return world;
}

World steady(std::uint32_t viewers) {
  World world;
  world.viewers = viewers;
  // One relay server for each thousand viewers: three in a hundred receive through one, and some hundred links pass it.
  world.relay_bits_per_s = world.relay_bits_per_s * std::max(viewers, 1000U) / 1000;
  if (viewers > 5000) {
    world.arrivals = 40s;
    world.measured_from = 60s;
    world.length = 120s;
  }
  return world;
}

World flash(std::uint32_t before) {
  World world;
  world.viewers = 1000 + before;
  world.viewers_before = before;
  world.arrivals_from = before > 0 ? 15s : 3s;
  world.arrivals = 10s;
  world.measured_from = 0s;
  world.length = 50s;
  return world;
}

World exodus() {
  World world;
  world.faults = {{.kind = Fault::Kind::kCrash, .at = 40s, .percent = 30}};
  world.measured_from = 40s;
  world.measured_until = 100s;
  world.length = 104s;
  return world;
}

World churn() {
  World world;
  world.stay_mean = 60s;
  return world;
}

World with_vices(std::vector<World::ViceShare> vices) {
  World world;
  world.vices = std::move(vices);
  return world;
}

World freeload() {
  World world = with_vices({{Vice::kFreeload, 50}});
  world.count_givers_only = true;
  return world;
}

World blackout() {
  World world;
  world.stay_mean = 2min;
  world.faults = {{.kind = Fault::Kind::kServerAway, .at = 40s, .length = 60s}};
  world.counted_joins_until = 38s;
  world.measured_from = 40s;
  world.length = 125s;
  return world;
}

/// A lively evening: four messages a second of people who come and go.
World chat(std::vector<World::ViceShare> vices) {
  World world = churn();
  world.stay_mean = 2min;
  world.chat_per_min = 240;
  world.vices = std::move(vices);
  return world;
}

World with_blackout(World world) {
  world.faults = {{.kind = Fault::Kind::kServerAway, .at = 40s, .length = 30s}};
  world.counted_joins_until = 38s;
  return world;
}

World lossy(std::uint32_t loss_ppm) {
  World world;
  world.loss_ppm_min = world.loss_ppm_max = loss_ppm;
  world.latency_min = 50ms;
  world.latency_max = 150ms;
  return world;
}

World abr() {
  World world;
  world.viewers = 300;
  world.renditions = 4;
  world.slow_download_percent = 33;
  world.changing_download_percent = 10;
  world.stay_mean = 0s;
  world.length = 10min + 30s;
  return world;
}

World with_choice(World world) {
  world.renditions = 4;
  return world;
}

std::vector<Scenario> make_small_and_steady() {
  return {
      {"small", "2, 3 and 5 viewers: the source sends each piece about once, not once a viewer",
       {{"2", small(2)}, {"3", small(3)}, {"5", small(5)}},
       {{"source copies / bound", [](const Figures& f) { return f.source_copies / f.source_copies_bound; }, kAtMost, 1.05, "x"}, at_2s(0.999), control()},
       ""},
      {"steady-1k", "1,000 viewers, nothing special", {{"", steady(1000)}},
       {delay_p50(700), delay_p95(1200), at_2s(0.999), copies(3.1), share(0.9965), control(), control_with_headers(), duplicates(0.01)}, ""},
      {"steady-10k", "10,000 viewers", {{"", steady(10'000)}},
       {delay_p50(900), delay_p95(1500), at_2s(0.999),
        lost_to(kDeeper, {"delay / bound", [](const Figures& f) { return f.delay_over_bound; }, kAtMost, 2, "x"}), share(0.9995), control(), control_with_headers(), duplicates(0.01)}, ""},
      {"flash", "from nobody to 1,000 viewers in 10 s", {{"", flash(0)}}, {lost_to(kSetUp, first_frame_p50(1100)), lost_to(kSetUp, first_frame_p95(3000)), lost_to(kFirstPause, calm(0.97)), lost_to(kAskedAndPushed, duplicates(0.02))}, ""},
      {"flash-warm", "the same with 20 viewers there before", {{"", flash(20)}}, {lost_to(kSetUp, first_frame_p95(1300)), lost_to(kFirstPause, calm(0.98)), lost_to(kAskedAndPushed, duplicates(0.02))}, ""},
  };
}

std::vector<Scenario> make_hard() {
  World late = with_vices({{Vice::kBoast, 5}, {Vice::kSurround, 5}});
  return {
      {"exodus", "30 % of 1,000 viewers are gone at once, without a word; the minute after", {{"", exodus()}}, {lost_to(kOneCarriesMost, at_2s(0.997)), duplicates(0.02), all_play()}, ""},
      {"churn", "viewers stay for a minute", {{"", churn()}}, {at_2s(0.998), lost_to(kAskedAndPushed, duplicates(0.02)), control()}, ""},
      {"poison", "5 % corrupt what they relay", {{"", with_vices({{Vice::kCorrupt, 5}})}}, {none_bad_played(), none_bad_relayed(), none_met_twice(), at_2s(0.998)}, ""},
      {"freeload", "half of the viewers give nothing; figures of the others", {{"", freeload()}},
       {lost_to(kAHopFurther, {"delay p50 / steady", [](const Figures& f) { return f.delay_ms_p50; }, kAtMost, 1.2, "x", true}), lost_to(kAHopFurther, at_2s(0.998))}, ""},
      {"liars", "5 % claim the highest upload and deliver late or nothing; 5 % from one network surround a few victims", {{"", late}},
       {at_2s(0.995), lost_to(kAttestedLate, {"liar fed by source", [](const Figures& f) { return f.liar_source_slot_s_max; }, kAtMost, 9, "s"})}, ""},
      {"blackout", "the server is away for a minute while viewers come and go; figures of those there before", {{"", blackout()}}, {at_2s(0.998), all_play()}, ""},
      {"lossy", "1 % of packets lost, 50 to 150 ms one way", {{"", lossy(10'000)}}, {lost_to(kLossEachHop, at_3s(0.995)), control()}, ""},
      {"lossy-3", "3 % of packets lost, 50 to 150 ms one way, at the rendition that each viewer has chosen", {{"", with_choice(lossy(30'000))}},
       {at_3s(0.995), lost_to(kNotCarried, rendition_over_oracle(0.9))}, ""},
      {"abr", "a third of the viewers has 2 Mbit/s down, a tenth 1 and 20 by turns", {{"", abr()}}, {lost_to(kNotCarried, calm(0.98)), lost_to(kNotCarried, rendition_over_oracle(0.9))}, ""},
  };
}

std::vector<Scenario> make_all() {
  std::vector<Scenario> all = make_small_and_steady();
  for (Scenario& scenario : make_hard()) all.push_back(std::move(scenario));
  all.push_back({"chat", "1,000 viewers who come and go say four things a second; in the second case one in a hundred shouts, and in the third the server is away",
                 {{"calm", chat({})}, {"shouters", chat({{Vice::kShout, 1}})}, {"blackout", with_blackout(chat({}))}},
                 {{"chat p50", [](const Figures& f) { return f.chat_ms_p50; }, kAtMost, 700, "ms"},
                  {"chat p95", [](const Figures& f) { return f.chat_ms_p95; }, kAtMost, 2'000, "ms"},
                  {"chat missed", [](const Figures& f) { return f.chat_missed; }, kAtMost, 0.001, "%"},
                  at_2s(0.998)},
                 ""});
  World scarce;
  scarce.uploads = {{45, 500'000}, {35, 3'000'000}, {20, 6'500'000}};
  scarce.edge = true;
  all.push_back({"scarce", "uploads sum up to .7 of what is wanted, an edge gives the rest", {{"", scarce}},
                 {lost_to(kUploadKept, {"edge / deficit", [](const Figures& f) { return f.edge_over_deficit; }, kAtMost, 1.1, "x"}), at_3s(0.999), control()}, ""});
  return all;
}

}  // namespace

std::span<const Scenario> scenarios() {
  static const std::vector<Scenario> all = make_all();
  return all;
}

const Scenario* find_scenario(std::string_view name) {
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace p2p::simulator
