import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser } from "playwright-core";
import { chromiumPath, launchBrowser } from "../../e2e/src/browser.ts";
import { artifactsPath } from "../../e2e/src/program.ts";
import type { Netbox } from "./netbox.ts";
import type { ServerInBox } from "./peers.ts";

/** Chromium on a host of the box. It is driven over a pipe, which namespaces do not cut. */
export async function launchBrowserOn(box: Netbox, host: string, server: ServerInBox, args: string[] = []): Promise<Browser> {
  const { namespace } = box.host(host);
  mkdirSync(artifactsPath, { recursive: true });
  const starter = path.join(artifactsPath, `chromium-on-${namespace}.sh`);
  writeFileSync(starter, `#!/bin/sh\nexec ip netns exec ${namespace} ${chromiumPath} "$@"\n`);
  chmodSync(starter, 0o755);
  // A server on the internet has a certificate; the one in the box has none, and signatures are checked on secure pages only.
  return launchBrowser({ executablePath: starter, args: [...args, `--unsafely-treat-insecure-origin-as-secure=${server.url}`] });
}
