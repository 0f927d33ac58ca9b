// Whether pages leak: minutes of watching and of broadcasting, then joins and leaves in one page. Prints a line a minute and writes
// build/bench/pages.json; fails when memory grew by more than a tenth after the first third.
import { framesAdvance, launchBrowser, openViewer } from "../../tests/e2e/src/browser.ts";
import { smallPicture, startServer, startSource } from "../../tests/e2e/src/program.ts";
import { goLive } from "../e2e/browserSource.ts";
import { writeReport } from "../e2e/report.ts";
import { memoryOf, renderersKb, type PageMemory } from "./memory.ts";

const minutes = Number(process.env.MINUTES ?? 15);
const joins = Number(process.env.JOINS ?? 50);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Sample extends PageMemory {
  residentKb: number;
}
const grewBy = (samples: Sample[], key: "heapKb" | "residentKb" | "nodes"): number => {
  const settled = samples[Math.floor(samples.length / 3)]?.[key] ?? Number.NaN;
  return Number(((samples.at(-1)?.[key] ?? Number.NaN) / settled - 1).toFixed(3));
};

const server = await startServer();

// Each page in a browser of its own, so that its processes are known.
const studio = await launchBrowser();
const live = await goLive(studio, server.url, 360);
const audience = await launchBrowser();
const watcher = await openViewer(await audience.newContext(), live.watchUrl, "soak-watcher");
await framesAdvance(watcher);

const watching: Sample[] = [];
const broadcasting: Sample[] = [];
for (let minute = 1; minute <= minutes; ++minute) {
  await pause(60_000);
  watching.push({ ...(await memoryOf(watcher.page)), residentKb: await renderersKb(audience) });
  broadcasting.push({ ...(await memoryOf(live.page)), residentKb: await renderersKb(studio) });
  console.log(`minute ${minute}: watching ${JSON.stringify(watching.at(-1))}, broadcasting ${JSON.stringify(broadcasting.at(-1))}`);
}
await framesAdvance(watcher);
await audience.close();
await studio.close();

const source = await startSource(server, smallPicture, "Come and go");
const browser = await launchBrowser();
const visitor = await openViewer(await browser.newContext({ locale: "en-US" }), server.url, "soak-visitor");
const visits: Sample[] = [];
for (let join = 1; join <= joins; ++join) {
  await visitor.page.getByText("Come and go").first().click();
  await framesAdvance(visitor, 5);
  await visitor.page.locator(".brand").click();
  await visitor.page.getByText("Come and go").first().waitFor();
  if (join % 5 !== 0) continue;
  // What was left says its goodbyes and ends its worker.
  while (visitor.page.workers().length > 0) await pause(100);
  visits.push({ ...(await memoryOf(visitor.page)), residentKb: await renderersKb(browser) });
  console.log(`join ${join}: ${JSON.stringify(visits.at(-1))}`);
}
await browser.close();
await source.program.stop("SIGINT");
await server.program.stop();

const result = {
  minutes,
  joins,
  watching: { heap_grew_by: grewBy(watching, "heapKb"), resident_grew_by: grewBy(watching, "residentKb"), last: watching.at(-1) },
  broadcasting: { heap_grew_by: grewBy(broadcasting, "heapKb"), resident_grew_by: grewBy(broadcasting, "residentKb"), last: broadcasting.at(-1) },
  visits: {
    heap_grew_by: grewBy(visits, "heapKb"),
    nodes_grew_by: grewBy(visits, "nodes"),
    resident_grew_by: grewBy(visits, "residentKb"),
    last: visits.at(-1),
  },
};
writeReport("pages", result);
console.log(JSON.stringify(result, null, 2));
const grown = [result.watching, result.broadcasting, result.visits].some(({ heap_grew_by }) => !(heap_grew_by < 0.1));
if (grown) {
  console.error("A page's heap grew by more than a tenth after its first third.");
  process.exit(1);
}
