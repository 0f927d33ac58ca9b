import { formatRate } from "../../text/format";
import { text } from "../../text/text";

/** "1:02.345": virtual time from the start of a run. */
export function formatClock(us: number): string {
  const ms = Math.floor(us / 1_000);
  const seconds = Math.floor(ms / 1_000);
  const fraction = String(ms % 1_000).padStart(3, "0");
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}.${fraction}`;
}

/** "2.5 %" */
export const formatShare = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`;

export const formatSeconds = (ms: number): string => `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;

/** A peer is named by 4 hex digits, the source by what it is. */
export const nameOf = ({ number, id }: { number: number; id: string }): string => (number === 0 ? text.debug.log.source : id.slice(0, 4));

/** What a slider stands at. */
export function formatSetting(kind: string, value: number): string {
  const words = text.debug.values;
  switch (kind) {
    case "latency_ms":
    case "jitter_ms":
      return words.ms(String(value));
    case "loss_ppm":
      return words.percent((value / 10_000).toFixed(2));
    case "poisoners_percent":
      return words.percent(String(value));
    case "upload_kbit_per_s":
    case "download_kbit_per_s":
      return formatRate(value * 1_000);
    case "stay_s":
      return value === 0 ? words.stays : words.stay(String(value));
    default:
      return String(value);
  }
}
