import { useEffect, useRef } from "react";
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
  return (
    <dialog ref={dialog} className="dialog" role="alertdialog" aria-labelledby="end-title" aria-describedby="end-means" onClose={onKeep}>
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
