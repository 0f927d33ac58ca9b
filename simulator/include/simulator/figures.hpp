#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace p2p::simulator {

/// What a run showed (docs/measures.md says how each is taken). Over the viewers that are honest, after the warm-up; fractions from 0 to 1.
struct Figures {
  std::uint64_t events = 0;
  double virtual_s = 0;
  std::uint32_t viewers = 0;           ///< counted: there after the warm-up, honest
  double delay_ms_p50 = 0, delay_ms_p95 = 0, delay_ms_p99 = 0;
  double first_frame_ms_p50 = 0, first_frame_ms_p95 = 0;
  double continuity_1s = 0, continuity_1_5s = 0, continuity_2s = 0, continuity_3s = 0;
  double stalls_per_viewer = 0;        ///< times that a player stood for 100 ms or more, and once more for each further 5 s
  double viewers_at_most_1_stall = 0;
  double stalled_fraction = 0;         ///< of the time since the first frame
  double behind_live_ms_p50 = 0, behind_live_ms_p95 = 0;   ///< from the capture of what is shown until then
  double share_from_peers = 0;
  double source_copies = 0;
  double source_copies_bound = 0;      ///< max(1, N - sum of uploads / bitrate): no policy does with less
  double edge_over_deficit = 0;        ///< 0 while nothing came from an edge
  double control_fraction = 0;
  double control_fraction_with_headers = 0;
  double duplicate_fraction = 0;
  double repair_fraction = 0;
  double hops_p50 = 0, hops_p95 = 0;   ///< links that a piece passed
  double delay_bound_ms = 0;           ///< of the median viewer, by a greedy tree
  double delay_over_bound = 0;
  std::uint64_t bad_pieces_played = 0;
  std::uint64_t bad_pieces_relayed = 0;   ///< by honest peers
  std::uint64_t polluters_met_twice = 0;  ///< a victim had to find out twice
  std::uint64_t honest_accused = 0;       ///< honest peers that an honest peer took for misbehaving
  double liar_source_slot_s_max = 0;   ///< the longest time that a hostile peer was fed by the source
  double rendition_over_oracle = 1;    ///< bit rate played / the best that each line carried then
  double rendition_changes_per_min = 0;   ///< of a viewer
  std::uint64_t chat_said = 0;         ///< messages of honest viewers
  double chat_ms_p50 = 0, chat_ms_p95 = 0, chat_ms_p99 = 0;   ///< from the saying to the showing at each viewer who was there
  double chat_whole = 1;               ///< viewers who have all of the last 100 messages, in the one order
  double chat_missed = 0;              ///< messages not shown to viewers who were there when they were said
  std::uint64_t chat_shout_links = 0;  ///< over which shouters shouted, all in all
  double chat_shouts_per_min = 0;      ///< of shouters, shown to the median viewer
  double never_played = 0;             ///< viewers, 5 s and more there, who never saw a frame
  double playing_at_end = 0;           ///< viewers, 5 s and more there, to whom a part of the last seconds came
  std::uint64_t digest = 0;            ///< over all engines, in the order of their joining
};

/// One second of the stream, for plots.
struct Second {
  float delay_ms_p50 = 0, delay_ms_p95 = 0;
  float buffer_ms_p5 = 0, buffer_ms_p50 = 0;  ///< playable ahead of the players, of at most 1,000 viewers
  float source_mbit_per_s = 0;
  float share_from_peers = 0;
  std::uint32_t viewers = 0;
  std::uint32_t due = 0;                    ///< parts that viewers should have got; the delays are of these
};

/// Who fed whom at the end, of a sample.
struct Feeding {
  std::uint32_t from = 0;  ///< 0: the source
  std::uint32_t to = 0;
  float mbit = 0;
};

/// For the page: what Figures sums up.
struct Plots {
  std::vector<Second> seconds;
  std::vector<float> delay_ms;        ///< at 0, 1 ... 100 percent of the parts
  std::vector<float> first_frame_ms;  ///< at 0, 1 ... 100 percent of the viewers
  std::vector<std::vector<float>> depth_by_stripe;  ///< share of pieces at each depth, for each eighth of the pieces
  std::vector<Feeding> feedings;
};

struct Outcome {
  Figures figures;
  Plots plots;
  std::vector<std::string> trace;     ///< one peer's story, if asked for
};

}  // namespace p2p::simulator
