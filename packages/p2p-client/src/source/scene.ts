/** What a stream shows and where it lies in the picture: the page's preview and the compositor both go by this. */

/** The camera alone, the screen alone, or the screen with the camera as an inset. */
export type Scene = "camera" | "screen" | "both";

/** Of the camera in the scene "both", in shares of the picture: its upper left corner, and its width. */
export interface Inset {
  x: number;
  y: number;
  width: number;
}

/** What is shown where a picture is missing: the stream goes on. */
export interface Card {
  /** One or two. */
  letters: string;
  /** A CSS colour, `#rrggbb`. */
  ground: string;
}

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  x: number;
  y: number;
}

export const insetWidthMin = 0.1;
export const insetWidthMax = 0.5;
/** Between an inset in a corner and the edges, in shares of the picture's width. */
export const insetMargin = 0.02;
/** An inset that is let go so near to a corner lies in it. */
const snapsWithin = 0.08;

export const defaultInset: Inset = { x: 1, y: 1, width: 0.26 };

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), Math.max(min, max));

/** All of a source in the middle of the picture, as large as it fits. */
export function placeWhole(source: Size, picture: Size): Rect {
  const scale = Math.min(picture.width / source.width, picture.height / source.height);
  const width = Math.round(source.width * scale);
  const height = Math.round(source.height * scale);
  return { x: Math.round((picture.width - width) / 2), y: Math.round((picture.height - height) / 2), width, height };
}

/** The inset in the picture's own pixels. It never reaches beyond the margins. */
export function placeInset(camera: Size, inset: Inset, picture: Size): Rect {
  const margin = insetMargin * picture.width;
  const scale = Math.min(
    (clamp(inset.width, insetWidthMin, insetWidthMax) * picture.width) / camera.width,
    (picture.height - 2 * margin) / camera.height,
  );
  const width = camera.width * scale;
  const height = camera.height * scale;
  const x = clamp(inset.x * picture.width, margin, picture.width - margin - width);
  const y = clamp(inset.y * picture.height, margin, picture.height - margin - height);
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}

/** Where an inset stays that was let go here: in a corner, if one is near. */
export function snapInset(camera: Size, inset: Inset, picture: Size): Inset {
  const placed = placeInset(camera, inset, picture);
  const margin = insetMargin * picture.width;
  const near = snapsWithin * picture.width;
  const settle = (at: number, room: number, length: number) => {
    if (at - margin < near) return 0;
    return room - margin - (at + length) < near ? 1 : at / room;
  };
  return {
    x: settle(placed.x, picture.width, placed.width),
    y: settle(placed.y, picture.height, placed.height),
    width: clamp(inset.width, insetWidthMin, insetWidthMax),
  };
}

/** A source that fills the picture needs no painting: its frames go to the encoders as they are. */
export function fills(source: Size, picture: Size): boolean {
  return Math.abs(source.width * picture.height - source.height * picture.width) <= 0.01 * source.height * picture.width;
}

const even = (size: number) => Math.max(2, 2 * Math.round(size / 2));
const heightMax = 1080;

/** The stream's picture for a first source: 16:9, or upright for a phone that is held so. It stays for the length of the stream. */
export function pictureFor(source: Size | undefined): Size {
  const { width, height } = source ?? { width: 1280, height: 720 };
  if (height > width) {
    const upright = even(Math.min(height, 1920));
    return { width: even((upright * width) / height), height: upright };
  }
  // As many lines as the source has; a screen that is wider than 16:9 is fitted in.
  const lines = even(Math.min(Math.max(height, Math.round((width * 9) / 16)), heightMax));
  return { width: even((lines * 16) / 9), height: lines };
}
