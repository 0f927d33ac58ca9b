import "../../components/switch.css";
import { MonitorUp, PictureInPicture2, Video } from "lucide-react";
import { useId } from "react";
import type { Scene } from "@p2p-stream/client";
import { text } from "../../text/text";
import { MicrophoneMeter } from "./MicrophoneMeter";
import type { Sources, SourcesSnapshot } from "./sources";

const icons = { camera: Video, screen: MonitorUp, both: PictureInPicture2 } as const;

/** The left column: what is shown, and with which devices. */
export function SourcePanel({ sources, shown, onScene }: { sources: Sources; shown: SourcesSnapshot; onScene: (scene: Scene) => void }) {
  const words = text.broadcast;
  const { choice, devices } = shown;
  return (
    <section className="studio-sources column" aria-label={words.source}>
      <h2 className="small strong">{words.source}</h2>
      <div className="column tight" role="group" aria-label={words.source}>
        {(["camera", "screen", "both"] as const).map((scene) => {
          const Icon = icons[scene];
          return (
            <button key={scene} className="source-button" aria-pressed={shown.scene === scene} onClick={() => onScene(scene)}>
              <Icon size={18} strokeWidth={1.75} aria-hidden />
              {words.scenes[scene]}
            </button>
          );
        })}
      </div>
      <h2 className="small strong">{words.devices}</h2>
      <DeviceSelect
        label={words.camera}
        devices={devices.cameras}
        value={choice.camera}
        onChange={(camera) => void sources.open({ ...choice, camera })}
      />
      <Switch label={words.cameraOff} checked={shown.cameraOff} onChange={(off) => void sources.setCameraOff(off)} />
      <DeviceSelect
        label={words.microphone}
        devices={devices.microphones}
        value={choice.microphone}
        onChange={(microphone) => void sources.open({ ...choice, microphone })}
      />
      {shown.microphone && <MicrophoneMeter track={shown.microphone} muted={shown.muted} />}
      <Switch
        label={words.computerSound}
        hint={shown.screen && !shown.screenSound ? words.noComputerSound : undefined}
        checked={shown.computerSound}
        onChange={(wanted) => sources.setComputerSound(wanted)}
      />
    </section>
  );
}

function Switch({
  label,
  hint,
  checked,
  onChange,
}: {
  label: string;
  hint?: string | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div>
      <label className="row switch-row">
        <span className="grow small">{label}</span>
        <input
          type="checkbox"
          className="switch"
          checked={checked}
          aria-describedby={hint ? id : undefined}
          onChange={({ target }) => onChange(target.checked)}
        />
      </label>
      {hint && (
        <p className="tiny faint" id={id}>
          {hint}
        </p>
      )}
    </div>
  );
}

function DeviceSelect(props: { label: string; devices: MediaDeviceInfo[]; value: string; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div>
      <label className="label" htmlFor={id}>
        {props.label}
      </label>
      <select id={id} className="field" value={props.value} onChange={({ target }) => props.onChange(target.value)}>
        <option value="default">{props.devices[0]?.label || text.broadcast.defaultDevice}</option>
        {props.devices.slice(1).map(({ deviceId, label }) => (
          <option key={deviceId} value={deviceId}>
            {label}
          </option>
        ))}
        <option value="none">{text.broadcast.none}</option>
      </select>
    </div>
  );
}
