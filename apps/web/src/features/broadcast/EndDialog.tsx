import { useEffect, useRef, type SyntheticEvent } from "react";
import { text } from "../../text/text";

interface Props {
  open: boolean;
  onEnd: () => void;
  onKeep: () => void;
}

/** Asks before everybody loses the picture. */
export function EndDialog({ open, onEnd, onKeep }: Props) {
  const words = text.broadcast;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  // Esc. Its own end is not listened to: that event comes late, and would close a dialog that was opened again meanwhile.
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    onKeep();
  };
  return (
    <dialog ref={dialog} className="dialog" role="alertdialog" aria-labelledby="end-title" aria-describedby="end-means" onCancel={cancel}>
      <h2 className="title-s" id="end-title">
        {words.endAsk}
      </h2>
      <p id="end-means">{words.endMeans}</p>
      <p className="row dialog-actions">
        <button className="button" onClick={onKeep}>
          {words.keepGoing}
        </button>
        <button className="button red" onClick={onEnd}>
          {words.end}
        </button>
      </p>
    </dialog>
  );
}
