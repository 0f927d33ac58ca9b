// What a first visit loads, compressed as the program sends it (Brotli), and the limits of it: run by tools/build_web.sh after each build.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const dist = path.resolve(import.meta.dirname, "../apps/web/dist");
const limits = [
  { page: "Home", html: "index.html", more: [], limitKb: 150 },
  // The worker with the engine is loaded by the page's script, so the page does not name it.
  { page: "Watch", html: "watch.html", more: [/^peerWorker-.*\.js$/], limitKb: 400 },
];

const assets = readdirSync(path.join(dist, "assets"));
const compressed = (name) =>
  brotliCompressSync(readFileSync(path.join(dist, name)), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length / 1000;

let over = false;
for (const { page, html, more, limitKb } of limits) {
  const named = [...readFileSync(path.join(dist, html), "utf8").matchAll(/"\/?(assets\/[^"]+\.(?:js|wasm))"/g)].map(([, name]) => name);
  const others = more.flatMap((pattern) => {
    const found = assets.filter((name) => pattern.test(name));
    if (found.length === 0) throw new Error(`apps/web/dist/assets has nothing like ${pattern}`);
    return found.map((name) => `assets/${name}`);
  });
  const sizes = [...new Set([...named, ...others])].map((name) => [compressed(name), name]);
  const sum = sizes.reduce((all, [size]) => all + size, 0);
  console.log(`${page}: ${sum.toFixed(0)} kB of script and WebAssembly (limit ${limitKb})`);
  if (sum <= limitKb) continue;
  over = true;
  for (const [size, name] of sizes.sort(([a], [b]) => b - a)) console.log(`  ${size.toFixed(1)} ${name}`);
}
if (over) {
  console.error("A page loads more than it may at first: load less of it, or later.");
  process.exit(1);
}
