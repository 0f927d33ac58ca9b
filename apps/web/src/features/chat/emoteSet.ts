import anchor from "./emotes/anchor.svg";
import clap from "./emotes/clap.svg";
import eyes from "./emotes/eyes.svg";
import fire from "./emotes/fire.svg";
import gull from "./emotes/gull.svg";
import heart from "./emotes/heart.svg";
import horn from "./emotes/horn.svg";
import laugh from "./emotes/laugh.svg";
import no from "./emotes/no.svg";
import sad from "./emotes/sad.svg";
import smile from "./emotes/smile.svg";
import star from "./emotes/star.svg";
import tea from "./emotes/tea.svg";
import wave from "./emotes/wave.svg";
import wow from "./emotes/wow.svg";
import yes from "./emotes/yes.svg";

/** The pictures that stand for `:name:` in a message. Names are written by people and stay the same in every language. */
export const emotes: ReadonlyMap<string, string> = new Map(
  Object.entries({ smile, laugh, wow, sad, heart, clap, fire, star, wave, anchor, horn, gull, tea, yes, no, eyes }),
);

/** The five reactions, by their number on the wire. */
export const reactionEmotes = ["horn", "wave", "anchor", "clap", "heart"] as const;
