import { Camera } from "lucide-react";
import { text } from "../../text/text";
import { Countdown } from "./Countdown";

interface Props {
  problem: { what: string; next: string } | undefined;
  counting: boolean;
  /** There is nothing to show yet. */
  empty: boolean;
  onAgain: () => void;
  onLive: () => void;
  onCancel: () => void;
  onOpen: () => void;
}

/** What lies over the preview: what is wrong, the seconds before a stream, or the first question. */
export function PreviewCover({ problem, counting, empty, onAgain, onLive, onCancel, onOpen }: Props) {
  const words = text.broadcast;
  if (problem) {
    return (
      <div className="cover dark" role="alert">
        <h2 className="title-m">{problem.what}</h2>
        <p>{problem.next}</p>
        <button className="button main" onClick={onAgain}>
          {words.tryAgain}
        </button>
      </div>
    );
  }
  if (counting) return <Countdown onOver={onLive} onCancel={onCancel} />;
  if (!empty) return null;
  return (
    <div className="cover">
      <button className="button main large" onClick={onOpen}>
        <Camera size={18} strokeWidth={1.75} aria-hidden />
        {words.askCamera}
      </button>
      <p className="small">{words.askCameraWhy}</p>
    </div>
  );
}
