import { useEffect, useRef } from "react";
import type { Scene } from "@p2p-stream/client";

interface StudioKeys {
  mute: () => void;
  scene: (scene: Scene) => void;
  /** While live. */
  end: (() => void) | undefined;
}

const scenes: Record<string, Scene> = { "1": "camera", "2": "screen", "3": "both" };

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), select, textarea"));
}

/** m mutes, 1 2 3 choose what is shown, shift+e ends. Silent while typing. */
export function useStudioKeys(keys: StudioKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
      const scene = scenes[event.key];
      if (event.key === "m") latest.current.mute();
      else if (scene && !event.shiftKey) latest.current.scene(scene);
      else if (event.key === "E" && event.shiftKey) latest.current.end?.();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
