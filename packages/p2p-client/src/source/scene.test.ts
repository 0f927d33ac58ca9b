import { describe, expect, it } from "vitest";
import { defaultInset, fills, pictureFor, placeInset, placeWhole, snapInset } from "./scene";

const picture = { width: 1280, height: 720 };
const camera = { width: 640, height: 480 };

describe("a scene", () => {
  it("shows all of a source, in the middle", () => {
    expect(placeWhole({ width: 1920, height: 1080 }, picture)).toEqual({ x: 0, y: 0, width: 1280, height: 720 });
    expect(placeWhole(camera, picture)).toEqual({ x: 160, y: 0, width: 960, height: 720 });
    expect(placeWhole({ width: 2560, height: 1080 }, picture)).toEqual({ x: 0, y: 90, width: 1280, height: 540 });
  });

  it("keeps the inset within the picture, wherever it is dragged", () => {
    for (const inset of [defaultInset, { x: -3, y: 7, width: 9 }, { x: 0.5, y: 0.5, width: 0 }]) {
      const { x, y, width, height } = placeInset(camera, inset, picture);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(picture.width);
      expect(y + height).toBeLessThanOrEqual(picture.height);
      expect(width / height).toBeCloseTo(4 / 3, 1);
    }
  });

  it("snaps an inset to a corner that is near, and leaves another where it is", () => {
    expect(snapInset(camera, { x: 0.05, y: 0.06, width: 0.25 }, picture)).toEqual({ x: 0, y: 0, width: 0.25 });
    expect(snapInset(camera, { x: 0.7, y: 0.6, width: 0.25 }, picture)).toEqual({ x: 1, y: 1, width: 0.25 });
    const middle = snapInset(camera, { x: 0.4, y: 0.3, width: 0.25 }, picture);
    expect(middle.x).toBeCloseTo(0.4);
    expect(middle.y).toBeCloseTo(0.3);
  });

  it("has the lines of its first source, at most 1080, in 16:9 unless a phone is held upright", () => {
    expect(pictureFor({ width: 1280, height: 720 })).toEqual({ width: 1280, height: 720 });
    expect(pictureFor({ width: 3840, height: 2160 })).toEqual({ width: 1920, height: 1080 });
    expect(pictureFor({ width: 640, height: 480 })).toEqual({ width: 854, height: 480 });
    expect(pictureFor({ width: 720, height: 1280 })).toEqual({ width: 720, height: 1280 });
    expect(pictureFor(undefined)).toEqual({ width: 1280, height: 720 });
  });

  it("passes on a source of its own shape unpainted", () => {
    expect(fills({ width: 1920, height: 1080 }, picture)).toBe(true);
    expect(fills({ width: 854, height: 480 }, picture)).toBe(true);
    expect(fills(camera, picture)).toBe(false);
  });
});
