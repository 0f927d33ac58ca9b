import { formatRate } from "../../text/format";
import { text } from "./words";
import { BufferBars } from "./BufferBars";
import { Figures } from "./Figures";
import { formatShare } from "./format";
import { LineGraph } from "./LineGraph";
import type { SimulationView } from "./simulation/module";
import type { Moment } from "./simulation/useSimulation";

/** The next of 250, 500, 1000, 2000 ... that holds all values. */
const scaleFor = (values: readonly number[]) => 250 * 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(...values, 1) / 250)));

/** How the whole swarm does. */
export function SwarmPanel({ view, history }: { view: SimulationView | undefined; history: readonly Moment[] }) {
  const words = text.debug.swarm;
  if (!view) return null;
  const { totals } = view;
  const upload = view.peers.reduce((sum, { lineUpBitsPerS }) => sum + lineUpBitsPerS, 0);
  const delays = history.map(({ delayMs }) => delayMs);
  return (
    <section aria-labelledby="swarm">
      <h2 id="swarm" className="small strong debug-head">
        {words.name}
      </h2>
      <Figures
        rows={[
          [words.playing, words.playingOf(totals.playing, totals.viewers), "playing"],
          [words.uploads, `${formatRate(upload)} / ${formatRate(totals.viewers * view.streamBitsPerS)}`],
          [words.delay, `${totals.delayMsP50} / ${totals.delayMsP95} ms`, "delay"],
          [words.continuity, formatShare(totals.continuity), "continuity"],
          [words.share, formatShare(totals.shareFromPeers), "share"],
          [words.copies, totals.sourceCopies.toFixed(2), "copies"],
          [words.duplicates, formatShare(totals.duplicates, 2)],
          [words.repairs, formatShare(totals.repairs, 2)],
          [words.failed, String(totals.piecesFailed), "failed-pieces"],
          [words.accused, words.accusedTimes(totals.accused), "accused"],
          [words.badPlayed, String(totals.badPiecesPlayed), "bad-played"],
          [words.honest, String(totals.honestAccused)],
        ]}
      />
      <LineGraph name={words.delayGraph} values={delays} max={scaleFor(delays)} shown={String(totals.delayMsP50)} />
      <LineGraph
        name={words.shareGraph}
        values={history.map(({ shareFromPeers }) => shareFromPeers)}
        max={1}
        shown={(totals.shareFromPeers * 100).toFixed(0)}
      />
      <LineGraph
        name={words.continuityGraph}
        values={history.map(({ continuity }) => continuity)}
        max={1}
        shown={(totals.continuity * 100).toFixed(1)}
      />
      <BufferBars peers={view.peers} />
      <p className="tiny faint">{words.hint}</p>
    </section>
  );
}
