import { Mic, MicOff, MonitorUp, PictureInPicture2, Video } from "lucide-react";
import type { Scene } from "@p2p-stream/client";
import { text } from "../../text/text";
import type { Sources, SourcesSnapshot } from "./sources";

interface Props {
  sources: Sources;
  shown: SourcesSnapshot;
  onScene: (scene: Scene) => void;
  /** Size and codec of what is sent. */
  format: string;
}

/** Below the preview: what a streamer does most, each with its key. */
export function QuickControls({ sources, shown, onScene, format }: Props) {
  const words = text.broadcast;
  const scenes = [
    ["camera", Video, "1"],
    ["screen", MonitorUp, "2"],
    ["both", PictureInPicture2, "3"],
  ] as const;
  return (
    <div className="row quick" role="group" aria-label={words.quick}>
      <button
        className="button"
        aria-pressed={shown.muted}
        aria-keyshortcuts="m"
        disabled={!shown.microphone}
        onClick={() => sources.mute(!shown.muted)}
      >
        {shown.muted ? <MicOff size={18} strokeWidth={1.75} aria-hidden /> : <Mic size={18} strokeWidth={1.75} aria-hidden />}
        {shown.muted ? words.unmute : words.mute}
        <kbd aria-hidden>M</kbd>
      </button>
      {scenes.map(([scene, Icon, key]) => (
        <button key={scene} className="button" aria-pressed={shown.scene === scene} aria-keyshortcuts={key} onClick={() => onScene(scene)}>
          <Icon size={18} strokeWidth={1.75} aria-hidden />
          {words.shortScenes[scene]}
          <kbd aria-hidden>{key}</kbd>
        </button>
      ))}
      <span className="push small muted">{format}</span>
    </div>
  );
}
