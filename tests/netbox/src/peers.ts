import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { artifactsPath, patienceMs, type Program, programPath } from "../../e2e/src/program.ts";
import { type Netbox, readJson } from "./netbox.ts";

const httpPort = 3001;
export const sourceRole = 3; // mesh::Role

/** Signaling, pages, STUN and TURN on one host with a public address. */
export interface ServerInBox {
  url: string;
  programs: Program[];
}

/** A TURN server that shares its secret with ours. */
export interface TurnElsewhere {
  urls: string;
  secret: string;
}

/** With a relay of its own, unless there is one elsewhere. It may relay to the box's addresses, which are those of benchmarks (RFC 2544). */
export async function startServer(box: Netbox, host: string, elsewhere?: TurnElsewhere): Promise<ServerInBox> {
  const { address } = box.host(host);
  const turn = elsewhere ? [] : ["--turn", "on", "--turn-allow", "198.18.0.0/15"];
  const environment = elsewhere ? [`TURN_SERVER_URL=${elsewhere.urls}`, `TURN_SECRET=${elsewhere.secret}`] : [];
  const serve = box.start(host, `serve-${host}`, "env", [
    ...environment, programPath, "serve", "--host", address, "--port", String(httpPort), ...turn,
  ]);
  await serve.says(/listening on/);
  return { url: `http://${address}:${httpPort}`, programs: [serve] };
}

export interface SourceInBox {
  program: Program;
  watchUrl: string;
  statsFile: string;
  partsFile: string;
}

export interface SourceOptions {
  connectionsMax?: number;
  videoBitsPerS?: number;
  uploadBitsPerS?: number;
  /** Several instead of one: as `publish --qualities` takes them. */
  qualities?: string;
  size?: [width: number, height: number];
}

/** A small picture, so that a machine with two cores has time for the network. */
export async function startSource(box: Netbox, server: ServerInBox, host: string, options: SourceOptions = {}): Promise<SourceInBox> {
  const statsFile = freshFile(`${box.run}-${host}-stats.json`);
  const partsFile = freshFile(`${box.run}-${host}-parts.jsonl`);
  const [width, height] = options.size ?? [320, 180];
  const args = [
    "publish", "--test-pattern", "--width", String(width), "--height", String(height), "--server", server.url, "--title", "Test pattern",
    "--stats-json", statsFile, "--parts-json", partsFile, "--verbose",
  ];
  if (options.qualities !== undefined) args.push("--qualities", options.qualities);
  else args.push("--video-bitrate", String(options.videoBitsPerS ?? 600_000));
  if (options.connectionsMax !== undefined) args.push("--connections-max", String(options.connectionsMax));
  if (options.uploadBitsPerS !== undefined) args.push("--upload-max", String(options.uploadBitsPerS));
  const program = box.start(host, `publish-${host}`, programPath, args);
  const match = await program.says(/live at (http:\S+\/watch\/[0-9a-f]{20})/);
  return { program, watchUrl: match[1] ?? "", statsFile, partsFile };
}

export interface PeerStats {
  hop: number;
  receivedFromPeersBytes: number;
  receivedFromSourceBytes: number;
  givenBytes: number;
  producedBytes: number;
  duplicateBytes: number;
  controlSentBytes: number;
  piecesVerified: number;
  piecesRepaired: number;
  piecesFailed: number;
  partsPlayed: number;
  partsSkipped: number;
  delayMs: number;
  /** Links between the source and here in each stripe; 0 where nobody feeds it. */
  stripeHops: number[];
  neighbors: { peerId: string; role: number; stripesIn: number; stripesOut: number; rttMs: number; receivedBytes: number; givenBytes: number; relayed: boolean }[];
}

export interface PartLine {
  segment: number;
  part: number;
  mediaTimeMs: number;
  durationMs: number;
  bytes: number;
  capturedMs: number;
  /** All its pieces were there; it was received when its turn came. */
  verifiedMs: number;
  receivedMs: number;
  discontinuous: boolean;
}

/** `p2p-stream watch` on a host of the box. */
export class NativeViewer {
  readonly program: Program;
  readonly host: string;
  readonly startedMs = Date.now();
  readonly #statsFile: string;
  readonly #partsFile: string;

  constructor(box: Netbox, source: Pick<SourceInBox, "watchUrl">, host: string, args: string[] = []) {
    this.host = host;
    this.#statsFile = freshFile(`${box.run}-${host}-stats.json`);
    this.#partsFile = freshFile(`${box.run}-${host}-parts.jsonl`);
    this.program = box.start(host, `watch-${host}`, programPath, [
      "watch", source.watchUrl, "--verbose", "--stats-json", this.#statsFile, "--parts-json", this.#partsFile, ...args,
    ]);
  }

  stats(): PeerStats | undefined {
    return existsSync(this.#statsFile) ? readJson<PeerStats>(this.#statsFile) : undefined;
  }

  parts(): PartLine[] {
    return readParts(this.#partsFile);
  }

  /** Resolves once that many more parts have come. */
  async plays(more: number): Promise<void> {
    const target = this.parts().length + more;
    await until(`${this.host} got ${more} more parts`, () => this.parts().length >= target, () => this.program.output.slice(-2000));
  }
}

/** What `--parts-json` of a source or a viewer has written so far. */
export function readParts(file: string): PartLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1); // the last is empty or not finished
  return lines.map((line) => JSON.parse(line) as PartLine);
}

/** Asks again and again, since what is waited for shows in a file. */
export async function until(what: string, wished: () => boolean, told: () => string = () => ""): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    if (wished()) return;
    await pause(100);
  }
  throw new Error(`never: ${what}\n${told()}`);
}

function freshFile(name: string): string {
  mkdirSync(artifactsPath, { recursive: true });
  const file = path.join(artifactsPath, name);
  rmSync(file, { force: true });
  return file;
}
