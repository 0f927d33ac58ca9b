import { useState } from "react";
import type { WatchStats } from "@p2p-stream/client";
import { formatBytes, formatPercent, formatRate } from "../../text/format";
import { text } from "../../text/text";
import { NeighborTable } from "./NeighborTable";
import { PeerMap } from "./PeerMap";
import type { Saving } from "./sharing";

/** What the engine did of late, in its own words. */
function Decisions({ decisions }: { decisions: WatchStats["decisions"] }) {
  return (
    <details className="decisions tiny">
      <summary>{text.watch.decisions}</summary>
      <ol>
        {decisions.map(({ agoMs, text: what }, index) => (
          <li key={index}>
            <span className="faint">{text.watch.ago(Math.round(agoMs / 1000))}</span> {what}
          </li>
        ))}
      </ol>
    </details>
  );
}

interface Props {
  stats: WatchStats;
  qualityChosen: boolean;
  saving: Saving | undefined;
  onSharing: () => void;
}

export function MeshPanel({ stats, qualityChosen, saving, onSharing }: Props) {
  const [asTable, setAsTable] = useState(false);
  const words = text.watch;
  const received = stats.receivedFromPeersBytes + stats.receivedFromSourceBytes;
  const children = stats.neighbors.filter(({ stripesOut }) => stripesOut > 0).length;
  const used = stats.neighbors.reduce((sum, { givenBytes10s }) => sum + givenBytes10s, 0) * 0.8;
  const relayed = stats.neighbors.filter((neighbor) => neighbor.relayed).length;
  const played = stats.renditions.find((rendition) => rendition.played);
  return (
    <section className="mesh" aria-label={words.mesh}>
      <div className="column mesh-figures">
        <h2 className="small strong">{words.mesh}</h2>
        <p>
          <span className="title-m peer" data-testid="from-peers">
            {formatBytes(stats.receivedFromPeersBytes)}
          </span>{" "}
          <span className="muted">{words.fromPeers(formatPercent(received > 0 ? stats.receivedFromPeersBytes / received : 0))}</span>
        </p>
        <p>
          <span className="title-m">{formatBytes(stats.givenBytes)}</span> <span className="muted">{words.given(children)}</span>
        </p>
        <p className="tiny faint">
          {words.upload(formatRate(used), formatRate(stats.uploadAllowedBitsPerS))}{" "}
          <span data-testid="ways">{relayed > 0 ? words.relayedLinks(relayed, stats.neighbors.length) : words.directLinks}</span>
        </p>
        {played && played.height > 0 && (
          <p className="tiny faint" data-testid="quality">
            {words.playing(words.lines(played.height), qualityChosen ? words.qualityChosen : words.qualityAuto)}
          </p>
        )}
        <p className="tiny faint">{words.standing(words.roles[stats.role], stats.score)}</p>
        {saving && saving !== "out-of-sight" && <p className="tiny warn">{words.saving[saving]}</p>}
        <p className="row">
          <button className="button" onClick={onSharing}>
            {words.sharing.open}
          </button>
          <button className="button" onClick={() => setAsTable(!asTable)}>
            {asTable ? words.asMap : words.asTable}
          </button>
        </p>
        <Decisions decisions={stats.decisions} />
      </div>
      <div className="grow">{asTable ? <NeighborTable neighbors={stats.neighbors} /> : <PeerMap neighbors={stats.neighbors} />}</div>
    </section>
  );
}
