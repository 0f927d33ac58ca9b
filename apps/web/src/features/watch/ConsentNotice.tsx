import type { Consent } from "@p2p-stream/client";
import { text } from "../../text/text";
import type { SharingChoice } from "./sharing";

interface Props {
  consent: Consent | undefined;
  relayAvailable: boolean;
  onChoose: (change: Partial<SharingChoice>) => void;
}

/** Once, over a corner of the picture: what passing the stream on means, and the three ways to have it. */
export function ConsentNotice({ consent, relayAvailable, onChoose }: Props) {
  const words = text.watch.consent;
  return (
    <section className="consent column" aria-label={words.label}>
      <p className="small">{consent === "ask" ? words.ask : words.notice}</p>
      <p className="row wrap">
        <button className="button main" onClick={() => onChoose({ giving: true, hidden: false })}>
          {words.share}
        </button>
        {relayAvailable && (
          <button className="button" onClick={() => onChoose({ giving: true, hidden: true })}>
            {words.hide}
          </button>
        )}
        <button className="button" onClick={() => onChoose({ giving: false, hidden: false })}>
          {words.decline}
        </button>
      </p>
    </section>
  );
}
