import type { LinkStats } from "@p2p-stream/client";
import { Radio, ExternalLink, Plus, Square } from "lucide-react";
import { useCallback, useState } from "react";
import { text } from "../../../text/text";
import { RealLinks, type LinksAt } from "./RealLinks";
import { RealViewerTile } from "./RealViewerTile";
import type { RealStream } from "./useRealStream";

const viewersMax = 8;

interface Props {
  stream: RealStream;
  onGlassToGlass: (measured: { viewer: number; ms: number } | undefined) => void;
}

/** The pattern as a real stream, real viewers in this page, and what the browser says of their connections. */
export function RealSection({ stream, onGlassToGlass }: Props) {
  const words = text.debug.real;
  const [viewers, setViewers] = useState<readonly number[]>([]);
  const [linksOf, setLinksOf] = useState<Readonly<Record<number, readonly LinkStats[]>>>({});
  const streamId = stream.running ? stream.snapshot?.streamId : undefined;

  const told = useCallback(
    (viewer: number, links: readonly LinkStats[], ms: number | undefined) => {
      setLinksOf((last) => ({ ...last, [viewer]: links }));
      if (ms !== undefined) onGlassToGlass({ viewer, ms });
    },
    [onGlassToGlass],
  );
  const remove = (viewer: number) => {
    setViewers(viewers.filter((each) => each !== viewer));
    setLinksOf(({ [viewer]: _gone, ...rest }) => rest);
    onGlassToGlass(undefined);
  };
  const end = () => {
    stream.stop();
    setViewers([]);
    setLinksOf({});
    onGlassToGlass(undefined);
  };
  const tables: LinksAt[] = [
    { name: words.sender, links: stream.links },
    ...viewers.map((viewer) => ({ name: words.viewer(viewer), links: linksOf[viewer] ?? [] })),
  ];
  const problem = stream.snapshot?.problem;
  return (
    <section className="debug-panel" aria-labelledby="real">
      <header className="debug-real-head">
        <h2 id="real" className="small strong">
          {words.name}
        </h2>
        <span className="small faint">{words.what}</span>
        {stream.running ? (
          <button className="button debug-small" onClick={end}>
            <Square size={14} strokeWidth={2} aria-hidden />
            {words.stop}
          </button>
        ) : (
          <button className="button debug-small" onClick={stream.start}>
            <Radio size={14} strokeWidth={2} aria-hidden />
            {words.start}
          </button>
        )}
        {streamId && (
          <>
            <button
              className="button debug-small"
              disabled={viewers.length >= viewersMax}
              title={viewers.length >= viewersMax ? words.most : undefined}
              onClick={() => setViewers([...viewers, Math.max(0, ...viewers) + 1])}
            >
              <Plus size={14} strokeWidth={2} aria-hidden />
              {words.add}
            </button>
            <a className="button debug-small" href={`/watch/${streamId}`} target="_blank" rel="noreferrer">
              <ExternalLink size={14} strokeWidth={2} aria-hidden />
              {words.tab}
            </a>
          </>
        )}
        {stream.snapshot?.state === "starting" && <span className="small muted">{words.starting}</span>}
      </header>
      {problem && (
        <p className="small live" role="alert">
          {words.problem} {text.broadcast.problems[problem.code].what} {text.broadcast.problems[problem.code].next}
        </p>
      )}
      {streamId && (
        <div className="debug-real">
          <div className="debug-tiles">
            {viewers.map((viewer) => (
              <RealViewerTile key={viewer} viewer={viewer} streamId={streamId} onTold={told} onRemove={remove} />
            ))}
          </div>
          <RealLinks tables={tables} />
        </div>
      )}
    </section>
  );
}
