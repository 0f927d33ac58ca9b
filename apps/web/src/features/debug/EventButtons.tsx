import { text } from "../../text/text";
import { nameOf } from "./format";
import type { PeerView, SimulationView } from "./simulation/module";

interface Props {
  view: SimulationView | undefined;
  /** Whom kill and freeze mean, if somebody is selected. */
  selected: PeerView | undefined;
  onEvent: (kind: string, value: number, peer?: number) => void;
}

/** The viewer that gives most: its loss is felt. */
function busiest(view: SimulationView): PeerView | undefined {
  return view.peers.filter(({ number }) => number !== 0).toSorted((a, b) => b.givenBitsPerS - a.givenBitsPerS)[0];
}

/** What happens once. */
export function EventButtons({ view, selected, onEvent }: Props) {
  const words = text.debug.events;
  const one = selected && selected.number !== 0 ? selected : undefined;
  const struck = one ?? (view && busiest(view));
  const onOne = (kind: string, value: number) => struck && onEvent(kind, value, struck.number);
  const viewersThere = (view?.totals.viewers ?? 0) > 0;
  return (
    <div className="debug-events" role="group" aria-label={words.name}>
      <button className="button" disabled={!struck} onClick={() => onOne("crash", 0)}>
        {one ? words.killThis(nameOf(one)) : words.kill}
      </button>
      <button className="button" disabled={!struck} onClick={() => onOne("freeze", 10)}>
        {one ? words.freezeThis(nameOf(one)) : words.freeze}
      </button>
      <button className="button" disabled={!viewersThere} onClick={() => onEvent("leave_percent", 30)}>
        {words.leave}
      </button>
      <button className="button" disabled={!view} onClick={() => onEvent("join", 100)}>
        {words.join}
      </button>
      {view?.serverAway ? (
        <button className="button" onClick={() => onEvent("server_back", 0)}>
          {words.back}
        </button>
      ) : (
        <button className="button" disabled={!view} onClick={() => onEvent("server_away_s", 60)}>
          {words.away}
        </button>
      )}
      <button className="button" disabled={!viewersThere} onClick={() => onEvent("partition_s", 10)}>
        {words.partition}
      </button>
      <button className="button" disabled={!viewersThere} onClick={() => onEvent("slow_uploads_s", 20)}>
        {words.slow}
      </button>
    </div>
  );
}
