import "./watch.css";
import { Share2, Eye } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useParams } from "react-router";
import { formatCount, groundOf, monogram } from "../../text/format";
import { text } from "../../text/text";
import { ChatColumn } from "../chat/ChatColumn";
import { ReactionBursts } from "../chat/ReactionBursts";
import { FeedLine } from "./FeedLine";
import { MeshPanel } from "./MeshPanel";
import { PlayerControls } from "./PlayerControls";
import { PlayerMessage } from "./PlayerMessage";
import { Picture } from "./Picture";
import { SettingsMenu } from "./SettingsMenu";
import { usePlaySettings } from "./usePlaySettings";
import { useWatchSession, useWatchStats } from "./useWatchSession";

export function WatchPage() {
  const { streamId = "" } = useParams();
  const player = useRef<HTMLDivElement>(null);
  const [attempt, setAttempt] = useState(0);
  const [mapShown, setMapShown] = useState(true);
  const [linkCopied, setLinkCopied] = useState(false);
  const { session, video, snapshot } = useWatchSession(streamId, attempt);
  const stats = useWatchStats(session);
  const { quality, chooseQuality, latency, chooseLatency } = usePlaySettings(session);
  const [theatre, setTheatre] = useState(false);
  const stream = snapshot.stream;

  useEffect(() => {
    document.title = stream ? `${stream.title} - ${text.brand}` : text.brand;
  }, [stream]);

  const share = () => void navigator.clipboard.writeText(location.href).then(() => setLinkCopied(true));

  return (
    <main className={theatre ? "watch theatre" : "watch"}>
      <div ref={player} className="player" role="region" aria-label={text.watch.player}>
        <Picture video={video} />
        <ReactionBursts chat={session?.chat} />
        <PlayerMessage snapshot={snapshot} onRetry={() => setAttempt(attempt + 1)} />
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
                renditions={stats?.renditions ?? []}
                quality={quality}
                onQuality={chooseQuality}
                latency={latency}
                onLatency={chooseLatency}
              />
            }
            onLive={() => session?.toLive()}
          />
        )}
      </div>
      <FeedLine neighbors={stats?.neighbors ?? []} />
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
      {stats && mapShown && <MeshPanel stats={stats} qualityChosen={quality !== undefined} />}
      {stream && <ChatColumn chat={session?.chat} />}
    </main>
  );
}
