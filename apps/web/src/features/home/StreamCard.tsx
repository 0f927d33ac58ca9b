import { Eye } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { LiveStream } from "@p2p-stream/client";
import { formatCount, formatDuration, groundOf, monogram } from "../../text/format";
import { text } from "../../text/text";
import { useThumbnail } from "./useThumbnail";

/** One stream on the home page. Where it leads is a link, so that middle click and long press work. */
export function StreamCard({ stream, ended, nowMs }: { stream: LiveStream; ended: boolean; nowMs: number }) {
  const thumbnail = useThumbnail(stream);
  const [broken, setBroken] = useState<string>();
  return (
    <li className="card" data-ended={ended || undefined}>
      <article aria-labelledby={`stream-${stream.id}`}>
        <Link to={`/watch/${stream.id}`} className="card-link">
          <div className="thumbnail" style={{ background: groundOf(stream.id) }}>
            <span aria-hidden>{monogram(stream.title)}</span>
            {thumbnail !== undefined && thumbnail !== broken && (
              <img className="thumbnail-image" src={thumbnail} alt="" onError={() => setBroken(thumbnail)} />
            )}
            <span className="card-tag left" aria-label={text.home.watching(formatCount(stream.viewers))}>
              <Eye size={14} strokeWidth={2} aria-hidden />
              {formatCount(stream.viewers)}
            </span>
            <span className="card-tag right">
              {ended ? text.home.ended : stream.sourceOnline ? formatDuration(nowMs - stream.startedAt) : text.home.sourceAway}
            </span>
          </div>
          <h2 className="title-s one-line" id={`stream-${stream.id}`}>
            {stream.title}
          </h2>
          <p className="small muted one-line">{[text.categories[stream.category], ...stream.tags].join(" · ")}</p>
        </Link>
      </article>
    </li>
  );
}
