import { streamCategories, type StreamCategory, type StreamFilter } from "@p2p-stream/client";

/** What the home page shows, as its address says it: a link to it shows the same. */
export interface HomeFilter {
  category?: StreamCategory;
  tags: readonly string[];
  search: string;
  sort: "viewers" | "newest";
}

const tagsMax = 8;
const searchMax = 60;

/** Whatever is in the address: what means nothing is left out. */
export function readFilter(parameters: URLSearchParams): HomeFilter {
  const category = streamCategories.find((id) => id === parameters.get("category"));
  const tags = parameters
    .getAll("tag")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "" && [...tag].length <= 24);
  return {
    ...(category && { category }),
    tags: [...new Set(tags)].slice(0, tagsMax),
    search: [...(parameters.get("q") ?? "")].slice(0, searchMax).join(""),
    sort: parameters.get("sort") === "newest" ? "newest" : "viewers",
  };
}

export function writeFilter({ category, tags, search, sort }: HomeFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  if (category) parameters.set("category", category);
  for (const tag of tags) parameters.append("tag", tag);
  if (search.trim() !== "") parameters.set("q", search);
  if (sort !== "viewers") parameters.set("sort", sort);
  return parameters;
}

/** As the server is asked. */
export function wantedStreams({ category, tags, search, sort }: HomeFilter): StreamFilter {
  const words = search.trim();
  return { sort, ...(category && { category }), ...(tags.length > 0 && { tags: [...tags] }), ...(words !== "" && { search: words }) };
}

export const isFiltered = ({ category, tags, search }: HomeFilter): boolean => category !== undefined || tags.length > 0 || search.trim() !== "";
