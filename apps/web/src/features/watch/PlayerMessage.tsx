import { useEffect, useState } from "react";
import { Link } from "react-router";
import type { WatchSnapshot } from "@p2p-stream/client";
import { formatDuration } from "../../text/format";
import { text } from "../../text/text";
import type { Waiting } from "./useWaiting";

const longAfterMs = 3_000;
/** Less than this in the buffer is not worth a figure. */
const bufferedMinS = 0.5;

interface Props {
  snapshot: WatchSnapshot;
  waiting: Waiting;
  /** Nobody is linked any more, and the server is away: the fault is near us. */
  cutOff: boolean;
  bufferS: number;
  /** A quality that the line may carry better than the present one. */
  slower: { name: string; choose: () => void } | undefined;
  onRetry: () => void;
  onReconnect: () => void;
}

/** What stands over the picture when there is something to say: every state of ui "Watch" that has words. */
export function PlayerMessage(props: Props) {
  const { snapshot } = props;
  if (snapshot.state === "joining") return <Joining serverAway={snapshot.serverAway} />;
  if (snapshot.state === "playing") return <Playing {...props} />;
  return <Over {...props} />;
}

function Joining({ serverAway }: { serverAway: boolean }) {
  const words = text.watch;
  const long = useAfter(longAfterMs);
  return (
    <div className="cover" role="status">
      <p className="title-s">{serverAway ? words.problems["server-unreachable"].what : long ? words.joiningLong : words.joining}</p>
    </div>
  );
}

/** The picture shows; if it stands, the last one does. */
function Playing({ snapshot, waiting, cutOff, bufferS, slower, onReconnect }: Props) {
  const words = text.watch;
  if (cutOff) {
    if (bufferS >= bufferedMinS && waiting === "no") {
      return (
        <p className="label-over" role="status">
          {words.reconnecting(bufferS.toFixed(0))}
        </p>
      );
    }
    return (
      <div className="cover dark" role="status">
        <p className="title-s">{words.lost}</p>
        <button className="button main" onClick={onReconnect}>
          {words.tryNow}
        </button>
      </div>
    );
  }
  return (
    <>
      {!snapshot.sourceOnline ? (
        <p className="label-over" role="status">
          {words.sourceAway}
        </p>
      ) : (
        snapshot.serverAway && (
          <p className="label-over" role="status">
            <i className="dot warn" aria-hidden /> {words.serverAway}
          </p>
        )
      )}
      {waiting !== "no" && snapshot.sourceOnline && (
        <div className="cover" role="status">
          <i className="ring" aria-hidden />
          {waiting === "ring" ? (
            <span className="visually-hidden">{words.waiting}</span>
          ) : (
            <p className="row">
              {words.slow}
              {slower && (
                <button className="button" onClick={slower.choose}>
                  {words.trySlower(slower.name)}
                </button>
              )}
            </p>
          )}
        </div>
      )}
    </>
  );
}

/** There is no picture, or none any more. */
function Over({ snapshot, onRetry }: Props) {
  const words = text.watch;
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
        <Link className="button" to="/">
          {words.whatIsLive}
        </Link>
      </div>
    </div>
  );
}

function useAfter(ms: number): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setPassed(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return passed;
}
