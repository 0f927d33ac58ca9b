import { useEffect, useState } from "react";
import type { Message } from "./Toast";

/** Of two messages the one that is newer. */
export function useLatest(one: Message | undefined, other: Message | undefined): Message | undefined {
  const [key, setKey] = useState<string>();
  useEffect(() => setKey(one?.key), [one?.key]);
  useEffect(() => setKey((before) => other?.key ?? before), [other?.key]);
  return key !== undefined && other?.key === key ? other : one?.key === key ? one : undefined;
}
