import { keep, kept } from "../app/storage";
import { en } from "./en";
import { speak, type Catalogue } from "./text";

/** Under their own names. A catalogue besides English is loaded only by those who read it. */
export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

const key = "p2p-stream.language";
const catalogues: Record<Language, () => Promise<Catalogue>> = {
  en: () => Promise.resolve(en),
  de: () => import("./de").then(({ de }) => de),
};

const known = (tag: string): Language | undefined =>
  (Object.keys(languages) as Language[]).find((language) => tag.toLowerCase().split("-")[0] === language);

/** The reader's choice, else the first of the browser's that is there. */
export function chosenLanguage(): Language {
  for (const tag of [kept(key) ?? "", ...navigator.languages]) {
    const language = known(tag);
    if (language) return language;
  }
  return "en";
}

/** To be awaited before the page is drawn. */
export async function speakChosen(): Promise<void> {
  const language = chosenLanguage();
  document.documentElement.lang = language;
  try {
    speak(language, await catalogues[language]());
  } catch {
    document.documentElement.lang = "en"; // the server went away in between: English is here
  }
}

/** The page is loaded anew: what was drawn in another language is on all its parts. */
export function chooseLanguage(language: Language): void {
  keep(key, language);
  location.reload();
}
