import { useEffect } from "react";

/** Keys that an element with the focus has itself, or that somebody types into it. */
function isTaken(key: string, target: HTMLElement): boolean {
  if (target.isContentEditable || target.closest("[role=menu], dialog")) return true;
  if (target.matches("select, textarea, input:not([type=checkbox], [type=radio])")) return true;
  if (key === " ") return target.closest("button, a, summary, input") !== null;
  return key.startsWith("Arrow") && target.matches("[type=radio]");
}

/** Letters and arrows know of Shift; other characters are what they are on this keyboard, as "?". */
function nameOf({ key, shiftKey }: KeyboardEvent): string {
  const isLetter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const name = isLetter ? key.toLowerCase() : key;
  return shiftKey && (isLetter || key.startsWith("Arrow")) ? `Shift+${name}` : name;
}

/** Keys of the whole page; silent while somebody types, and while a menu or a dialog is open, which has keys of its own. A key held down acts once, an arrow on and on. */
export function useShortcuts(shortcuts: Record<string, () => void>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.repeat && !event.key.startsWith("Arrow")) return;
      if (isTaken(event.key, event.target as HTMLElement)) return;
      const action = shortcuts[nameOf(event)];
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
