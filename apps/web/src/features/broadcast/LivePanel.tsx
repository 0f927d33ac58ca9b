import { CircleCheck, CircleStop, Copy, Pencil, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import type { BroadcastDetails, BroadcastSnapshot, BroadcastStats } from "@p2p-stream/client";
import { formatCount, formatDuration, formatPercent } from "../../text/format";
import { text } from "../../text/text";
import { DetailsFields, detailsOf, draftOf } from "./DetailsFields";
import type { Health } from "./health";

interface Props {
  snapshot: BroadcastSnapshot;
  stats: BroadcastStats | undefined;
  health: Health;
  onUpdate: (details: BroadcastDetails) => void;
  onEnd: () => void;
}

/** The right column while live: length, health, title, who watches, link, End. */
export function LivePanel({ snapshot, stats, health, onUpdate, onEnd }: Props) {
  const words = text.broadcast;
  const [editing, setEditing] = useState(false);
  return (
    <div className="column form">
      <p className="row">
        <span className="badge">{words.live}</span>
        <LiveTime sinceMs={snapshot.liveSinceMs} />
        <span className="push row small strong health" data-health={health} role="status">
          {health === "good" ? <CircleCheck size={14} strokeWidth={2} aria-hidden /> : <TriangleAlert size={14} strokeWidth={2} aria-hidden />}
          {words.health[health].word}
        </span>
      </p>
      {health !== "good" && <p className="small muted">{words.health[health].cause}</p>}
      {editing ? (
        <EditDetails
          details={snapshot.details}
          onCancel={() => setEditing(false)}
          onSave={(details) => {
            onUpdate(details);
            setEditing(false);
          }}
        />
      ) : (
        <div className="row">
          <h2 className="title-s grow one-line">{snapshot.details.title}</h2>
          <button className="icon-button" aria-label={words.edit} onClick={() => setEditing(true)}>
            <Pencil size={18} strokeWidth={1.75} aria-hidden />
          </button>
        </div>
      )}
      <LiveFigures stats={stats} />
      <WatchLink streamId={snapshot.streamId ?? ""} />
      <button className="button red" onClick={onEnd} aria-keyshortcuts="Shift+E">
        <CircleStop size={18} strokeWidth={1.75} aria-hidden />
        {words.end}
      </button>
    </div>
  );
}

function LiveTime({ sinceMs }: { sinceMs: number | undefined }) {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <span className="strong">{formatDuration(nowMs - (sinceMs ?? nowMs))}</span>;
}

function EditDetails(props: { details: BroadcastDetails; onSave: (details: BroadcastDetails) => void; onCancel: () => void }) {
  const words = text.broadcast;
  const [draft, setDraft] = useState(() => draftOf(props.details));
  const [checked, setChecked] = useState(false);
  const save = () => {
    setChecked(true);
    const details = detailsOf(draft);
    if (details) props.onSave(details);
  };
  return (
    <form
      className="column form"
      aria-label={words.edit}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <DetailsFields draft={draft} checked={checked} onChange={setDraft} />
      <p className="row">
        <button className="button main" type="submit">
          {words.save}
        </button>
        <button className="button" type="button" onClick={props.onCancel}>
          {words.cancel}
        </button>
      </p>
    </form>
  );
}

/** What viewers received that the source did not send. */
export const shareFromPeers = ({ deliveredBytes, givenBytes }: BroadcastStats): number | undefined =>
  deliveredBytes > 0 ? Math.max(0, 1 - givenBytes / deliveredBytes) : undefined;

function LiveFigures({ stats }: { stats: BroadcastStats | undefined }) {
  const words = text.broadcast;
  const share = stats && shareFromPeers(stats);
  return (
    <dl className="live-figures">
      <div>
        <dt className="small muted">{words.watching}</dt>
        <dd className="title-l" data-testid="viewers">
          {stats?.viewers === undefined ? "-" : formatCount(stats.viewers)}
        </dd>
      </div>
      <div>
        <dt className="small muted">{words.fromPeers}</dt>
        <dd className="title-l peer">{share === undefined ? "-" : formatPercent(share)}</dd>
      </div>
      <div>
        <dt className="small muted">{words.linked}</dt>
        <dd className="title-l">{formatCount(stats?.neighbors.length ?? 0)}</dd>
      </div>
    </dl>
  );
}

function WatchLink({ streamId }: { streamId: string }) {
  const words = text.broadcast;
  const [copied, setCopied] = useState(false);
  const link = `${location.origin}/watch/${streamId}`;
  return (
    <div>
      <span className="label">{words.link}</span>
      <p className="row">
        <input className="field" readOnly value={link} aria-label={words.link} data-testid="watch-link" />
        <button className="button" onClick={() => void navigator.clipboard.writeText(link).then(() => setCopied(true))}>
          <Copy size={18} strokeWidth={1.75} aria-hidden />
          <span aria-live="polite">{copied ? words.copied : words.copy}</span>
        </button>
      </p>
    </div>
  );
}
