import { useEffect, useRef } from "react";

/** A link to another page of ours would end the stream, too: while live it asks instead. */
export function useAskBeforeLeaving(live: boolean, ask: () => void): void {
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    if (!live) return;
    const clicked = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!link || link.getAttribute("target") === "_blank" || link.getAttribute("href")?.startsWith("#") || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current();
    };
    document.addEventListener("click", clicked, { capture: true });
    return () => document.removeEventListener("click", clicked, { capture: true });
  }, [live]);
}
