import { useEffect } from "react";

/** Keys of the whole page; silent while somebody types, and while a menu or a dialog is open, which has keys of its own. */
export function useShortcuts(shortcuts: Record<string, () => void>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable || target.closest("[role=menu], dialog")) return;
      if (event.key === " " && target.closest("button, a, summary")) return;
      const name =
        event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const action = shortcuts[name];
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
