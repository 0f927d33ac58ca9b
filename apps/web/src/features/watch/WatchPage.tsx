import "./watch.css";
import { Share2, Eye } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useParams } from "react-router";
import { useClient } from "../../app/ClientProvider";
import { formatCount, groundOf, monogram } from "../../text/format";
import { text } from "../../text/text";
import { ConsentNotice } from "./ConsentNotice";
import { ChatColumn } from "../chat/ChatColumn";
import { ReactionBursts } from "../chat/ReactionBursts";
import { FeedLine } from "./FeedLine";
import { MeshPanel } from "./MeshPanel";
import { PlayerControls } from "./PlayerControls";
import { PlayerMessage } from "./PlayerMessage";
import { Picture } from "./Picture";
import { nameOf, stepFrom } from "./qualities";
import { SettingsMenu } from "./SettingsMenu";
import { SharingDialog } from "./SharingDialog";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { useNotices } from "./useNotices";
import { usePlaySettings } from "./usePlaySettings";
import { useSharing } from "./useSharing";
import { useWaiting } from "./useWaiting";
import { useWakeLock } from "./useWakeLock";
import { useWatchSession, useWatchStats } from "./useWatchSession";

type Opened = "sharing" | "keys";

export function WatchPage() {
  const { streamId = "" } = useParams();
  const { signaling } = useClient();
  const player = useRef<HTMLDivElement>(null);
  const [attempt, setAttempt] = useState(0);
  const [mapShown, setMapShown] = useState(true);
  const [linkCopied, setLinkCopied] = useState(false);
  const [opened, setOpened] = useState<Opened>();
  const { session, video, snapshot } = useWatchSession(streamId, attempt);
  const stats = useWatchStats(session);
  const { quality, chooseQuality, latency, chooseLatency } = usePlaySettings(session);
  const sharing = useSharing(session, snapshot.consent);
  const waiting = useWaiting(video);
  useWakeLock(video);
  const [theatre, setTheatre] = useState(false);
  const { stream, consent, relayAvailable } = snapshot;
  const neighbors = stats?.neighbors ?? [];
  const renditions = stats?.renditions ?? [];
  const notice = useNotices(neighbors, sharing.choice.hidden || consent === "off", sharing.saving);

  useEffect(() => {
    document.title = stream ? `${stream.title} - ${text.brand}` : text.brand;
  }, [stream]);

  const share = () => void navigator.clipboard.writeText(location.href).then(() => setLinkCopied(true));
  const slower = stepFrom(renditions, -1);
  const openSharing = () => setOpened("sharing");
  const close = () => setOpened(undefined);

  return (
    <main className={theatre ? "watch theatre" : "watch"}>
      <div ref={player} className="player" role="region" aria-label={text.watch.player}>
        <Picture video={video} />
        <PlayerMessage
          snapshot={snapshot}
          waiting={waiting}
          cutOff={snapshot.serverAway && stats !== undefined && neighbors.length === 0}
          bufferS={stats?.bufferS ?? 0}
          slower={slower && { name: nameOf(slower), choose: () => chooseQuality(slower.id) }}
          onRetry={() => setAttempt(attempt + 1)}
          onReconnect={() => signaling.retryNow()}
        />
        {sharing.asks && snapshot.state !== "not-found" && (
          <ConsentNotice consent={consent} relayAvailable={relayAvailable} onChoose={sharing.choose} />
        )}
        {notice && (
          <p className="label-over right" role="status">
            {notice.text}
            <button className="button over" onClick={notice.close}>
              {text.watch.understood}
            </button>
          </p>
        )}
        <ReactionBursts chat={session?.chat} />
        {video && snapshot.state !== "not-found" && (
          <PlayerControls
            video={video}
            player={player}
            behindLiveS={stats?.behindLiveS}
            serverAway={snapshot.serverAway}
            mapShown={mapShown}
            onMap={() => setMapShown(!mapShown)}
            theatre={theatre}
            onTheatre={() => setTheatre(!theatre)}
            settings={
              <SettingsMenu
                renditions={renditions}
                quality={quality}
                onQuality={chooseQuality}
                latency={latency}
                onLatency={chooseLatency}
                onSharing={openSharing}
              />
            }
            onQualityStep={(step) => chooseQuality(stepFrom(renditions, step)?.id ?? quality)}
            onHelp={() => setOpened("keys")}
            onLive={() => session?.toLive()}
          />
        )}
      </div>
      <FeedLine neighbors={neighbors} />
      {stream && (
        <div className="about">
          <span className="monogram large" style={{ background: groundOf(stream.id) }} aria-hidden>
            {monogram(stream.title)}
          </span>
          <h1 className="title-m one-line grow">{stream.title}</h1>
          <span className="row live strong">
            <Eye size={18} strokeWidth={1.75} aria-hidden />
            <span>
              {formatCount(stream.viewers)}
              <span className="visually-hidden"> {text.watch.viewers("")}</span>
            </span>
          </span>
          <button className="button" onClick={share}>
            <Share2 size={18} strokeWidth={1.75} aria-hidden />
            <span aria-live="polite">{linkCopied ? text.watch.linkCopied : text.watch.share}</span>
          </button>
        </div>
      )}
      {stats && mapShown && <MeshPanel stats={stats} qualityChosen={quality !== undefined} saving={sharing.saving} onSharing={openSharing} />}
      {opened === "keys" && <ShortcutsDialog onClose={close} />}
      {opened === "sharing" && (
        <SharingDialog
          choice={sharing.choice}
          onChoose={sharing.choose}
          consent={consent}
          saving={sharing.saving}
          relayAvailable={relayAvailable}
          givenBytes={stats?.givenBytes ?? 0}
          onClose={close}
        />
      )}
      {stream && <ChatColumn chat={session?.chat} />}
    </main>
  );
}
