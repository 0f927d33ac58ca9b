import { useEffect, useState } from "react";
import type { Consent, WatchSession } from "@p2p-stream/client";
import { keep, kept } from "../../app/storage";
import { readChoice, sharingKey, sharingOf, writeChoice, type SharingChoice } from "./sharing";
import { useSaving } from "./useSaving";

/** What the viewer shares: his choice, and what holds of it now. */
export function useSharing(session: WatchSession | undefined, consent: Consent | undefined) {
  const [choice, setChoice] = useState(() => readChoice(kept(sharingKey)));
  const saving = useSaving();

  useEffect(() => {
    if (session && consent) session.setSharing(sharingOf(choice, consent, saving));
  }, [session, consent, choice, saving]);

  const choose = (change: Partial<SharingChoice>) => {
    const chosen = { ...choice, ...change, answered: true };
    keep(sharingKey, writeChoice(chosen));
    setChoice(chosen);
  };
  const gives = choice.giving && consent !== "off";
  return {
    choice,
    choose,
    /** Why he only receives for now, if he would give otherwise. */
    saving: gives && saving && !(saving === "mobile-data" && choice.onMobileData) ? saving : undefined,
    asks: consent !== undefined && consent !== "off" && !choice.answered,
  };
}
