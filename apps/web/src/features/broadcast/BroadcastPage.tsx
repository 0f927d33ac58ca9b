import "./broadcast.css";
import { useEffect, useMemo, useState } from "react";
import { canBroadcast, pictureFor, type BroadcastDetails, type BroadcastInputs, type Card, type Scene, type Size } from "@p2p-stream/client";
import { useShortcuts } from "../../components/useShortcuts";
import { groundOf, monogram } from "../../text/format";
import { text } from "../../text/text";
import { ChatPanel } from "../chat/ChatPanel";
import { emptyDraft, draftOf, type DraftDetails } from "./DetailsFields";
import { EndDialog } from "./EndDialog";
import { healthOf } from "./health";
import { LivePanel } from "./LivePanel";
import { Preview } from "./Preview";
import { PreviewCover } from "./PreviewCover";
import { chosenQualities, QualityTable } from "./QualityTable";
import { QuickControls } from "./QuickControls";
import { ResumeOffer } from "./ResumeOffer";
import { SentGraph } from "./SentGraph";
import { SetupForm } from "./SetupForm";
import { SourcePanel } from "./SourcePanel";
import type { SourcesSnapshot } from "./sources";
import { problemMessage, sourceMessage, streamMessage } from "./studioNews";
import { Summary } from "./Summary";
import { Toast } from "./Toast";
import { useAskBeforeLeaving } from "./useAskBeforeLeaving";
import { useBroadcast, type Resumable } from "./useBroadcast";
import { useLatest } from "./useLatest";
import { useSentSeconds } from "./useSentSeconds";
import { useSources } from "./useSources";

/** The picture that a stream of these sources would have. */
function pictureOf({ scene, camera, screen }: SourcesSnapshot): Size {
  const { width, height } = (scene === "camera" ? camera : screen)?.getSettings() ?? {};
  return pictureFor(width && height ? { width, height } : undefined);
}

export function BroadcastPage() {
  const words = text.broadcast;
  const { sources, shown } = useSources();
  const [draft, setDraft] = useState<DraftDetails>(emptyDraft);
  const [wanted, setWanted] = useState<ReadonlySet<number>>();
  const [counting, setCounting] = useState<BroadcastDetails>();
  const [asking, setAsking] = useState(false);
  const [endedMs, setEndedMs] = useState(0);
  // The picture stays for the length of a stream, however its sources change.
  const [fixed, setFixed] = useState<Size>();
  const title = draft.title.trim();
  const card = useMemo<Card>(() => ({ letters: monogram(title || text.brand), ground: groundOf(title) }), [title]);
  const inputs = useMemo<BroadcastInputs>(() => {
    const { scene, inset, camera, screen, microphone, screenSound, muted } = shown;
    return { scene, inset, camera, screen, microphone, screenSound: scene === "camera" ? undefined : screenSound, muted, card };
  }, [shown, card]);
  const { session, snapshot, stats, running, resumable, start, reset, decline } = useBroadcast(inputs);
  const live = snapshot?.state === "live";
  const picture = fixed ?? pictureOf(shown);
  const seconds = useSentSeconds(live ? stats : undefined);
  const ready = shown.camera !== undefined || shown.screen !== undefined || shown.microphone !== undefined;

  useEffect(() => {
    document.title = `${live ? "● " : ""}${words.title} - ${text.brand}`;
  }, [words, live]);

  const choose = (scene: Scene) => void sources.setScene(scene);
  const goLive = () => {
    if (!counting) return;
    setFixed(picture);
    setCounting(undefined);
    start(counting, chosenQualities(picture, wanted));
  };
  const resume = async (saved: Resumable) => {
    setDraft(draftOf(saved.details));
    setFixed(saved.settings.picture);
    await sources.open();
    start(saved.details, saved.settings.qualities, saved);
  };
  const end = () => {
    setAsking(false);
    setEndedMs(Date.now());
    session?.end();
  };
  const again = () => {
    reset();
    setFixed(undefined);
    if (!ready) void sources.open();
  };
  useShortcuts({
    m: () => sources.mute(!shown.muted),
    "1": () => choose("camera"),
    "2": () => choose("screen"),
    "3": () => choose("both"),
    ...(live && { "Shift+e": () => setAsking(true) }),
  });
  useAskBeforeLeaving(running, () => setAsking(true));

  // What a source lacks must not hide a stream that goes on.
  const code = snapshot?.problem?.code ?? (running ? undefined : canBroadcast() || !isSecureContext ? shown.problem : "encoder-missing");
  const problem = code && words.problems[code];
  const detail = snapshot?.problem?.code === "refused" || snapshot?.problem?.code === "encoder-failed" ? snapshot.problem.detail : "";
  const message = useLatest(
    (running && shown.problem ? problemMessage(shown.problem) : undefined) ?? (shown.news && sourceMessage(shown.news, () => choose("screen"))),
    snapshot && streamMessage(snapshot),
  );

  return (
    <main className="studio">
      <h1 className="visually-hidden">{words.title}</h1>
      {live && snapshot.serverAway && (
        <p className="notice" role="status">
          {words.serverAway}
        </p>
      )}
      {resumable && !running && <ResumeOffer resumable={resumable} onResume={() => void resume(resumable)} onDecline={decline} />}
      <div className="studio-columns">
        <SourcePanel sources={sources} shown={shown} onScene={choose} />
        <div className="studio-middle">
          <Preview sources={sources} shown={shown} picture={picture} card={card} live={live}>
            <PreviewCover
              problem={problem && { what: problem.what, next: detail || problem.next }}
              counting={counting !== undefined}
              empty={!ready && !live}
              onAgain={again}
              onLive={goLive}
              onCancel={() => setCounting(undefined)}
              onOpen={() => void sources.open()}
            />
          </Preview>
          <QuickControls sources={sources} shown={shown} onScene={choose} format={words.sentFormat(picture.width, picture.height, 30)} />
          {live ? (
            <SentGraph seconds={seconds} allowedBitsPerS={stats?.uploadAllowedBitsPerS ?? 0} dropped={stats?.droppedFrames ?? 0} />
          ) : (
            ready && <QualityTable picture={picture} wanted={wanted} onWanted={setWanted} />
          )}
        </div>
        <aside className="studio-side" aria-label={live ? words.liveTitle : words.title}>
          {live ? (
            <LivePanel
              snapshot={snapshot}
              stats={stats}
              health={healthOf(snapshot, stats, seconds)}
              onUpdate={(details) => {
                setDraft(draftOf(details));
                session?.update(details);
              }}
              onEnd={() => setAsking(true)}
            />
          ) : snapshot?.state === "ended" ? (
            <Summary snapshot={snapshot} stats={stats} endedMs={endedMs} onAgain={again} />
          ) : (
            <SetupForm draft={draft} onDraft={setDraft} ready={ready} starting={running || counting !== undefined} onGoLive={setCounting} />
          )}
          {snapshot?.state === "live" && session && <ChatPanel chat={session.chat} moderating />}
        </aside>
      </div>
      {asking && <EndDialog onEnd={end} onKeep={() => setAsking(false)} />}
      <Toast message={message} />
    </main>
  );
}
