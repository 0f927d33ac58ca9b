import type { Catalogue } from "../text";
import { debug } from "../en/debug"; // for developers, who have the code in English, too
import { broadcast } from "./broadcast";
import { categories } from "./categories";
import { chat } from "./chat";
import { home } from "./home";
import { watch } from "./watch";

export const de: Catalogue = {
  brand: "p2p-stream",
  close: "Schließen",
  skip: "Zum Inhalt",
  nav: { live: "Live", goLive: "Live gehen", main: "Hauptnavigation", theme: "Hell oder dunkel", language: "Sprache" },
  notFound: { what: "Hier ist keine Seite.", action: "Was ist live" },
  categories,
  home,
  watch,
  broadcast,
  chat,
  debug,
};
