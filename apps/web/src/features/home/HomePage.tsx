import "./home.css";
import { useEffect, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { useClient, useServerAway } from "../../app/ClientProvider";
import { language, text } from "../../text/text";
import { FilterBar } from "./FilterBar";
import { FirstRun } from "./FirstRun";
import { StreamCard } from "./StreamCard";
import { isFiltered, readFilter, wantedStreams, writeFilter, type HomeFilter } from "./streamFilter";
import { useLiveStreams } from "./useLiveStreams";
import { useShownStreams } from "./useShownStreams";

export function HomePage() {
  const { signaling } = useClient();
  const [parameters, setParameters] = useSearchParams();
  const filter = useMemo(() => readFilter(parameters), [parameters]);
  const wanted = useMemo(() => wantedStreams(filter), [filter]);
  const { streams, listedFor, total } = useLiveStreams(wanted);
  const shown = useShownStreams(streams, listedFor);
  const change = (next: HomeFilter) => setParameters(writeFilter(next), { replace: next.search !== filter.search });
  const awaySince = useServerAway();
  const [nowMs, setNowMs] = useState(Date.now);

  useEffect(() => {
    document.title = text.brand;
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);

  return (
    <main>
      {awaySince !== undefined && (
        <div className="notice" role="alert">
          {streams ? text.home.away(new Date(awaySince).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" })) : text.home.awayFirst}
          <button className="button" onClick={() => signaling.retryNow()}>
            {text.home.tryNow}
          </button>
        </div>
      )}
      <div className="page">
        <h1 className="visually-hidden">{text.home.title}</h1>
        {(isFiltered(filter) || (shown && shown.length > 0)) && <FilterBar filter={filter} streams={streams ?? []} onChange={change} />}
        {shown === undefined ? (
          <Skeleton />
        ) : shown.length === 0 && isFiltered(filter) ? (
          <div className="column no-match" role="status">
            <p className="title-m">{text.home.noMatch(filter.category && text.categories[filter.category], filter.tags, filter.search.trim())}</p>
            <p>
              <button className="button" onClick={() => change({ tags: [], search: "", sort: filter.sort })}>
                {text.home.clear}
              </button>
            </p>
          </div>
        ) : shown.length === 0 ? (
          <FirstRun />
        ) : (
          <ul className="wall">
            {shown.map(({ stream, ended }) => (
              <StreamCard key={stream.id} stream={stream} ended={ended} nowMs={nowMs} />
            ))}
          </ul>
        )}
        {streams && total > streams.length && <p className="small muted more">{text.home.more(streams.length, total)}</p>}
      </div>
    </main>
  );
}

function Skeleton() {
  return (
    <div className="wall" aria-hidden>
      {[0, 1, 2, 3].map((key) => (
        <div key={key} className="card">
          <div className="thumbnail skeleton" />
        </div>
      ))}
    </div>
  );
}
