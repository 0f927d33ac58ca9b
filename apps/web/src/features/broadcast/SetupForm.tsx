import { Radio } from "lucide-react";
import { useState } from "react";
import type { BroadcastDetails } from "@p2p-stream/client";
import { text } from "../../text/text";
import { DetailsFields, detailsOf, type DraftDetails } from "./DetailsFields";

interface Props {
  draft: DraftDetails;
  onDraft: (draft: DraftDetails) => void;
  /** There is something to show or to hear. */
  ready: boolean;
  starting: boolean;
  onGoLive: (details: BroadcastDetails) => void;
}

/** The right column before a stream. */
export function SetupForm({ draft, onDraft, ready, starting, onGoLive }: Props) {
  const words = text.broadcast;
  const [checked, setChecked] = useState(false);
  const submit = () => {
    setChecked(true);
    const details = detailsOf(draft);
    if (details) onGoLive(details);
  };
  return (
    <form
      className="column form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <h2 className="title-m">{words.title}</h2>
      <DetailsFields draft={draft} checked={checked} onChange={onDraft} />
      <div className="go-live column">
        <button className="button red large" type="submit" disabled={!ready || starting} aria-describedby="go-live-why">
          <Radio size={18} strokeWidth={1.75} aria-hidden />
          {starting ? words.starting : words.goLive}
        </button>
        <p className="small muted" id="go-live-why">
          {ready ? words.goLiveMeans : words.notReady}
        </p>
      </div>
    </form>
  );
}
