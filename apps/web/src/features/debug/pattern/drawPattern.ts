import { cells, encode } from "./frameCode";

export const patternSize = { width: 640, height: 360, framesPerS: 30 } as const;

/** Where the machine-readable row lies, in parts of the picture's height: glassToGlass.ts reads there. */
export const codeRow = { top: 0.845, bottom: 0.905 } as const;

// Colours of a test picture are its content, the same in every theme.
const bars = ["#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf"];
const castellations = ["#0000bf", "#131313", "#bf00bf", "#131313", "#00bfbf", "#131313", "#bfbfbf"];
const greySteps = 24;
const mono = '"DejaVu Sans Mono", ui-monospace, monospace';

export interface Shown {
  /** Milliseconds since 1970: what the clock and the code say. */
  nowMs: number;
  frame: number;
}

const two = (value: number) => String(value).padStart(2, "0");

export function clockOf(ms: number): string {
  const time = new Date(ms);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** Bars, a clock, the frame's number, a sweep once a second, the time as cells, steps of grey. */
export function drawPattern(context: CanvasRenderingContext2D, { nowMs, frame }: Shown): void {
  const { width, height } = context.canvas;
  const row = (colors: readonly string[], top: number, bottom: number) => {
    colors.forEach((color, index) => {
      const left = Math.round((width * index) / colors.length);
      context.fillStyle = color;
      context.fillRect(left, top * height, Math.round((width * (index + 1)) / colors.length) - left, (bottom - top) * height);
    });
  };
  row(bars, 0, 0.667);
  row(castellations, 0.667, 0.741);
  context.fillStyle = "#131313";
  context.fillRect(0, 0.741 * height, width, 0.26 * height);
  drawSweep(context, nowMs);
  row(
    encode(nowMs).map((white) => (white ? "#fff" : "#000")),
    codeRow.top,
    codeRow.bottom,
  );
  row(
    Array.from(
      { length: greySteps },
      (_, index) =>
        `rgb(${Array(3)
          .fill(Math.round((255 * index) / (greySteps - 1)))
          .join()})`,
    ),
    0.907,
    1,
  );
  drawClock(context, { nowMs, frame });
}

function drawSweep(context: CanvasRenderingContext2D, nowMs: number): void {
  const { width, height } = context.canvas;
  const part = (nowMs % 1_000) / 1_000;
  const [x, y, radius] = [width * 0.12, height * 0.793, height * 0.042];
  context.fillStyle = "#fff";
  context.fillRect(width * (0.24 + 0.72 * part), height * 0.745, width * 0.008, height * 0.096);
  context.strokeStyle = "#fff";
  context.lineWidth = height * 0.01;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.moveTo(x, y);
  context.lineTo(x + radius * Math.sin(2 * Math.PI * part), y - radius * Math.cos(2 * Math.PI * part));
  context.stroke();
}

function drawClock(context: CanvasRenderingContext2D, { nowMs, frame }: Shown): void {
  const { width, height } = context.canvas;
  context.fillStyle = "#000";
  context.fillRect(width * 0.24, height * 0.222, width * 0.52, height * 0.287);
  context.textAlign = "center";
  context.fillStyle = "#fff";
  context.font = `600 ${Math.round(height * 0.125)}px ${mono}`;
  context.fillText(clockOf(nowMs), width / 2, height * 0.366);
  context.fillStyle = "#b7b5ae";
  context.font = `500 ${Math.round(height * 0.06)}px ${mono}`;
  context.fillText(`frame ${frame.toLocaleString("en")}  ${height}p${patternSize.framesPerS}`, width / 2, height * 0.458);
}

/** The machine-readable cells' brightness in a picture of the pattern, however large it is shown. */
export function cellsOf(context: OffscreenCanvasRenderingContext2D, picture: CanvasImageSource, size: { width: number; height: number }): number[] {
  const { canvas } = context;
  const top = size.height * (codeRow.top + 0.3 * (codeRow.bottom - codeRow.top));
  const height = Math.max(size.height * 0.4 * (codeRow.bottom - codeRow.top), 1);
  context.drawImage(picture, 0, top, size.width, height, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1);
  return Array.from({ length: cells }, (_, index) => data[4 * Math.floor(((index + 0.5) * canvas.width) / cells) + 1] ?? 0);
}
