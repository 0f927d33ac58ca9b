import { Channel, type PeerId } from "../engine/engine";
import { certificate } from "./certificate";

const bufferedLowBytes = 32 * 1024;

/** What a connection tells of itself. */
export interface ConnectionEvents {
  /** An ICE candidate of ours, as RTCIceCandidate spells it. */
  candidate(candidate: string, mid: string): void;
  /** Both channels are open. */
  opened(): void;
  /** It failed, a channel was closed, or the other side opened one that nobody agreed on. */
  failed(): void;
  /** Little waits in the channels' buffers any more. */
  low(): void;
  message(channel: Channel, data: unknown): void;
}

/** One RTCPeerConnection with the two channels of docs/links.md, wherever it is: beside the engine, or in the page when the engine is in a worker. */
export interface Connection {
  /** Makes our offer or answer, sets it, and says it (SDP). */
  describe(): Promise<string>;
  take(type: "offer" | "answer", sdp: string): Promise<void>;
  add(candidate: RTCIceCandidateInit): void;
  /** Throws when the channel takes nothing. */
  send(channel: Channel, message: Uint8Array<ArrayBuffer>): void;
  /** Bytes that wait in both channels. */
  readonly buffered: number;
  /** Whether the path that ICE chose goes through a TURN server. */
  isRelayed(): Promise<boolean>;
  /** No event comes after it. */
  close(): void;
}

export interface ConnectionOptions {
  peer: PeerId;
  /** 0: the link itself; others are beside it (docs/links.md). */
  association: number;
  iceServers: RTCIceServer[];
  relayOnly: boolean;
}

export type Connect = (options: ConnectionOptions, events: ConnectionEvents) => Connection;

export type Channels = readonly [RTCDataChannel, RTCDataChannel];

/** Both sides make both before anything is offered, so nothing has to be announced. */
export function makeChannels(connection: RTCPeerConnection): Channels {
  return [
    connection.createDataChannel("control", { negotiated: true, id: 0, ordered: true }),
    connection.createDataChannel("pieces", { negotiated: true, id: 1, ordered: false }),
  ];
}

export function listenTo(channels: Channels, events: Pick<ConnectionEvents, "opened" | "failed" | "low" | "message">): void {
  const look = () => channels.every(({ readyState }) => readyState === "open") && events.opened();
  channels.forEach((channel, index) => {
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = bufferedLowBytes;
    channel.onopen = look;
    channel.onclose = () => events.failed();
    channel.onbufferedamountlow = () => events.low();
    channel.onmessage = ({ data }: MessageEvent<unknown>) => events.message(index, data);
  });
}

export function silence(channels: Channels): void {
  for (const channel of channels) channel.onopen = channel.onclose = channel.onbufferedamountlow = channel.onmessage = null;
}

/** An RTCPeerConnection that tells of its candidates and its failure; the channels are the caller's. */
export function makeConnection(
  { iceServers, relayOnly }: ConnectionOptions,
  events: Pick<ConnectionEvents, "candidate" | "failed">,
): RTCPeerConnection {
  const connection = new RTCPeerConnection({ ...certificate(), iceServers, iceTransportPolicy: relayOnly ? "relay" : "all" });
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate) events.candidate(candidate.candidate, candidate.sdpMid ?? "0");
  };
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === "failed") events.failed();
  };
  connection.ondatachannel = () => events.failed(); // both channels are agreed on beforehand; nobody opens another
  return connection;
}

export function closeConnection(connection: RTCPeerConnection): void {
  connection.onicecandidate = connection.onconnectionstatechange = connection.ondatachannel = null;
  connection.close();
}

export async function describe(connection: RTCPeerConnection): Promise<string> {
  await connection.setLocalDescription();
  return connection.localDescription?.sdp ?? "";
}

export async function isRelayed(connection: RTCPeerConnection): Promise<boolean> {
  // Where a browser has the pair at hand, it is not searched for in all statistics: those take some milliseconds.
  const pair = connection.sctp?.transport.iceTransport.getSelectedCandidatePair?.();
  if (pair) return pair.local?.type === "relay" || pair.remote?.type === "relay";
  const stats = await connection.getStats();
  for (const entry of stats.values() as Iterable<Record<string, unknown>>) {
    if (entry.type !== "candidate-pair" || entry.state !== "succeeded" || entry.nominated !== true) continue;
    const local = stats.get(String(entry.localCandidateId)) as Record<string, unknown> | undefined;
    const remote = stats.get(String(entry.remoteCandidateId)) as Record<string, unknown> | undefined;
    if (local?.candidateType === "relay" || remote?.candidateType === "relay") return true;
  }
  return false;
}

/** Beside the engine. */
export class LocalConnection implements Connection {
  readonly connection: RTCPeerConnection;
  readonly #channels: Channels;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.connection = makeConnection(options, events);
    this.#channels = makeChannels(this.connection);
    listenTo(this.#channels, events);
  }

  describe(): Promise<string> {
    return describe(this.connection);
  }
  take(type: "offer" | "answer", sdp: string): Promise<void> {
    return this.connection.setRemoteDescription({ type, sdp });
  }
  add(candidate: RTCIceCandidateInit): void {
    this.connection.addIceCandidate(candidate).catch(() => {});
  }
  send(channel: Channel, message: Uint8Array<ArrayBuffer>): void {
    this.#channels[channel].send(message);
  }
  get buffered(): number {
    return this.#channels[0].bufferedAmount + this.#channels[1].bufferedAmount;
  }
  isRelayed(): Promise<boolean> {
    return isRelayed(this.connection);
  }
  close(): void {
    silence(this.#channels);
    closeConnection(this.connection);
  }
}
