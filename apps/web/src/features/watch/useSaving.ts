import { useEffect, useState } from "react";
import type { Saving } from "./sharing";

/** Battery Status API (W3C), which Chromium has. */
interface Battery extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}
/** Network Information API (WICG), which Chromium has; `type` on phones only. */
interface Connection extends EventTarget {
  readonly type?: string;
  readonly saveData?: boolean;
}
type Device = Navigator & { getBattery?: () => Promise<Battery>; connection?: Connection };

const lowLevel = 0.2;
/** Whoever looks at another tab for a moment goes on giving. */
const outOfSightAfterMs = 10_000;

export const onMobileData = (): boolean => {
  const { connection } = navigator as Device;
  return connection?.type === "cellular" || connection?.saveData === true;
};

/** Why this device should only receive now; undefined where there is no reason, or the browser does not tell. */
export function useSaving(): Saving | undefined {
  const low = useLowBattery();
  const mobile = useMobileData();
  const outOfSight = useOutOfSight();
  return low ? "battery" : mobile ? "mobile-data" : outOfSight ? "out-of-sight" : undefined;
}

function useLowBattery(): boolean {
  const [low, setLow] = useState(false);
  useEffect(() => {
    let battery: Battery | undefined;
    let gone = false;
    const read = () => battery && setLow(!battery.charging && battery.level <= lowLevel);
    const events = ["levelchange", "chargingchange"];
    (navigator as Device)
      .getBattery?.()
      .then((found) => {
        if (gone) return;
        battery = found;
        read();
        for (const event of events) found.addEventListener(event, read);
      })
      .catch(() => {}); // a permissions policy may forbid it
    return () => {
      gone = true;
      for (const event of events) battery?.removeEventListener(event, read);
    };
  }, []);
  return low;
}

function useMobileData(): boolean {
  const [mobile, setMobile] = useState(onMobileData);
  useEffect(() => {
    const { connection } = navigator as Device;
    const read = () => setMobile(onMobileData());
    connection?.addEventListener("change", read);
    return () => connection?.removeEventListener("change", read);
  }, []);
  return mobile;
}

/** A tab behind others is slowed down by the browser: what hangs from it would stutter. A picture in picture is in sight. */
function useOutOfSight(): boolean {
  const [outOfSight, setOutOfSight] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      clearTimeout(timer);
      if (!document.hidden) setOutOfSight(false);
      else timer = setTimeout(() => setOutOfSight(!document.pictureInPictureElement), outOfSightAfterMs);
    };
    document.addEventListener("visibilitychange", read);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", read);
    };
  }, []);
  return outOfSight;
}
