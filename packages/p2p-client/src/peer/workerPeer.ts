import type { Candidate, Engine, EngineStats, PeerId } from "../engine/engine";
import type { IceAnswer } from "../signaling/messages";
import { HostedConnections } from "./hostedConnections";
import type { Fact, MeshPeer, PeerSignaling } from "./meshPeer";
import type { PeerEvents, PeerOptions } from "./peer";
import type { FromWorker, ToWorker } from "./workerMessages";

/** A worker that stopped has said its goodbyes; one that does not say so is ended all the same. */
const stopsWithinMs = 1_000;

/** A peer whose engine is in a worker: what the session says goes there, what the engine wants of the page is done here. */
export class WorkerPeer implements MeshPeer {
  readonly #worker: Worker;
  readonly #signaling: PeerSignaling;
  readonly #events: PeerEvents;
  readonly #connections: HostedConnections;
  readonly #stop: (() => void)[];
  #stats: EngineStats | undefined;
  #statsAtMs = 0;
  #relayOnly: boolean;
  #authorKey: CryptoKey | undefined;
  #stopped = false;

  constructor(worker: Worker, signaling: PeerSignaling, options: PeerOptions, events: PeerEvents) {
    this.#worker = worker;
    this.#signaling = signaling;
    this.#events = events;
    this.#relayOnly = options.relayOnly ?? false;
    this.#connections = new HostedConnections((message, transfer) => this.#post(message, transfer));
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#take(data);
    this.#post({ kind: "start", options, authorKey: undefined });
    this.#stop = [
      signaling.onConnected((hello) => this.#post({ kind: "connected", hello })),
      signaling.onAway(() => this.#post({ kind: "away" })),
      signaling.on("signal", (signal) => this.#post({ kind: "signal", signal })),
    ];
  }

  joined(self: PeerId, source: PeerId | undefined, candidates: readonly Candidate[], answer: IceAnswer = {}): void {
    this.#post({ kind: "joined", self, source, candidates, answer });
  }

  do<Name extends Fact>(fact: Name, ...given: Parameters<Engine[Name]>): void {
    this.#post({ kind: "fact", fact, given });
  }

  stats(): EngineStats | undefined {
    if (!this.#stats) return undefined;
    const { liveEdgeMs } = this.#stats; // goes on meanwhile
    return { ...this.#stats, liveEdgeMs: liveEdgeMs === 0 ? 0 : liveEdgeMs + performance.now() - this.#statsAtMs };
  }

  set relayOnly(relayOnly: boolean) {
    this.#relayOnly = relayOnly;
    this.#post({ kind: "relayOnly", relayOnly });
  }
  get relayOnly(): boolean {
    return this.#relayOnly;
  }

  set authorKey(key: CryptoKey | undefined) {
    this.#authorKey = key;
    this.#post({ kind: "authorKey", key });
  }
  get authorKey(): CryptoKey | undefined {
    return this.#authorKey;
  }

  connectionOf(peer: PeerId): RTCPeerConnection | undefined {
    return this.#connections.of(peer);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#post({ kind: "stop" });
    this.#stopped = true;
    for (const stop of this.#stop) stop();
    setTimeout(() => this.#end(), stopsWithinMs);
  }

  #end(): void {
    this.#worker.terminate();
    this.#connections.closeAll();
  }

  #post(message: ToWorker, transfer: Transferable[] = []): void {
    if (!this.#stopped) this.#worker.postMessage(message, transfer);
  }

  #take(message: FromWorker): void {
    switch (message.kind) {
      case "close":
        return this.#connections.close(message.connection);
      case "stopped":
        return this.#end();
      default:
        if (!this.#stopped) this.#carryOut(message);
    }
  }

  #carryOut(message: FromWorker): void {
    switch (message.kind) {
      case "rendition":
        return this.#events.rendition?.(message.rendition);
      case "part":
        return this.#events.part?.(message.part);
      case "playback":
        return this.#events.playback?.(message.command);
      case "decision":
        return this.#events.decision?.(message.text);
      case "chat":
        return this.#events.chat?.(message.output);
      case "stats":
        this.#stats = message.stats;
        this.#statsAtMs = performance.now();
        return;
      case "request": {
        const { request } = message;
        this.#signaling.request(message.event, message.body).then(
          (answer) => this.#post({ kind: "answered", request, answer }),
          (error: unknown) => this.#post({ kind: "answered", request, error: String(error) }),
        );
        return;
      }
      case "tell":
        return this.#signaling.tell(message.event, message.body);
      case "connect":
        return this.#connections.connect(message.connection, message.options);
      case "call":
        void this.#connections.call(message.connection, message.call, message.asked);
        return;
      case "add":
        return this.#connections.add(message.connection, message.candidate);
      case "ready": // it was, or there would be no peer
      case "stopped":
      case "close":
        return;
    }
  }
}
