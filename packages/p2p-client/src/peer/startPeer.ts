import { loadModule } from "../engine/module";
import type { MeshPeer, PeerSignaling } from "./meshPeer";
import type { PeerEvents, PeerOptions } from "./peer";
import { WorkerPeer } from "./workerPeer";
import type { FromWorker } from "./workerMessages";

/** A place for an engine: for one peer, or for none. */
export interface PreparedPeer {
  start(signaling: PeerSignaling, options: PeerOptions, events: PeerEvents): MeshPeer;
  discard(): void;
}

/** A worker that is not there by then is not waited for. */
const readyWithinMs = 5_000;

/**
 * Where the peer's engine will run, got ready while the server is asked: in a worker, so that a page that is busy does not hold up what it relays; in the page, where
 * data channels cannot be handed to workers, or a worker does not start (a package on another origin than its page, a strict policy).
 */
export async function preparePeer(): Promise<PreparedPeer> {
  const worker = await startWorker();
  if (worker) {
    return {
      start: (signaling, options, events) => new WorkerPeer(worker, signaling, options, events),
      discard: () => worker.terminate(),
    };
  }
  const [module, { LocalPeer }] = await Promise.all([loadModule(), import("./localPeer")]);
  return { start: (signaling, options, events) => new LocalPeer(module, signaling, options, events), discard() {} };
}

async function startWorker(): Promise<Worker | undefined> {
  if (!channelsTransfer()) return undefined;
  try {
    const worker = new Worker(new URL("./peerWorker.ts", import.meta.url), { type: "module", name: "mesh" });
    const ready = await new Promise<boolean>((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => data.kind === "ready" && resolve(true);
      worker.onerror = () => resolve(false);
      setTimeout(() => resolve(false), readyWithinMs);
    });
    worker.onerror = null;
    if (ready) return worker;
    worker.terminate();
  } catch {
    // Of another origin.
  }
  return undefined;
}

/** RTCDataChannel is transferable in Chrome from 130 on, in Firefox from 144 on, in Safari from 15 on. */
function channelsTransfer(): boolean {
  const connection = new RTCPeerConnection();
  const { port1, port2 } = new MessageChannel();
  try {
    const channel = connection.createDataChannel("probe", { negotiated: true, id: 0 });
    port1.postMessage(channel, [channel as unknown as Transferable]);
    return true;
  } catch {
    return false;
  } finally {
    port1.close();
    port2.close();
    connection.close();
  }
}
