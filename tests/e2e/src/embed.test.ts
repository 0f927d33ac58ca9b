import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { framesAdvance, launchBrowser, openViewer, withPictures, type Viewer } from "./browser.ts";
import { patienceMs, Program, smallPicture, startSource } from "./program.ts";

// The client package as npm would publish it, on a page of another site: packages/p2p-client/example, with no bundler.

const packagePath = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../packages/p2p-client");
const types: Record<string, string> = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };

let browser: Browser;
let folder: string;
let site: HttpServer;
const running: Program[] = [];

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "p2p-embed-"));
  site = createServer((request, response) => {
    const file = path.join(folder, path.normalize(new URL(request.url ?? "/", "http://site").pathname));
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": types[path.extname(file)] ?? "text/plain" }).end(readFileSync(file));
  });
  await once(site.listen(0, "127.0.0.1"), "listening");
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  site?.close();
  for (const program of running.reverse()) await program.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the packed package plays a stream on a bare page of another site", { timeout: 4 * patienceMs }, async () => {
  const npm = (...args: string[]) => execFileSync("npm", args, { cwd: packagePath, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  npm("run", "--silent", "build");
  const [packed] = JSON.parse(npm("pack", "--json", "--pack-destination", folder)) as { filename: string; files: { path: string }[] }[];
  assert.ok(packed);
  const files = packed.files.map((file) => file.path);
  for (const wanted of ["dist/index.js", "dist/types/index.d.ts", "README.md", "package.json"])
    assert.ok(files.includes(wanted), `${wanted} is in the package`);
  assert.ok(
    files.some((file) => file.endsWith(".wasm")),
    "the engine is in the package",
  );
  execFileSync("tar", ["-xzf", path.join(folder, packed.filename), "-C", folder]);
  cpSync(path.join(folder, "package/example"), folder, { recursive: true });
  mkdirSync(path.join(folder, "p2p-client"));
  cpSync(path.join(folder, "package/dist"), path.join(folder, "p2p-client"), { recursive: true });

  const siteUrl = `http://localhost:${(site.address() as AddressInfo).port}`;
  const serve = Program.start("serve-embed", ["serve", "--port", "0", "--host", "127.0.0.1", "--turn", "off", "--allowed-origins", siteUrl]);
  running.push(serve);
  const port = Number((await serve.says(/listening on http:\/\/[^:]+:(\d+)/))[1]);
  const serverUrl = `http://localhost:${port}`;
  const source = await startSource({ program: serve, port, url: serverUrl, numericUrl: `http://127.0.0.1:${port}` }, smallPicture, "Embedded");
  running.push(source.program);

  const viewers: Viewer[] = [];
  await withPictures(
    "embed",
    () => viewers,
    async () => {
      const viewer = await openViewer(await browser.newContext(), `${siteUrl}/index.html?server=${serverUrl}&stream=${source.streamId}`, "embed");
      viewers.push(viewer);
      await framesAdvance(viewer);
      await viewer.page.getByRole("status").getByText("playing: Embedded").waitFor();
      // An error has a code and a sentence.
      await viewer.page.goto(`${siteUrl}/index.html?server=${serverUrl}&stream=nonsense`);
      await viewer.page.getByRole("status").getByText("not-found").waitFor();
    },
  );
});
