import "@fontsource-variable/archivo/wdth.css";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/controls.css";
import { StrictMode, startTransition, type ComponentType } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import type { Client } from "./client";

/** Draws the application; `WatchPage`, when it is loaded already. */
export function startApp(client: Client, WatchPage?: ComponentType): void {
  const root = document.getElementById("root");
  if (!root) return;
  // As a transition it is drawn in slices of some milliseconds: a session that connects meanwhile has its turn in between.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <App client={client} WatchPage={WatchPage} />
      </StrictMode>,
    ),
  );
}
