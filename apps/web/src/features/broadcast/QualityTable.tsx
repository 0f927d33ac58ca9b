import "../../components/switch.css";
import { defaultQualities, qualitiesBelow, type Quality, type Size } from "@p2p-stream/client";
import { formatRate } from "../../text/format";
import { text } from "../../text/text";

interface Props {
  picture: Size;
  /** Their heights; undefined: as suits the machine. */
  wanted: ReadonlySet<number> | undefined;
  onWanted: (wanted: ReadonlySet<number>) => void;
}

export function chosenQualities(picture: Size, wanted: ReadonlySet<number> | undefined): Quality[] {
  const heights = wanted ?? new Set(defaultQualities(picture.height, navigator.hardwareConcurrency).map(({ height }) => height));
  const chosen = qualitiesBelow(picture.height).filter(({ height }) => heights.has(height));
  return chosen.length > 0 ? chosen : qualitiesBelow(picture.height).slice(0, 1);
}

/** The ladder: what is sent at once. */
export function QualityTable({ picture, wanted, onWanted }: Props) {
  const words = text.broadcast;
  const chosen = chosenQualities(picture, wanted);
  const rate = chosen.reduce((sum, { videoBitsPerS }) => sum + videoBitsPerS, 0);
  const width = (height: number) => Math.round((picture.width * height) / picture.height / 2) * 2;
  return (
    <section className="panel" aria-labelledby="qualities-title">
      <header className="row">
        <h2 className="small strong" id="qualities-title">
          {words.qualities}
        </h2>
        <span className="push small muted">{words.qualitiesSum(formatRate(rate))}</span>
      </header>
      <table className="qualities">
        <thead>
          <tr>
            <th scope="col">{words.quality}</th>
            <th scope="col" className="wide-only">
              {words.picture}
            </th>
            <th scope="col" className="number">
              {words.bitrate}
            </th>
            <th scope="col" className="number">
              {words.send}
            </th>
          </tr>
        </thead>
        <tbody>
          {qualitiesBelow(picture.height).map(({ height, videoBitsPerS }) => {
            const on = chosen.some((each) => each.height === height);
            return (
              <tr key={height} data-off={!on || undefined}>
                <th scope="row" className="strong">
                  {words.lines(height)}
                </th>
                <td className="wide-only">{words.format(width(height), height, 30)}</td>
                <td className="number">{formatRate(videoBitsPerS)}</td>
                <td className="number">
                  <input
                    type="checkbox"
                    className="switch"
                    aria-label={words.qualityName(height, formatRate(videoBitsPerS))}
                    checked={on}
                    disabled={on && chosen.length === 1}
                    onChange={({ target }) => {
                      const others = chosen.map((each) => each.height).filter((each) => each !== height);
                      onWanted(new Set(target.checked ? [...others, height] : others));
                    }}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="tiny faint">{words.qualitiesWhy}</p>
    </section>
  );
}
