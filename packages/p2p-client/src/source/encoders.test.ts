import { describe, expect, it } from "vitest";
import { defaultQualities, qualitiesBelow } from "./encoders";

describe("qualities", () => {
  it("begin with the picture's own height and go down in the usual steps", () => {
    expect(qualitiesBelow(1080).map(({ height }) => height)).toEqual([1080, 720, 480, 360]);
    expect(qualitiesBelow(800).map(({ height }) => height)).toEqual([800, 480, 360]);
    expect(qualitiesBelow(240).map(({ height }) => height)).toEqual([240]);
    const rates = qualitiesBelow(1080).map(({ videoBitsPerS }) => videoBitsPerS);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
  });

  it("are as many as the machine bears", () => {
    expect(defaultQualities(720, 2).map(({ height }) => height)).toEqual([720]);
    expect(defaultQualities(720, 4).map(({ height }) => height)).toEqual([720, 360]);
    expect(defaultQualities(1080, 16).map(({ height }) => height)).toEqual([1080, 720, 480, 360]);
    expect(defaultQualities(360, 16).map(({ height }) => height)).toEqual([360]);
  });
});
