import { Keyboard, Maximize, Pause, PictureInPicture2, Play, RectangleHorizontal, Volume2, VolumeX, Waypoints } from "lucide-react";
import { useEffect, useState, type ReactNode, type RefObject } from "react";
import { formatDecimal } from "../../text/format";
import { text } from "../../text/text";
import { useControlsShown } from "./useControlsShown";
import { useShortcuts } from "../../components/useShortcuts";

interface Props {
  video: HTMLVideoElement;
  player: RefObject<HTMLDivElement | null>;
  behindLiveS: number | undefined;
  serverAway: boolean;
  mapShown: boolean;
  onMap: () => void;
  theatre: boolean;
  onTheatre: () => void;
  settings: ReactNode;
  /** 1: the next better quality, -1: the next lower one. */
  onQualityStep: (step: 1 | -1) => void;
  onHelp: () => void;
  onLive: () => void;
}

/** Behind live by more than this, the viewer has left live. */
const liveS = 4;

export function PlayerControls(props: Props) {
  const { video, player, behindLiveS, serverAway, mapShown, onMap, theatre, onTheatre, settings, onQualityStep, onHelp, onLive } = props;
  const { paused, muted, volume } = usePlayerState(video);
  const shown = useControlsShown(player, video);
  const words = text.watch;

  const actions = {
    playPause() {
      if (video.paused) onLive();
      else video.pause();
    },
    mute() {
      video.muted = !video.muted;
    },
    volume(by: number) {
      video.muted = false;
      video.volume = Math.min(1, Math.max(0, video.volume + by));
    },
    fullscreen() {
      if (document.fullscreenElement) void document.exitFullscreen();
      else void player.current?.requestFullscreen();
    },
    pictureInPicture() {
      if (document.pictureInPictureElement) void document.exitPictureInPicture();
      else void video.requestPictureInPicture().catch(() => {});
    },
  };

  useShortcuts({
    k: actions.playPause,
    " ": actions.playPause,
    m: actions.mute,
    f: actions.fullscreen,
    i: actions.pictureInPicture,
    n: onMap,
    t: onTheatre,
    "0": onLive,
    End: onLive,
    ArrowUp: () => actions.volume(0.05),
    ArrowDown: () => actions.volume(-0.05),
    "Shift+ArrowUp": () => onQualityStep(1),
    "Shift+ArrowDown": () => onQualityStep(-1),
    "?": onHelp,
  });

  const live = !paused && (behindLiveS ?? 0) < liveS;
  const icon = { size: 20, strokeWidth: 1.75, "aria-hidden": true } as const;
  return (
    <div className={shown ? "controls" : "controls away"}>
      <button className="icon-button" aria-label={paused ? words.play : words.pause} onClick={actions.playPause}>
        {paused ? <Play {...icon} /> : <Pause {...icon} />}
      </button>
      <button className="icon-button" aria-label={muted ? words.unmute : words.mute} onClick={actions.mute}>
        {muted ? <VolumeX {...icon} /> : <Volume2 {...icon} />}
      </button>
      <input
        className="volume wide-only"
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={muted ? 0 : volume}
        aria-label={words.volume}
        onChange={({ target }) => {
          video.volume = Number(target.value);
          video.muted = false;
        }}
      />
      <button className="live-button" onClick={onLive} aria-label={words.toLive}>
        <i className={serverAway ? "dot warn" : live ? "dot" : "dot hollow"} aria-hidden />
        {words.live}
      </button>
      {behindLiveS !== undefined && <span className="small behind">{words.behind(formatDecimal(behindLiveS))}</span>}
      {muted && (
        <button className="button over push" onClick={actions.mute}>
          <VolumeX size={18} strokeWidth={1.75} aria-hidden />
          {words.unmuteHint}
        </button>
      )}
      <span className={muted ? "row" : "row push"}>
        <button className="icon-button" aria-label={words.map} aria-pressed={mapShown} onClick={onMap}>
          <Waypoints {...icon} />
        </button>
        {settings}
        <button className="icon-button wide-only" aria-label={words.keys} onClick={onHelp}>
          <Keyboard {...icon} />
        </button>
        <button className="icon-button wide-only" aria-label={words.theatre} aria-pressed={theatre} onClick={onTheatre}>
          <RectangleHorizontal {...icon} />
        </button>
        <button className="icon-button wide-only" aria-label={words.pip} onClick={actions.pictureInPicture}>
          <PictureInPicture2 {...icon} />
        </button>
        <button className="icon-button" aria-label={words.fullscreen} onClick={actions.fullscreen}>
          <Maximize {...icon} />
        </button>
      </span>
    </div>
  );
}

function usePlayerState(video: HTMLVideoElement) {
  const [state, setState] = useState({ paused: true, muted: false, volume: 1 });
  useEffect(() => {
    const read = () => setState({ paused: video.paused, muted: video.muted, volume: video.volume });
    read();
    const events = ["play", "pause", "volumechange"];
    for (const event of events) video.addEventListener(event, read);
    return () => {
      for (const event of events) video.removeEventListener(event, read);
    };
  }, [video]);
  return state;
}
