import { broadcast } from "./broadcast";
import { categories } from "./categories";
import { chat } from "./chat";
import { debug } from "./debug";
import { home } from "./home";
import { watch } from "./watch";

/** All words of the application in English. A file for each feature; functions where a figure goes in. */
export const en = {
  brand: "p2p-stream",
  close: "Close",
  skip: "Skip to the content",
  nav: { live: "Live", goLive: "Go live", main: "Main", theme: "Switch theme", language: "Language" },
  notFound: { what: "There is no page here.", action: "What is live" },
  categories,
  home,
  watch,
  broadcast,
  chat,
  debug,
} as const;
