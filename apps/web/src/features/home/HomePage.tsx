import "./home.css";
import { useEffect, useState } from "react";
import { useClient, useServerAway } from "../../app/ClientProvider";
import { text } from "../../text/en";
import { FirstRun } from "./FirstRun";
import { StreamCard } from "./StreamCard";
import { useLiveStreams } from "./useLiveStreams";
import { useShownStreams } from "./useShownStreams";

export function HomePage() {
  const { signaling } = useClient();
  const streams = useLiveStreams();
  const shown = useShownStreams(streams);
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
          {streams ? text.home.away(new Date(awaySince).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })) : text.home.awayFirst}
          <button className="button" onClick={() => signaling.retryNow()}>
            {text.home.tryNow}
          </button>
        </div>
      )}
      <div className="page">
        <h1 className={shown?.length ? "title-l" : "visually-hidden"}>{text.home.title}</h1>
        {shown === undefined ? (
          <Skeleton />
        ) : shown.length === 0 ? (
          <FirstRun />
        ) : (
          <ul className="wall">
            {shown.map(({ stream, ended }) => (
              <StreamCard key={stream.id} stream={stream} ended={ended} nowMs={nowMs} />
            ))}
          </ul>
        )}
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
