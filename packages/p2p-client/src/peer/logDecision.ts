/** Why the engine did what it did, for whoever opens the browser's console at its most verbose level. */
export function logDecision(text: string): void {
  console.debug(`mesh: ${text}`);
}
