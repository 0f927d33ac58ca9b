/**
 * The worker with a peer's engine: what is relayed passes here, and a page that is busy does not hold it up. The page keeps what only a page
 * has: RTCPeerConnections, the socket to the server, the player.
 */
import type { Engine, EngineStats } from "../engine/engine";
import { loadModule } from "../engine/module";
import type { EventName, EventOf, Hello } from "../signaling/messages";
import type { Fact, PeerSignaling, Timer } from "./meshPeer";
import { Peer } from "./peer";
import { RemoteConnections } from "./remoteConnection";
import type { FromWorker, ToWorker } from "./workerMessages";

const statsEveryMs = 250;
/** The goodbyes are on their way by then. */
const endAfterMs = 150;

const worker = globalThis as unknown as Pick<Worker, "postMessage" | "onmessage">;
const post = (message: FromWorker, transfer: Transferable[] = []) => worker.postMessage(message, transfer);

const connections = new RemoteConnections(post);
const moduleLoading = loadModule();
const connected = new Set<(hello: Hello) => void>();
const away = new Set<() => void>();
const signals = new Set<(signal: EventOf<"signal">) => void>();
const requests = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
let nextRequest = 0;
let peer: Peer | undefined;

function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const signaling: PeerSignaling = {
  onConnected: (listener) => listen(connected, listener),
  onAway: (listener) => listen(away, listener),
  on: <Name extends EventName>(event: Name, listener: (data: EventOf<Name>) => void) => {
    if (event !== "signal") throw new Error(`a peer does not ask for ${event}`);
    return listen(signals, listener as (signal: EventOf<"signal">) => void);
  },
  request: (event, body) =>
    new Promise((resolve, reject) => {
      const request = nextRequest++;
      requests.set(request, { resolve: resolve as (answer: unknown) => void, reject });
      post({ kind: "request", request, event: event as "report", body: body as never });
    }),
  tell: (event, body) => post({ kind: "tell", event: event as "signal", body: body as never }),
};

/** A worker's own timers are not slowed down. */
function timer(wake: () => void): Timer {
  let set: ReturnType<typeof setTimeout> | undefined;
  return {
    at(instantMs) {
      clearTimeout(set);
      set = setTimeout(wake, Math.max(0, instantMs - performance.now()));
    },
    stop: () => clearTimeout(set),
  };
}

async function start({ options, authorKey }: Extract<ToWorker, { kind: "start" }>): Promise<void> {
  const made = new Peer({ module: await moduleLoading, signaling, connect: connections.connect, timer }, options, {
    rendition: (rendition) => post({ kind: "rendition", rendition }),
    part: (part) => post({ kind: "part", part }, [part.bytes.buffer]),
    playback: (command) => post({ kind: "playback", command: { rate: command.rate, jumpToBufferS: command.jumpToBufferS } }),
    decision: (text) => post({ kind: "decision", text }),
    chat: (output) => post({ kind: "chat", output }),
  });
  made.authorKey = authorKey;
  peer = made;
  const tellStats = () => {
    const stats: EngineStats = made.stats();
    post({ kind: "stats", stats });
  };
  tellStats();
  setInterval(tellStats, statsEveryMs);
}

function take(message: ToWorker): void {
  switch (message.kind) {
    case "start":
      return; // below
    case "joined":
      return peer?.joined(message.self, message.source, message.candidates, message.answer);
    case "fact":
      return peer?.do(message.fact, ...(message.given as Parameters<Engine[Fact]>));
    case "relayOnly":
      if (peer) peer.relayOnly = message.relayOnly;
      return;
    case "authorKey":
      if (peer) peer.authorKey = message.key;
      return;
    case "connected":
      return connected.forEach((listener) => listener(message.hello));
    case "away":
      return away.forEach((listener) => listener());
    case "signal":
      return signals.forEach((listener) => listener(message.signal));
    case "answered": {
      const asked = requests.get(message.request);
      requests.delete(message.request);
      if (message.error === undefined) asked?.resolve(message.answer);
      else asked?.reject(new Error(message.error));
      return;
    }
    case "channels":
      return connections.channels(message.connection, message.channels);
    case "candidate":
      return connections.candidate(message.connection, message.candidate, message.mid);
    case "failed":
      return connections.failed(message.connection);
    case "done":
      return connections.done(message.call, message.value, message.error);
    case "stop":
      peer?.stop();
      setTimeout(() => post({ kind: "stopped" }), endAfterMs);
  }
}

// What comes before the engine is there waits for it.
let waiting: ToWorker[] | undefined = [];
worker.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "start") {
    void start(data).then(() => {
      const early = waiting ?? [];
      waiting = undefined;
      for (const message of early) take(message);
    });
  } else if (waiting) {
    waiting.push(data);
  } else {
    take(data);
  }
};
void moduleLoading.then(() => post({ kind: "ready" }));
