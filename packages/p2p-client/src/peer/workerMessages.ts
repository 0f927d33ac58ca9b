import type { Candidate, ChatOutput, EngineStats, PeerId, PlayablePart, PlaybackCommand, RenditionInfo } from "../engine/engine";
import type { Channels, ConnectionOptions } from "../links/connection";
import type { EventOf, Hello, IceAnswer } from "../signaling/messages";
import type { Fact } from "./meshPeer";
import type { PeerOptions } from "./peer";

/** What the page and the worker with its engine say to each other. Both are of one build, so nothing is checked. */
export type ToWorker =
  | { kind: "start"; options: PeerOptions; authorKey: CryptoKey | undefined }
  | { kind: "joined"; self: PeerId; source: PeerId | undefined; candidates: readonly Candidate[]; answer: IceAnswer }
  | { kind: "fact"; fact: Fact; given: readonly unknown[] }
  | { kind: "relayOnly"; relayOnly: boolean }
  | { kind: "authorKey"; key: CryptoKey | undefined }
  | { kind: "connected"; hello: Hello }
  | { kind: "away" }
  | { kind: "signal"; signal: EventOf<"signal"> }
  | { kind: "answered"; request: number; answer?: unknown; error?: string }
  | { kind: "channels"; connection: number; channels: Channels }
  | { kind: "candidate"; connection: number; candidate: string; mid: string }
  | { kind: "failed"; connection: number }
  | { kind: "done"; call: number; value?: unknown; error?: string }
  | { kind: "stop" };

/** What is asked of a connection in the page and answered with `done`. */
export type ConnectionCall = { what: "describe" } | { what: "take"; type: "offer" | "answer"; sdp: string } | { what: "isRelayed" };

export type FromWorker =
  | { kind: "ready" }
  | { kind: "rendition"; rendition: RenditionInfo }
  | { kind: "part"; part: PlayablePart }
  | { kind: "playback"; command: PlaybackCommand }
  | { kind: "decision"; text: string }
  | { kind: "chat"; output: ChatOutput }
  | { kind: "stats"; stats: EngineStats }
  | { kind: "request"; request: number; event: "candidates" | "report" | "ice:servers"; body: never }
  | { kind: "tell"; event: "signal"; body: never }
  | { kind: "connect"; connection: number; options: ConnectionOptions }
  | { kind: "call"; connection: number; call: number; asked: ConnectionCall }
  | { kind: "add"; connection: number; candidate: RTCIceCandidateInit }
  | { kind: "close"; connection: number }
  | { kind: "stopped" };
