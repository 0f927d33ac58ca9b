import "@fontsource-variable/archivo/wdth.css";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/controls.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import type { Client } from "./client";
import { applyTheme } from "./theme";

/** Draws the application. */
export function startApp(client: Client): void {
  applyTheme();
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <App client={client} />
    </StrictMode>,
  );
}
