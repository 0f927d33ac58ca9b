import type { Candidate, Engine, EngineStats, PeerId } from "../engine/engine";
import type { AnswerTo, EventName, EventOf, Hello, IceAnswer, RequestName, RequestOf } from "../signaling/messages";

/** What a session tells the engine; what comes from links, the server and timers, the peer tells it by itself. */
export type Fact =
  | "partProduced"
  | "renditionProduced"
  | "playhead"
  | "toLive"
  | "sharing"
  | "chooseLatency"
  | "chooseQuality"
  | "chatAs"
  | "chatSay"
  | "chatReact"
  | "chatModerate";

/** A peer as sessions use it: in a worker, or in the page where a browser cannot hand data channels to workers. */
export interface MeshPeer {
  /** `answer`: of the server's, with what new links use. */
  joined(self: PeerId, source: PeerId | undefined, candidates: readonly Candidate[], answer?: IceAnswer): void;
  do<Name extends Fact>(fact: Name, ...given: Parameters<Engine[Name]>): void;
  /** Of now, or of the last quarter of a second; undefined before the first. */
  stats(): EngineStats | undefined;
  /** Links go through TURN servers alone. */
  relayOnly: boolean;
  /** With which what we say in the chat is signed. */
  authorKey: CryptoKey | undefined;
  /** Of the link with that peer, for its statistics. */
  connectionOf(peer: PeerId): RTCPeerConnection | undefined;
  /** Says goodbye to the neighbors, so that they need not find out. */
  stop(): void;
}

/** What a peer asks of the connection to the server. */
export interface PeerSignaling {
  onConnected(listener: (hello: Hello) => void): () => void;
  onAway(listener: () => void): () => void;
  on<Name extends EventName>(event: Name, listener: (data: EventOf<Name>) => void): () => void;
  request<Name extends RequestName>(event: Name, request: RequestOf<Name>): Promise<AnswerTo<Name>>;
  tell<Name extends RequestName>(event: Name, request: RequestOf<Name>): void;
}

export interface Timer {
  /** Wakes at that instant (performance.now() milliseconds) instead of the one set before. */
  at(instantMs: number): void;
  stop(): void;
}
