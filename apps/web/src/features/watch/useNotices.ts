import { useEffect, useState } from "react";
import type { NeighborStats } from "@p2p-stream/client";
import { text } from "../../text/text";
import type { Saving } from "./sharing";

type Told = "relayed" | Saving;

/** What is said once in a visit: that relay servers carry all links, though nobody wished it; that this viewer only receives for now. */
export function useNotices(neighbors: readonly NeighborStats[], relayWished: boolean, saving: Saving | undefined) {
  const [told, setTold] = useState<readonly Told[]>([]);
  const [shown, setShown] = useState<Told>();
  const relayed = !relayWished && neighbors.length > 0 && neighbors.every((neighbor) => neighbor.relayed);
  const news = saving ?? (relayed ? "relayed" : undefined);

  useEffect(() => {
    if (!news || told.includes(news)) return;
    setTold([...told, news]);
    setShown(news);
  }, [news, told]);

  if (!shown) return undefined;
  return { text: shown === "relayed" ? text.watch.relayedAll : text.watch.saving[shown], close: () => setShown(undefined) };
}
