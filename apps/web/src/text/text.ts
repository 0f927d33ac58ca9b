import { en } from "./en";

/** The shape of T with any words in place of the English ones. */
export type Words<T> = T extends string
  ? string
  : T extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Key in keyof T]: Words<T[Key]> };

/** What a language has to say: everything that English says, under the same names. */
export type Catalogue = Words<typeof en>;

/** The words of the language in use. To be read while drawing, not once when a module is loaded: the language is chosen before the page is drawn. */
export let text: Catalogue = en;
/** BCP 47, of what formats figures and dates. */
export let language = "en";

export function speak(chosen: string, catalogue: Catalogue): void {
  language = chosen;
  text = catalogue;
}
