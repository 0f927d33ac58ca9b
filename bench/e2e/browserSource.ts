import type { Browser, Page } from "playwright-core";

/** A camera whose picture says when it was taken: drawn in the page, with the timecode that sampleTimecodes() reads. Runs in the page before its scripts. */
function timecodeCamera({ width, height, framesPerS }: { width: number; height: number; framesPerS: number }): void {
  const blocks = 64;
  const makeStream = () => {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    const rows = height / 24;
    const draw = () => {
      const ms = BigInt(Math.round(performance.timeOrigin + performance.now()));
      let check = 0x5an;
      for (let byte = 0n; byte < 6n; ++byte) check ^= (ms >> (8n * byte)) & 0xffn;
      const bits = (0b10110010n << 56n) | ((ms & 0xffffffffffffn) << 8n) | check;
      // Something moves all over the picture, as before a camera.
      const shift = Number(ms % 4_000n) / 4_000;
      for (let bar = 0; bar < 16; ++bar) {
        context.fillStyle = `hsl(${(bar * 22 + shift * 360).toFixed(0)} 60% 50%)`;
        context.fillRect((bar * width) / 16, 0, width / 16 + 1, height);
      }
      context.fillStyle = "#fff";
      context.fillRect(shift * width, 0, 12, height);
      for (let block = 0; block < blocks; ++block) {
        context.fillStyle = (bits >> BigInt(blocks - 1 - block)) & 1n ? "#fff" : "#000";
        context.fillRect((block * width) / blocks, height - rows, width / blocks + 1, rows);
      }
    };
    draw();
    setInterval(draw, 1_000 / framesPerS);
    const media = canvas.captureStream(framesPerS);
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const out = audio.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    for (const track of out.stream.getAudioTracks()) media.addTrack(track);
    return media;
  };
  let made: MediaStream | undefined;
  navigator.mediaDevices.getUserMedia = ({ video, audio } = {}) => {
    made ??= makeStream();
    return Promise.resolve(new MediaStream([...(video ? made.getVideoTracks() : []), ...(audio ? made.getAudioTracks() : [])]));
  };
}

export interface BrowserSource {
  page: Page;
  watchUrl: string;
  /** Of the qualities that it sends. */
  qualities: number;
}

/** Goes live from the Broadcast page, as a person would, with a camera of that size and all qualities that the page proposes. */
export async function goLive(browser: Browser, serverUrl: string, height: number): Promise<BrowserSource> {
  const context = await browser.newContext({ permissions: ["camera", "microphone"], locale: "en-US", viewport: { width: 1280, height: 800 } });
  await context.addInitScript(timecodeCamera, { width: Math.round((height * 16) / 9), height, framesPerS: 30 });
  const page = await context.newPage();
  await page.goto(`${serverUrl}/broadcast`);
  await page.getByRole("button", { name: "Allow camera and microphone" }).click();
  await page.getByLabel("Title", { exact: true }).fill("Bench");
  const rows = page.getByRole("table").getByRole("checkbox");
  await rows.first().waitFor();
  const qualities = await page.getByRole("table").getByRole("checkbox", { checked: true }).count();
  await page.getByRole("button", { name: "Go live" }).click();
  const watchUrl = await page.getByTestId("watch-link").inputValue();
  return { page, watchUrl, qualities };
}
