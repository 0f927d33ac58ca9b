/**
 * A number that a camera or a decoder can read out of a picture: a white and a black cell, 32 bits of milliseconds (modulo 2^32, the
 * highest first), and 4 bits of check sum, as cells of equal width, white for 1.
 */
const codeBits = 32;
const checkBits = 4;
export const cells = 2 + codeBits + checkBits;

const modulus = 2 ** codeBits;

function checkOf(value: number): number {
  let check = 0b1010;
  for (let shift = 0; shift < codeBits; shift += checkBits) check ^= Math.floor(value / 2 ** shift) % 2 ** checkBits;
  return check;
}

const bit = (value: number, place: number) => Math.floor(value / 2 ** place) % 2 === 1;

/** Whether each cell is white. */
export function encode(ms: number): boolean[] {
  const value = ((Math.floor(ms) % modulus) + modulus) % modulus;
  const bits = Array.from({ length: codeBits }, (_, index) => bit(value, codeBits - 1 - index));
  const check = checkOf(value);
  return [true, false, ...bits, ...Array.from({ length: checkBits }, (_, index) => bit(check, checkBits - 1 - index))];
}

/** From the brightness (0 to 255) of each cell's middle; undefined when it is no code, or a damaged one. */
export function decode(brightness: readonly number[]): number | undefined {
  const [white, black] = brightness;
  if (brightness.length !== cells || white === undefined || black === undefined || white - black < 80) return undefined;
  const threshold = (white + black) / 2;
  const number = (from: number, count: number) => brightness.slice(from, from + count).reduce((sum, level) => sum * 2 + Number(level > threshold), 0);
  const value = number(2, codeBits);
  return number(2 + codeBits, checkBits) === checkOf(value) ? value : undefined;
}

/** From the moment that the code names until now. */
export function ageMs(code: number, nowMs: number): number {
  return (((Math.floor(nowMs) - code) % modulus) + modulus) % modulus;
}
