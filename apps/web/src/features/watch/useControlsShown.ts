import { useEffect, useState, type RefObject } from "react";

const shownForMs = 3_000;

/** Controls show while the picture stands, while they have the focus, and for 3 s after the pointer moved or a finger tapped; a tap on the picture also hides them. */
export function useControlsShown(player: RefObject<HTMLElement | null>, video: HTMLVideoElement | undefined): boolean {
  const [shown, setShown] = useState(true);
  useEffect(() => {
    const area = player.current;
    if (!area || !video) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const inUse = () => video.paused || area.querySelector(".controls :focus-visible, [role=menu]") !== null;
    const hideLater = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (inUse() ? hideLater() : setShown(false)), shownForMs);
    };
    const show = () => {
      setShown(true);
      hideLater();
    };
    const moved = ({ pointerType }: PointerEvent) => pointerType !== "touch" && show();
    const tapped = ({ pointerType, target }: PointerEvent) => {
      if (pointerType !== "touch" || !(target instanceof Element)) return;
      const onPicture = target === video || target.closest(".cover") !== null;
      if (!onPicture) return show();
      setShown((before) => !before || inUse());
      hideLater();
    };
    const stopped = () => show();
    area.addEventListener("pointermove", moved);
    area.addEventListener("pointerup", tapped);
    area.addEventListener("focusin", show);
    video.addEventListener("pause", stopped);
    hideLater();
    return () => {
      clearTimeout(timer);
      area.removeEventListener("pointermove", moved);
      area.removeEventListener("pointerup", tapped);
      area.removeEventListener("focusin", show);
      video.removeEventListener("pause", stopped);
    };
  }, [player, video]);
  return shown;
}
