import { en } from "./en";

type Words<T> = T extends string
  ? string
  : T extends (...given: infer G) => string
    ? (...given: G) => string
    : { readonly [K in keyof T]: Words<T[K]> };

/** What a language has to say: everything that English says, under the same names. */
export type Catalogue = Words<typeof en>;

/** The words of the language in use. To be read while drawing, not once when a module is loaded: a language is chosen before. */
export let text: Catalogue = en;

export function speak(chosen: Catalogue): void {
  text = chosen;
}
