/**
 * Runs in the page: samples the timecode of shown frames until the window's `stopSampling` is called. The layout is that of
 * transcode/timecode.hpp: 64 blocks at the bottom, a 24th of the height: 8 bits of mark, 48 of milliseconds, 8 of checksum.
 */
export function sampleTimecodes(): void {
  const video = document.querySelector("video");
  if (!video) throw new Error("no video");
  const blocks = 64;
  const canvas = new OffscreenCanvas(blocks * 8, 8);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  const delays: number[] = [];
  let frozenMs = 0;
  let lastShownMs = performance.now();
  let lastReadMs = 0;
  let unreadable = 0;
  let stopped = false;
  const read = (nowMs: number, metadata: VideoFrameCallbackMetadata) => {
    if (stopped) return;
    // A frame that stays for more than a quarter of a second is a freeze, whatever the element says.
    if (nowMs - lastShownMs > 250) frozenMs += nowMs - lastShownMs;
    lastShownMs = nowMs;
    if (nowMs - lastReadMs > 200) {
      lastReadMs = nowMs;
      const rows = video.videoHeight / 24;
      context.drawImage(video, 0, video.videoHeight - rows, video.videoWidth, rows, 0, 0, blocks * 8, 8);
      const { data } = context.getImageData(0, 0, blocks * 8, 8);
      let bits = 0n;
      for (let block = 0; block < blocks; ++block) {
        let sum = 0;
        for (let y = 2; y < 6; ++y) for (let x = 2; x < 6; ++x) sum += data[((y * blocks + block) * 8 + x) * 4 + 1] ?? 0;
        bits = (bits << 1n) | (sum > 128 * 16 ? 1n : 0n);
      }
      const ms = (bits >> 8n) & 0xffffffffffffn;
      let sum = 0x5an;
      for (let byte = 0n; byte < 6n; ++byte) sum ^= (ms >> (8n * byte)) & 0xffn;
      if (bits >> 56n === 0b10110010n && (bits & 0xffn) === sum) {
        // Shown when the compositor says so, on the clock that stamped the capture.
        delays.push(performance.timeOrigin + metadata.expectedDisplayTime - Number(ms));
      } else {
        unreadable += 1;
      }
    }
    video.requestVideoFrameCallback(read);
  };
  video.requestVideoFrameCallback(read);
  Object.assign(globalThis, {
    stopSampling: () => {
      stopped = true;
      return { delays, frozenMs, unreadable };
    },
  });
}
