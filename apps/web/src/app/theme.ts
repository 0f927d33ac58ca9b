import { keep, kept } from "./storage";

type Theme = "dark" | "light";

const key = "theme";

const preferred = (): Theme => (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");

function chosen(): Theme | undefined {
  const stored = kept(key);
  return stored === "dark" || stored === "light" ? stored : undefined;
}

/** The reader's choice, else the system's; follows the system until there is a choice. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = chosen() ?? preferred();
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => {
    if (!chosen()) document.documentElement.dataset.theme = preferred();
  });
}

export function switchTheme(): void {
  const next: Theme = document.documentElement.dataset.theme === "light" ? "dark" : "light";
  keep(key, next);
  document.documentElement.dataset.theme = next;
}
