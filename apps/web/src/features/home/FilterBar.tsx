import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { streamCategories, type LiveStream } from "@p2p-stream/client";
import { useShortcuts } from "../../components/useShortcuts";
import { text } from "../../text/text";
import type { HomeFilter } from "./streamFilter";

interface Props {
  filter: HomeFilter;
  streams: readonly LiveStream[];
  onChange: (filter: HomeFilter) => void;
}

const tagsShown = 5;
/** Nobody is asked at every letter. */
const searchAfterMs = 250;

/** Categories as tabs, the tags that are common now as chips, a search, and the order. */
export function FilterBar({ filter, streams, onChange }: Props) {
  const words = text.home;
  const counted = new Map<string, number>();
  for (const tag of streams.flatMap(({ tags }) => tags)) counted.set(tag, (counted.get(tag) ?? 0) + 1);
  const common = [...counted].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([tag]) => tag);
  const chips = [...filter.tags, ...common.filter((tag) => !filter.tags.includes(tag)).slice(0, tagsShown)];

  const toggle = (tag: string) =>
    onChange({ ...filter, tags: filter.tags.includes(tag) ? filter.tags.filter((other) => other !== tag) : [...filter.tags, tag] });

  return (
    <div className="filters">
      <nav className="tabs" aria-label={words.categories}>
        {[undefined, ...streamCategories].map((category) => (
          <button
            key={category ?? "all"}
            className="tab"
            aria-pressed={filter.category === category}
            onClick={() => {
              const { category: _, ...rest } = filter;
              onChange(category ? { ...rest, category } : rest);
            }}
          >
            {category ? text.categories[category] : words.all}
          </button>
        ))}
      </nav>
      <div className="row filter-tools">
        <SearchField search={filter.search} onSearch={(search) => onChange({ ...filter, search })} />
        <div className="row chips" role="group" aria-label={words.tags}>
          {chips.map((tag) => (
            <button key={tag} className="chip" aria-pressed={filter.tags.includes(tag)} onClick={() => toggle(tag)}>
              {tag}
            </button>
          ))}
        </div>
        <label className="push">
          <span className="visually-hidden">{words.sort}</span>
          <select
            className="field sort"
            value={filter.sort}
            onChange={({ target }) => onChange({ ...filter, sort: target.value === "newest" ? "newest" : "viewers" })}
          >
            <option value="viewers">{words.mostViewers}</option>
            <option value="newest">{words.newest}</option>
          </select>
        </label>
      </div>
    </div>
  );
}

function SearchField({ search, onSearch }: { search: string; onSearch: (search: string) => void }) {
  const words = text.home;
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(search);
  const latest = useRef(onSearch);
  useEffect(() => {
    latest.current = onSearch;
  });

  useEffect(() => setTyped(search), [search]);
  useEffect(() => {
    if (typed === search) return;
    const timer = setTimeout(() => latest.current(typed), searchAfterMs);
    return () => clearTimeout(timer);
  }, [typed, search]);
  useShortcuts({ "/": () => field.current?.focus() });

  return (
    <label className="search">
      <Search size={18} strokeWidth={1.75} aria-hidden />
      <span className="visually-hidden">{words.search}</span>
      <input
        ref={field}
        className="field"
        type="search"
        value={typed}
        maxLength={60}
        placeholder={words.search}
        onChange={({ target }) => setTyped(target.value)}
      />
    </label>
  );
}
