import { useRef, type KeyboardEvent, type PointerEvent, type RefObject } from "react";
import { insetWidthMax, insetWidthMin, placeInset, snapInset, type Inset, type Size } from "@p2p-stream/client";
import { text } from "../../text/text";

interface Props {
  /** The preview. */
  box: RefObject<HTMLDivElement | null>;
  camera: Size;
  inset: Inset;
  picture: Size;
  onChange: (inset: Inset) => void;
}

const step = 0.02;
const clampWidth = (width: number) => Math.min(insetWidthMax, Math.max(insetWidthMin, width));

/** Over the camera's inset: dragging moves it, its corner resizes it, arrow keys and plus and minus do the same. Let go near a corner, it snaps there. */
export function InsetHandle({ box, camera, inset, picture, onChange }: Props) {
  const from = useRef<{ x: number; y: number; inset: Inset; resizes: boolean }>(undefined);
  const placed = placeInset(camera, inset, picture);
  /** Where it really lies, in shares. */
  const actual: Inset = { x: placed.x / picture.width, y: placed.y / picture.height, width: placed.width / picture.width };

  const start = (event: PointerEvent<HTMLElement>, resizes: boolean) => {
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, y: event.clientY, inset: actual, resizes };
  };
  const moved = (event: PointerEvent<HTMLElement>): Inset | undefined => {
    const { width, height } = box.current?.getBoundingClientRect() ?? { width: 1, height: 1 };
    if (!from.current) return undefined;
    const { x, y, inset: before, resizes } = from.current;
    const dx = (event.clientX - x) / width;
    const dy = (event.clientY - y) / height;
    return resizes ? { ...before, width: clampWidth(before.width + dx) } : { ...before, x: before.x + dx, y: before.y + dy };
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    const next = moved(event);
    if (next) onChange(next);
  };
  const stop = (event: PointerEvent<HTMLElement>) => {
    const next = moved(event);
    from.current = undefined;
    if (next) onChange(snapInset(camera, next, picture));
  };
  const pressed = (event: KeyboardEvent) => {
    const by: Record<string, Partial<Inset>> = {
      ArrowLeft: { x: actual.x - step },
      ArrowRight: { x: actual.x + step },
      ArrowUp: { y: actual.y - step },
      ArrowDown: { y: actual.y + step },
      "+": { width: clampWidth(actual.width + step) },
      "-": { width: clampWidth(actual.width - step) },
      Home: { x: 0, y: 0 },
      End: { x: 1, y: 1 },
    };
    const change = by[event.key];
    if (!change) return;
    event.preventDefault();
    onChange({ ...actual, ...change });
  };
  const drag = { onPointerMove: move, onPointerUp: stop, onPointerCancel: stop };

  return (
    <button
      type="button"
      className="inset-handle"
      aria-label={text.broadcast.inset}
      aria-roledescription={text.broadcast.insetKind}
      onPointerDown={(event) => start(event, false)}
      onKeyDown={pressed}
      {...drag}
    >
      <span className="inset-corner" onPointerDown={(event) => start(event, true)} {...drag} />
    </button>
  );
}
