import { Radio } from "lucide-react";
import { useId, useState } from "react";
import { defaultQualities, qualitiesBelow, streamCategories, type BroadcastDetails, type Quality } from "@p2p-stream/client";
import { formatRate } from "../../text/format";
import { text } from "../../text/text";
import type { Choice, Devices } from "./useCamera";

interface Props {
  devices: Devices;
  choice: Choice;
  onChoice: (choice: Choice) => void;
  /** Of the camera's picture; undefined while there is none. */
  height: number | undefined;
  ready: boolean;
  starting: boolean;
  onGoLive: (details: BroadcastDetails, qualities: Quality[]) => void;
}

export function SetupForm({ devices, choice, onChoice, height, ready, starting, onGoLive }: Props) {
  const words = text.broadcast;
  const id = useId();
  const [title, setTitle] = useState("");
  const [missing, setMissing] = useState(false);
  const [category, setCategory] = useState<(typeof streamCategories)[number]>("other");
  const [tagText, setTagText] = useState("");
  const [tagsWrong, setTagsWrong] = useState(false);
  const [wanted, setWanted] = useState<ReadonlySet<number>>();
  const possible = height === undefined ? [] : qualitiesBelow(height);
  const usual = height === undefined ? [] : defaultQualities(height, navigator.hardwareConcurrency);
  const isWanted = (quality: Quality) => (wanted ?? new Set(usual.map((each) => each.height))).has(quality.height);
  const qualities = possible.filter(isWanted);

  const submit = () => {
    const trimmed = title.trim();
    const tags = tagText
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== "");
    const wrong = tags.length > 8 || tags.some((tag) => [...tag].length > 24 || !/[\p{L}\p{N}]/u.test(tag));
    setMissing(trimmed === "");
    setTagsWrong(wrong);
    if (trimmed !== "" && !wrong) onGoLive({ title: trimmed, category, tags }, qualities);
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
      <div>
        <label className="label" htmlFor={`${id}-category`}>
          {words.category}
        </label>
        <select
          id={`${id}-category`}
          className="field"
          value={category}
          onChange={({ target }) => setCategory(streamCategories.find((each) => each === target.value) ?? "other")}
        >
          {streamCategories.map((each) => (
            <option key={each} value={each}>
              {text.categories[each]}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label className="label" htmlFor={`${id}-tags`}>
          {words.tags}
        </label>
        <input
          id={`${id}-tags`}
          className="field"
          value={tagText}
          placeholder={words.tagsPlaceholder}
          aria-invalid={tagsWrong}
          aria-describedby={tagsWrong ? `${id}-tags-wrong` : undefined}
          onChange={({ target }) => setTagText(target.value)}
        />
        {tagsWrong && (
          <p className="small live" id={`${id}-tags-wrong`} role="alert">
            {words.tagsWrong}
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
      {possible.length > 1 && (
        <fieldset className="qualities" aria-describedby={`${id}-qualities`}>
          <legend className="label">{words.qualities}</legend>
          {possible.map((quality) => (
            <label key={quality.height} className="row">
              <input
                type="checkbox"
                checked={isWanted(quality)}
                disabled={isWanted(quality) && qualities.length === 1}
                onChange={({ target }) => {
                  const heights = qualities.map((each) => each.height).filter((each) => each !== quality.height);
                  setWanted(new Set(target.checked ? [...heights, quality.height] : heights));
                }}
              />
              {words.qualityName(quality.height, formatRate(quality.videoBitsPerS))}
            </label>
          ))}
          <p className="tiny faint" id={`${id}-qualities`}>
            {words.qualitiesWhy}
          </p>
        </fieldset>
      )}
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
