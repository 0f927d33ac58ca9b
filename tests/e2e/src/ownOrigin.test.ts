import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { framesAdvance, launchBrowser, openViewer, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, Program, smallPicture, startSource, unassignedPort } from "./program.ts";

// The pages on an origin of their own, as docs/hosting.md has it: built with the signaling server's address, served by nginx with the file of deploy/.

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const nginx = process.env.P2P_NGINX ?? "/usr/sbin/nginx";
const skip = existsSync(nginx) ? false : `${nginx} is not installed`;

let browser: Browser;
let folder: string;
const running: Program[] = [];

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "p2p-pages-"));
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const program of running.reverse()) await program.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The documented file, with what an operator would change; a test needs no TLS on localhost. */
function configure(port: number, serverUrl: string): string {
  let site = readFileSync(path.join(root, "deploy/nginx-pages.conf"), "utf8");
  const changes: [string, string][] = [
    ["    listen [::]:443 ssl http2;\n", ""],
    ["listen 443 ssl http2;", `listen 127.0.0.1:${port};`],
    ["    ssl_certificate     /etc/letsencrypt/live/pages.example/fullchain.pem;\n", ""],
    ["    ssl_certificate_key /etc/letsencrypt/live/pages.example/privkey.pem;\n", ""],
    ["server_name pages.example;", "server_name localhost;"],
    ["/srv/p2p-stream-pages", path.join(folder, "pages")],
    ["wss://live.example", serverUrl.replace("http", "ws")],
    ["https://live.example", serverUrl],
  ];
  for (const [from, to] of changes) {
    assert.ok(site.includes(from), `deploy/nginx-pages.conf has no "${from}" to change`);
    site = site.replaceAll(from, to);
  }
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const file = path.join(folder, "nginx.conf");
  writeFileSync(
    file,
    `${user}\npid ${folder}/pid;\nevents {}\nhttp {\n  include /etc/nginx/mime.types;\n  access_log off;\n  ${temporary.join("\n  ")}\n${site}\n}\n`,
  );
  return file;
}

test("pages on another origin, which the server allows, list and play", { skip, timeout: 4 * patienceMs }, async () => {
  const pagesPort = await unassignedPort();
  const pagesUrl = `http://localhost:${pagesPort}`;
  const serve = Program.start("serve-pages", ["serve", "--port", "0", "--host", "127.0.0.1", "--turn", "off", "--allowed-origins", pagesUrl]);
  running.push(serve);
  const port = Number((await serve.says(/listening on http:\/\/[^:]+:(\d+)/))[1]);
  const serverUrl = `http://localhost:${port}`;
  const source = await startSource({ program: serve, port, url: serverUrl, numericUrl: `http://127.0.0.1:${port}` }, smallPicture, "From elsewhere");
  running.push(source.program);

  mkdirSync(path.join(folder, "pages"));
  execFileSync("npm", ["run", "--silent", "build", "--", "--outDir", path.join(folder, "pages"), "--logLevel", "error"], {
    cwd: path.join(root, "apps/web"),
    env: { ...process.env, P2P_SIGNALING_URL: serverUrl },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const proxy = Program.start("nginx-pages", ["-p", folder, "-c", configure(pagesPort, serverUrl), "-e", "stderr", "-g", "daemon off;"], nginx);
  running.push(proxy);

  const context = await browser.newContext({ locale: "en-US" });
  const viewer = await openViewer(context, "about:blank", "own-origin");
  const viewers: Viewer[] = [viewer];
  const refused: string[] = [];
  viewer.page.on("console", (message) => /Content.Security.Policy/i.test(message.text()) && refused.push(message.text()));
  await withPictures(
    "own-origin",
    () => viewers,
    async () => {
      const deadline = Date.now() + patienceMs;
      while (!(await viewer.page.goto(pagesUrl).catch(() => undefined))) assert.ok(Date.now() < deadline, "nginx listens");
      await viewer.page.getByText("From elsewhere").first().click();
      await framesAdvance(viewer);
      assert.equal(new URL(viewer.page.url()).origin, pagesUrl);
      // A link to the stream, opened by itself.
      await viewer.page.goto(`${pagesUrl}/watch/${source.streamId}`);
      await framesAdvance(viewer);
      assert.deepEqual(refused, []);
    },
  );
});
