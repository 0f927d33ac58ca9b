import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, before, test } from "node:test";
import { connect } from "node:tls";
import type { Browser } from "playwright-core";
import { closePages, framesAdvance, launchBrowser, openViewer, until, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, Program, programPath, smallPicture, startSource, type Server } from "./program.ts";

// On localhost every page is a secure context. Under this name a page is one by its certificate alone, as on a LAN.
const lanName = "stream.test";

let browser: Browser;
let server: Server;
let pagesUrl: string;
let fingerprint: string;
let stateFolder: string;

/** The certificate that the server shows. */
async function certificateOf({ port }: Server): Promise<X509Certificate> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  assert.ok(certificate);
  return certificate;
}

const toServer = (args: string[] = []) => launchBrowser({ args: [`--host-resolver-rules=MAP ${lanName} 127.0.0.1`, ...args] });

before(async () => {
  stateFolder = mkdtempSync(path.join(tmpdir(), "p2p-tls-"));
  const serve = [programPath, "serve", "--port", "0", "--host", "127.0.0.1", "--turn", "off", "--tls", "self-signed"];
  const program = Program.start("serve-tls", [`XDG_STATE_HOME=${stateFolder}`, ...serve], "/usr/bin/env");
  const port = Number((await program.says(/listening on https:\/\/localhost:(\d+)/))[1]);
  fingerprint = (await program.says(/fingerprint \(SHA-256\) (\S+)/))[1]!;
  server = { program, url: `https://localhost:${port}`, numericUrl: `https://127.0.0.1:${port}`, port };
  pagesUrl = `https://${lanName}:${port}`;
  const certificate = await certificateOf(server);
  assert.equal(certificate.fingerprint256, fingerprint, "the one that was printed");
  const spki = createHash("sha256")
    .update(certificate.publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
  browser = await toServer([`--ignore-certificate-errors-spki-list=${spki}`]);
});
afterEach(() => closePages(browser));
after(async () => {
  await browser?.close();
  await server?.program.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

/** Plays in a secure context, over a WebSocket that is encrypted, too. */
async function plays(url: string, name: string): Promise<Viewer> {
  const context = await browser.newContext();
  const webSockets: string[] = [];
  context.on("page", (page) => page.on("websocket", (webSocket) => webSockets.push(webSocket.url())));
  const viewer = await openViewer(context, url, name);
  await framesAdvance(viewer, 30);
  const { piecesFailed } = await until(viewer, "plays", ({ partsPlayed }) => partsPlayed > 10);
  assert.equal(piecesFailed, 0);
  assert.ok(await viewer.page.evaluate(() => isSecureContext));
  assert.ok(webSockets.length > 0 && webSockets.every((address) => address.startsWith(`wss://${lanName}:`)), webSockets.join());
  return viewer;
}

test("a program that was told the fingerprint publishes over TLS, and pages play over https", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "tls-program",
    () => viewers,
    async () => {
      const source = await startSource(server, [...smallPicture, "--tls-fingerprint", fingerprint]);
      assert.ok(source.watchUrl.startsWith("https://"), source.watchUrl);
      for (const name of ["tls-one", "tls-two"]) viewers.push(await plays(`${pagesUrl}/watch/${source.streamId}`, name));
      await source.program.stop("SIGINT");
    },
  );
});

test("a page publishes its camera, which only a secure context has, and another plays it", async () => {
  const viewers: Viewer[] = [];
  await withPictures(
    "tls-page",
    () => viewers,
    async () => {
      const context = await browser.newContext({ permissions: ["camera", "microphone"] });
      const studio = await openViewer(context, `${pagesUrl}/broadcast`, "tls-studio");
      viewers.push(studio);
      await studio.page.getByRole("button", { name: "Allow camera and microphone" }).click();
      await studio.page.getByLabel("Title").fill("Over TLS");
      await studio.page.getByRole("button", { name: "Go live" }).click();
      const link = await studio.page.getByTestId("watch-link").inputValue({ timeout: patienceMs });
      assert.ok(link.startsWith(`${pagesUrl}/watch/`), link);
      viewers.push(await plays(link, "tls-viewer"));
    },
  );
});

test("who does not know the certificate goes no further: a browser, and a program", async () => {
  const stranger = await toServer();
  try {
    const page = await stranger.newPage();
    await assert.rejects(page.goto(pagesUrl), /ERR_CERT_AUTHORITY_INVALID/);
  } finally {
    await stranger.close();
  }
  const publish = Program.start("publish-stranger", ["publish", "--test-pattern", "--server", server.url, "--title", "None"]);
  assert.notEqual(await publish.exited, 0);
  assert.match(publish.output, /certificate/);
  const wrong = Program.start("publish-wrong", [
    "publish",
    "--test-pattern",
    "--server",
    server.url,
    "--title",
    "None",
    "--tls-fingerprint",
    "00".repeat(32),
  ]);
  assert.notEqual(await wrong.exited, 0);
  assert.match(wrong.output, /fingerprint/);
});
