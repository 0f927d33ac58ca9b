import { useId } from "react";
import type { Consent } from "@p2p-stream/client";
import { Dialog } from "../../components/Dialog";
import { Switch } from "../../components/Switch";
import { formatBytes } from "../../text/format";
import { text } from "../../text/text";
import { uploadMbitPerSMax, type Saving, type SharingChoice } from "./sharing";

interface Props {
  choice: SharingChoice;
  onChoose: (change: Partial<SharingChoice>) => void;
  consent: Consent | undefined;
  saving: Saving | undefined;
  relayAvailable: boolean;
  givenBytes: number;
  onClose: () => void;
}

export function SharingDialog({ choice, onChoose, consent, saving, relayAvailable, givenBytes, onClose }: Props) {
  const words = text.watch.sharing;
  const id = useId();
  const off = consent === "off";
  const limit = choice.uploadMbitPerS;
  return (
    <Dialog title={words.title} onClose={onClose}>
      {off && <p className="small muted">{words.off}</p>}
      <Switch
        label={words.giving}
        meaning={saving ? words.saving[saving] : words.givingMeaning}
        checked={choice.giving && !off}
        disabled={off}
        onChange={(giving) => onChoose({ giving })}
      />
      <div>
        <label className="label" htmlFor={id}>
          {words.limit}
        </label>
        <div className="row">
          <input
            id={id}
            className="grow range"
            type="range"
            min={0}
            max={uploadMbitPerSMax}
            value={limit}
            disabled={off || !choice.giving}
            aria-valuetext={limit === 0 ? words.automatic : words.mbitPerS(limit)}
            onChange={({ target }) => onChoose({ uploadMbitPerS: Number(target.value) })}
          />
          <span className="limit small">{limit === 0 ? words.automatic : words.mbitPerS(limit)}</span>
        </div>
      </div>
      <Switch
        label={words.hidden}
        meaning={relayAvailable ? words.hiddenMeaning : words.hiddenMissing}
        checked={choice.hidden || off}
        disabled={off || (!relayAvailable && !choice.hidden)}
        onChange={(hidden) => onChoose({ hidden })}
      />
      <Switch
        label={words.mobile}
        meaning={words.mobileMeaning}
        checked={choice.onMobileData}
        disabled={off}
        onChange={(onMobileData) => onChoose({ onMobileData })}
      />
      <p className="small">{words.given(formatBytes(givenBytes))}</p>
    </Dialog>
  );
}
