import { Radio } from "lucide-react";
import { useId, useState } from "react";
import { text } from "../../text/en";
import type { Choice, Devices } from "./useCamera";

interface Props {
  devices: Devices;
  choice: Choice;
  onChoice: (choice: Choice) => void;
  ready: boolean;
  starting: boolean;
  onGoLive: (title: string) => void;
}

export function SetupForm({ devices, choice, onChoice, ready, starting, onGoLive }: Props) {
  const words = text.broadcast;
  const id = useId();
  const [title, setTitle] = useState("");
  const [missing, setMissing] = useState(false);

  const submit = () => {
    const trimmed = title.trim();
    setMissing(trimmed === "");
    if (trimmed !== "") onGoLive(trimmed);
  };

  return (
    <form
      className="column form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div>
        <label className="label" htmlFor={`${id}-title`}>
          {words.streamTitle}
        </label>
        <input
          id={`${id}-title`}
          className="field"
          value={title}
          maxLength={120}
          placeholder={words.titlePlaceholder}
          aria-invalid={missing}
          aria-describedby={missing ? `${id}-missing` : undefined}
          onChange={({ target }) => setTitle(target.value)}
        />
        {missing && (
          <p className="small live" id={`${id}-missing`} role="alert">
            {words.titleMissing}
          </p>
        )}
      </div>
      <DeviceSelect
        label={words.camera}
        devices={devices.cameras}
        value={choice.camera}
        onChange={(camera) => onChoice({ ...choice, camera })}
      />
      <DeviceSelect
        label={words.microphone}
        devices={devices.microphones}
        value={choice.microphone}
        onChange={(microphone) => onChoice({ ...choice, microphone })}
      />
      <button className="button red large" type="submit" disabled={!ready || starting}>
        <Radio size={18} strokeWidth={1.75} aria-hidden />
        {starting ? words.starting : words.goLive}
      </button>
    </form>
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
        <option value="default">{props.devices[0]?.label || props.label}</option>
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
