const tagsMax = 8;
const charactersMax = 24;

/** What stands between commas. */
export const readTags = (typed: string): string[] =>
  typed
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

/** What the server would refuse (docs/signaling.md, "The list of streams"). */
export const tagsAreWrong = (tags: readonly string[]): boolean =>
  tags.length > tagsMax || tags.some((tag) => [...tag].length > charactersMax || !/[\p{L}\p{N}]/u.test(tag));
