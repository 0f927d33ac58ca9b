import { debug as german } from "../../text/de/debug";
import { debug as english } from "../../text/en/debug";
import { language, text as common, type Words } from "../../text/text";

type DebugWords = Words<typeof english>;

const languages: Readonly<Record<string, DebugWords>> = { en: english, de: german };

/** Like text/text, with the words of this page: they come with its chunk, since few ever open it. */
export const text = {
  get debug(): DebugWords {
    return languages[language] ?? english;
  },
  get brand(): string {
    return common.brand;
  },
  get broadcast() {
    return common.broadcast;
  },
};
