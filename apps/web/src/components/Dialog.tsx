import "./dialog.css";
import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { text } from "../text/text";

/** A modal dialog: focus stays inside, Esc and a press beside it close it; on phones a sheet from below. It is open for as long as it is drawn. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onClose={onClose}
      // What is in the dialog lies in its inner part: a press on the element itself is one on its backdrop.
      onClick={({ target, currentTarget }) => target === currentTarget && currentTarget.close()}
    >
      <div className="dialog-inner column">
        <div className="row">
          <h2 className="title-m grow" id={id}>
            {title}
          </h2>
          <button className="icon-button" aria-label={text.close} onClick={() => dialog.current?.close()}>
            <X size={18} strokeWidth={1.75} aria-hidden />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
