import "./broadcast.css";
import { Camera } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { formatDuration } from "../../text/format";
import { text } from "../../text/text";
import { ChatPanel } from "../chat/ChatPanel";
import { LevelMeter } from "./LevelMeter";
import { LivePanel } from "./LivePanel";
import { SetupForm } from "./SetupForm";
import { useBroadcast } from "./useBroadcast";
import { useCamera, type Choice } from "./useCamera";

export function BroadcastPage() {
  const words = text.broadcast;
  const { media, devices, problem: cameraProblem, open } = useCamera();
  const { session, snapshot, stats, running, start, reset } = useBroadcast();
  const [choice, setChoice] = useState<Choice>({ camera: "default", microphone: "default" });
  const preview = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    document.title = `${words.title} - ${text.brand}`;
  }, [words]);
  useEffect(() => {
    if (preview.current) preview.current.srcObject = media ?? null;
  }, [media]);

  const choose = (next: Choice) => {
    setChoice(next);
    void open(next);
  };
  const code = snapshot?.problem?.code ?? cameraProblem;
  const problem = code && words.problems[code];
  const detail = snapshot?.problem?.code === "refused" || snapshot?.problem?.code === "encoder-failed" ? snapshot.problem.detail : "";
  const retry = () => {
    reset();
    void open(choice);
  };

  return (
    <main className="studio">
      <h1 className="visually-hidden">{words.title}</h1>
      {running && snapshot?.serverAway && (
        <p className="notice" role="status">
          {words.serverAway}
        </p>
      )}
      <div className="studio-columns">
        <div className="preview">
          <video ref={preview} autoPlay playsInline muted aria-label={words.preview} />
          {problem ? (
            <div className="cover dark" role="alert">
              <h2 className="title-m">{problem.what}</h2>
              <p>{detail || problem.next}</p>
              <button className="button main" onClick={retry}>
                {words.tryAgain}
              </button>
            </div>
          ) : (
            !media && (
              <div className="cover">
                <button className="button main large" onClick={() => void open(choice)}>
                  <Camera size={18} strokeWidth={1.75} aria-hidden />
                  {words.askCamera}
                </button>
                <p className="small">{words.askCameraWhy}</p>
              </div>
            )
          )}
        </div>
        <aside className="studio-side">
          {media && <LevelMeter media={media} />}
          {snapshot?.state === "live" ? (
            <LivePanel snapshot={snapshot} stats={stats} onEnd={() => session?.end()} />
          ) : snapshot?.state === "ended" ? (
            <div className="column form">
              <p className="title-s">{words.ended(formatDuration(Date.now() - (snapshot.liveSinceMs ?? Date.now())))}</p>
              <button className="button" onClick={reset}>
                {words.again}
              </button>
            </div>
          ) : (
            <SetupForm
              devices={devices}
              choice={choice}
              onChoice={choose}
              ready={media !== undefined}
              starting={running}
              height={media?.getVideoTracks()[0]?.getSettings().height}
              onGoLive={(details, qualities) => media && start(details, media, qualities)}
            />
          )}
          {snapshot?.state === "live" && session && <ChatPanel chat={session.chat} moderating />}
        </aside>
      </div>
    </main>
  );
}
