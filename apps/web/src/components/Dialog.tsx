import "./dialog.css";
import { X } from "lucide-react";
import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import { text } from "../text/text";

interface Props {
  title: string;
  role?: "alertdialog";
  /** The id of what explains it. */
  describedBy?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal dialog: focus stays inside, Esc and a press beside it close it; on phones a sheet from below. It is open for as long as it is drawn. */
export function Dialog({ title, role, describedBy, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Focus goes back to where it was, which needs an element still in the page.
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      role={role}
      aria-labelledby={id}
      aria-describedby={describedBy}
      // This event comes late: an end of before is none of a dialog that is open again.
      onClose={({ currentTarget }) => !currentTarget.open && onClose()}
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
