import { Dialog } from "../../components/Dialog";
import { text } from "../../text/text";

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const words = text.watch.shortcuts;
  return (
    <Dialog title={words.title} onClose={onClose}>
      <dl className="shortcuts">
        {words.list.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
