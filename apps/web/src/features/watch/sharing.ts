import type { Consent, Sharing } from "@p2p-stream/client";

/** What a viewer chose; kept for the next visit. */
export interface SharingChoice {
  /** The notice was answered, or this was set elsewhere. */
  answered: boolean;
  giving: boolean;
  /** Peers see the relay servers' addresses and not ours. */
  hidden: boolean;
  /** Mbit/s; 0: as the line allows. */
  uploadMbitPerS: number;
  onMobileData: boolean;
}

/** Why a viewer only receives for now, though he shares otherwise. */
export type Saving = "battery" | "mobile-data" | "out-of-sight";

export const uploadMbitPerSMax = 50;
export const unanswered: SharingChoice = { answered: false, giving: true, hidden: false, uploadMbitPerS: 0, onMobileData: false };

export const sharingKey = "p2p-stream.sharing";

/** Of what writeChoice() wrote; whatever else is there counts as nothing. */
export function readChoice(text: string | null): SharingChoice {
  try {
    const stored = JSON.parse(text ?? "{}") as Partial<Record<keyof SharingChoice, unknown>> | null;
    const flag = (name: "answered" | "giving" | "hidden" | "onMobileData") => (typeof stored?.[name] === "boolean" ? stored[name] : unanswered[name]);
    const rate = stored?.uploadMbitPerS;
    return {
      answered: flag("answered"),
      giving: flag("giving"),
      hidden: flag("hidden"),
      onMobileData: flag("onMobileData"),
      uploadMbitPerS: typeof rate === "number" && rate >= 0 && rate <= uploadMbitPerSMax ? Math.round(rate) : 0,
    };
  } catch {
    return unanswered; // somebody else wrote there
  }
}

export const writeChoice = (choice: SharingChoice): string => JSON.stringify(choice);

/** What holds, of what the viewer chose, what the host wants of those who did not choose yet, and what the device can spare. */
export function sharingOf(choice: SharingChoice, consent: Consent, saving: Saving | undefined): Sharing {
  if (consent === "off" || (consent === "ask" && !choice.answered)) return { giving: false, uploadBitsPerSMax: 0, relayOnly: true };
  const spared = saving !== undefined && !(saving === "mobile-data" && choice.onMobileData);
  return { giving: choice.giving && !spared, uploadBitsPerSMax: choice.uploadMbitPerS * 1_000_000, relayOnly: choice.hidden };
}
