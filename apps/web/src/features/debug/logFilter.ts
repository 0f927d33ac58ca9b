import { text } from "../../text/text";
import type { LogLine } from "./simulation/module";

/** Those that the log can be narrowed to, in the order of its buttons. */
export const logKinds = ["feed", "link", "pull", "part", "play", "role", "drop", "join", "leave", "event", "run"] as const;

export interface LogFilter {
  kind: string | undefined;
  /** The first digits of its id, or the word for the source; empty: anybody. Lines that name it elsewhere count too. */
  peer: string;
}

export function filterLog(log: readonly LogLine[], { kind, peer }: LogFilter): readonly LogLine[] {
  if (kind === undefined && peer === "") return log;
  const ofPeer = (line: LogLine) => {
    if (peer === text.debug.log.source) return line.peer === 0 && line.kind !== "run";
    return line.kind !== "run" && (line.id.startsWith(peer) || line.text.includes(peer));
  };
  return log.filter((line) => (kind === undefined || line.kind === kind) && (peer === "" || ofPeer(line)));
}
