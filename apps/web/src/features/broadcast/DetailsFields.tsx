import { Globe, Link as LinkIcon } from "lucide-react";
import { useId } from "react";
import { streamCategories, type BroadcastDetails, type StreamCategory } from "@p2p-stream/client";
import { text } from "../../text/text";
import { readTags, tagsAreWrong } from "./tags";

/** As typed. */
export interface DraftDetails {
  title: string;
  category: StreamCategory;
  tags: string;
  listed: boolean;
}

export const emptyDraft: DraftDetails = { title: "", category: "other", tags: "", listed: true };

export const draftOf = ({ title, category = "other", tags = [], listed = true }: BroadcastDetails): DraftDetails => ({
  title,
  category,
  tags: tags.join(", "),
  listed,
});

/** What the server takes; undefined while something in it is wrong. */
export function detailsOf({ title, category, tags, listed }: DraftDetails): BroadcastDetails | undefined {
  const trimmed = title.trim();
  const list = readTags(tags);
  return trimmed === "" || tagsAreWrong(list) ? undefined : { title: trimmed, category, tags: list, listed };
}

const titleMax = 120;

/** Title, category, tags and who can watch: before a stream and during it. `checked`: what is wrong is said. */
export function DetailsFields({ draft, checked, onChange }: { draft: DraftDetails; checked: boolean; onChange: (draft: DraftDetails) => void }) {
  const words = text.broadcast;
  const id = useId();
  const missing = checked && draft.title.trim() === "";
  const tagsWrong = checked && tagsAreWrong(readTags(draft.tags));
  return (
    <>
      <div>
        <label className="label" htmlFor={`${id}-title`}>
          {words.streamTitle}
        </label>
        <input
          id={`${id}-title`}
          className="field"
          value={draft.title}
          maxLength={titleMax}
          placeholder={words.titlePlaceholder}
          aria-invalid={missing}
          aria-describedby={missing ? `${id}-missing` : undefined}
          onChange={({ target }) => onChange({ ...draft, title: target.value })}
        />
        {missing ? (
          <p className="small live" id={`${id}-missing`} role="alert">
            {words.titleMissing}
          </p>
        ) : (
          <p className="tiny faint">{words.titleLength([...draft.title].length, titleMax)}</p>
        )}
      </div>
      <div>
        <label className="label" htmlFor={`${id}-category`}>
          {words.category}
        </label>
        <select
          id={`${id}-category`}
          className="field"
          value={draft.category}
          onChange={({ target }) => onChange({ ...draft, category: streamCategories.find((each) => each === target.value) ?? "other" })}
        >
          {streamCategories.map((each) => (
            <option key={each} value={each}>
              {text.categories[each]}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label className="label" htmlFor={`${id}-tags`}>
          {words.tags}
        </label>
        <input
          id={`${id}-tags`}
          className="field"
          value={draft.tags}
          placeholder={words.tagsPlaceholder}
          aria-invalid={tagsWrong}
          aria-describedby={tagsWrong ? `${id}-tags-wrong` : undefined}
          onChange={({ target }) => onChange({ ...draft, tags: target.value })}
        />
        {tagsWrong && (
          <p className="small live" id={`${id}-tags-wrong`} role="alert">
            {words.tagsWrong}
          </p>
        )}
      </div>
      <fieldset className="plain">
        <legend className="label">{words.whoCanWatch}</legend>
        <div className="segments">
          {([true, false] as const).map((listed) => (
            <label key={String(listed)} className="segment">
              <input
                type="radio"
                className="visually-hidden"
                name={`${id}-listed`}
                checked={draft.listed === listed}
                onChange={() => onChange({ ...draft, listed })}
              />
              {listed ? <Globe size={14} strokeWidth={2} aria-hidden /> : <LinkIcon size={14} strokeWidth={2} aria-hidden />}
              {listed ? words.everyone : words.withLink}
            </label>
          ))}
        </div>
        <p className="tiny faint">{draft.listed ? words.everyoneMeans : words.withLinkMeans}</p>
      </fieldset>
    </>
  );
}
