import { useId } from "react";
import { Dialog } from "../../components/Dialog";
import { text } from "../../text/text";

/** Asks before everybody loses the picture. */
export function EndDialog({ onEnd, onKeep }: { onEnd: () => void; onKeep: () => void }) {
  const words = text.broadcast;
  const id = useId();
  return (
    <Dialog title={words.endAsk} role="alertdialog" describedBy={id} onClose={onKeep}>
      <p id={id}>{words.endMeans}</p>
      <p className="row dialog-actions">
        <button className="button" onClick={onKeep}>
          {words.keepGoing}
        </button>
        <button className="button red" onClick={onEnd}>
          {words.end}
        </button>
      </p>
    </Dialog>
  );
}
