import { useEffect, useState } from "react";
import { Link } from "react-router";
import type { WatchSnapshot } from "@p2p-stream/client";
import { formatDuration } from "../../text/format";
import { text } from "../../text/text";

const longAfterMs = 3_000;

/** What stands over the picture when there is something to say: every state of ui "Watch" that has words. */
export function PlayerMessage({ snapshot, onRetry }: { snapshot: WatchSnapshot; onRetry: () => void }) {
  const words = text.watch;
  const long = useAfter(snapshot.state === "joining", longAfterMs);
  if (snapshot.state === "joining") {
    return (
      <div className="cover" role="status">
        <p className="title-s">{snapshot.serverAway ? words.problems["server-unreachable"].what : long ? words.joiningLong : words.joining}</p>
      </div>
    );
  }
  if (snapshot.state === "playing") {
    if (!snapshot.sourceOnline) return <p className="label-over">{words.sourceAway}</p>;
    return snapshot.serverAway ? (
      <p className="label-over" role="status">
        <i className="dot warn" aria-hidden /> {words.serverAway}
      </p>
    ) : null;
  }
  const home = (
    <Link className="button" to="/">
      {words.whatIsLive}
    </Link>
  );
  const problem = snapshot.problem && words.problems[snapshot.problem.code];
  const length = snapshot.stream ? formatDuration(Date.now() - snapshot.stream.startedAt) : "";
  return (
    <div className="cover dark" role={problem ? "alert" : "status"}>
      {snapshot.state === "ended" && <h2 className="title-m">{words.ended(length)}</h2>}
      {snapshot.state === "source-lost" && <h2 className="title-m">{words.sourceLost}</h2>}
      {snapshot.state === "not-found" && <h1 className="title-m">{words.notFound}</h1>}
      {problem && (
        <>
          <h2 className="title-m">{problem.what}</h2>
          <p className="muted">
            {snapshot.problem?.code === "refused" && snapshot.problem.detail ? snapshot.problem.detail : problem.next}
          </p>
        </>
      )}
      <div className="row">
        {problem && (
          <button className="button main" onClick={onRetry}>
            {words.tryAgain}
          </button>
        )}
        {home}
      </div>
    </div>
  );
}

function useAfter(active: boolean, ms: number): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    setPassed(false);
    if (!active) return;
    const timer = setTimeout(() => setPassed(true), ms);
    return () => clearTimeout(timer);
  }, [active, ms]);
  return passed;
}
