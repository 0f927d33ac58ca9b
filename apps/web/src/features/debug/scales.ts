/** How a slider's position becomes a value: most of what one wants to try lies at the lower end. Positions are 0 to 1. */
export interface Scale {
  valueAt(position: number): number;
  positionOf(value: number): number;
}

const clamp = (value: number, min: number, max: number) => Math.min(Math.max(value, min), max);

/** To two digits: nobody wants 6,183 kbit/s. */
function rounded(value: number): number {
  if (value < 20) return Math.round(value);
  const step = 10 ** Math.floor(Math.log10(value) - 1);
  return Math.round(value / step) * step;
}

export const linear = (min: number, max: number): Scale => ({
  valueAt: (position) => Math.round(min + (max - min) * clamp(position, 0, 1)),
  positionOf: (value) => clamp((value - min) / (max - min), 0, 1),
});

export const quadratic = (min: number, max: number): Scale => ({
  valueAt: (position) => clamp(rounded(min + (max - min) * clamp(position, 0, 1) ** 2), min, max),
  positionOf: (value) => Math.sqrt(clamp((value - min) / (max - min), 0, 1)),
});

/** From a positive minimum, each step a factor. */
export const logarithmic = (min: number, max: number): Scale => ({
  valueAt: (position) => clamp(rounded(min * (max / min) ** clamp(position, 0, 1)), min, max),
  positionOf: (value) => clamp(Math.log(Math.max(value, min) / min) / Math.log(max / min), 0, 1),
});

/** The more to the right, the shorter; at the left end 0, which stands for without end. */
export function churn(shortest: number, longest: number): Scale {
  const length = logarithmic(shortest, longest);
  return {
    valueAt: (position) => (position <= 0 ? 0 : length.valueAt(1 - position)),
    positionOf: (value) => (value === 0 ? 0 : Math.max(1 - length.positionOf(value), 0.01)),
  };
}

/** By the names of bindings/wasm's live_kinds(). */
export const scales: Readonly<Record<string, Scale>> = {
  viewers: linear(0, 300),
  latency_ms: quadratic(1, 300),
  jitter_ms: quadratic(0, 200),
  loss_ppm: quadratic(0, 50_000),
  upload_kbit_per_s: logarithmic(100, 100_000),
  download_kbit_per_s: logarithmic(500, 1_000_000),
  stay_s: churn(5, 3_600),
  poisoners_percent: linear(0, 50),
};
