import "@fontsource-variable/archivo/wdth.css";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/controls.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { Watching } from "../features/watch/watching";
import { App } from "./App";
import type { Client } from "./client";
import { applyTheme } from "./theme";

/** Draws the application. `watching` is a session that began before the page, for the watch page to take over. */
export function startApp({ client, watching }: { client: Client; watching?: Watching | undefined }): void {
  applyTheme();
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <App client={client} watching={watching} />
    </StrictMode>,
  );
}
