import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";

export interface PageMemory {
  /** Of the page's own script, after a collection; its workers have heaps of their own. */
  heapKb: number;
  nodes: number;
  listeners: number;
  workers: number;
}

export async function memoryOf(page: Page): Promise<PageMemory> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  await session.detach();
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return {
    heapKb: Math.round(value("JSHeapUsedSize") / 1024),
    nodes: value("Nodes"),
    listeners: value("JSEventListeners"),
    workers: page.workers().length,
  };
}

/** Resident memory of all processes that show pages, workers and WebAssembly included (proc_pid_status(5)). */
export async function renderersKb(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  let sum = 0;
  for (const { type, id } of processInfo) {
    if (type !== "renderer") continue;
    try {
      sum += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      // It ended between the two calls.
    }
  }
  return sum;
}
