import {
  Engine,
  type Candidate,
  type ChatOutput,
  type EngineStats,
  type PeerId,
  type PlayablePart,
  type PlaybackCommand,
  type RenditionInfo,
} from "../engine/engine";
import type { Module } from "../engine/module";
import { IceServers } from "../links/iceServers";
import type { Connect } from "../links/connection";
import { WideLinks } from "../links/wideLinks";
import { readSignal, type IceAnswer, type RequestOf, type Signal } from "../signaling/messages";
import { AuthorKeys, checkSignature, pieceDigest, randomSeed } from "./crypto";
import type { Fact, MeshPeer, PeerSignaling, Timer } from "./meshPeer";

export interface PeerOptions {
  streamId: string;
  source: boolean;
  giving: boolean;
  connectionsMax: number;
  uploadBitsPerS: number;
  publicKey: CryptoKey;
  /** The source's. */
  privateKey?: CryptoKey;
  patienceMs?: number;
  /** Peers see the addresses of TURN servers alone. */
  relayOnly?: boolean;
}

export interface PeerEvents {
  rendition?(rendition: RenditionInfo): void;
  part?(part: PlayablePart): void;
  playback?(command: PlaybackCommand): void;
  decision?(text: string): void;
  chat?(output: ChatOutput): void;
}

/** What a peer works with. */
export interface PeerMeans {
  module: Module;
  signaling: PeerSignaling;
  connect: Connect;
  timer: (wake: () => void) => Timer;
}

/** One engine with its links: tells it what happened and carries out what it asks. */
export class Peer implements Omit<MeshPeer, "connectionOf"> {
  readonly #engine: Engine;
  readonly #links: WideLinks;
  readonly #ice: IceServers;
  readonly #signaling: PeerSignaling;
  readonly #options: PeerOptions;
  readonly #events: PeerEvents;
  readonly #timer: Timer;
  readonly #stop: (() => void)[];
  readonly #authorKeys = new AuthorKeys();
  /** With which what we say in the chat is signed. */
  authorKey: CryptoKey | undefined;
  #draining = false;
  #stopped = false;

  constructor({ module, signaling, connect, timer }: PeerMeans, options: PeerOptions, events: PeerEvents) {
    this.#options = options;
    this.#events = events;
    this.#signaling = signaling;
    this.#engine = new Engine(module, { ...options, seed: randomSeed(), patienceMs: options.patienceMs ?? 2_500 });
    this.#links = new WideLinks(connect, {
      offer: (peer, network) => this.tell((engine) => engine.offerReceived(peer, network)),
      up: (peer, relayed) => this.tell((engine) => engine.linkUp(peer, relayed)),
      down: (peer) => this.tell((engine) => engine.linkDown(peer)),
      widened: (peer, associations) => this.tell((engine) => engine.linkWidened(peer, associations)),
      message: (peer, channel, bytes) => this.tell((engine) => engine.messageReceived(peer, channel, bytes)),
      backlog: (peer, bytes) => this.tell((engine) => engine.backlog(peer, bytes)),
      signal: (to, data) => this.tell((engine) => engine.signalReady(to, JSON.stringify(data))),
    });
    this.#links.relayOnly = options.relayOnly ?? false;
    this.#ice = new IceServers((servers) => (this.#links.iceServers = servers));
    this.#timer = timer(() => this.tell((engine) => engine.wake()));
    this.#stop = [
      signaling.onConnected((hello) => this.#ice.greet(hello)),
      signaling.onAway(() => this.tell((engine) => engine.signalingAway())),
      signaling.on("signal", ({ from, network, data }) => {
        if (!this.#stopped) this.#links.signal(from, data, network);
      }),
    ];
  }

  /** `answer`: of the server's, with what new links use. */
  joined(self: PeerId, source: PeerId | undefined, candidates: readonly Candidate[], answer: IceAnswer = {}): void {
    this.#links.self = self;
    this.#ice.take(answer);
    this.tell((engine) => engine.joined(self, source, candidates));
  }

  do<Name extends Fact>(fact: Name, ...given: Parameters<Engine[Name]>): void {
    this.tell((engine) => (engine[fact] as (...given: Parameters<Engine[Name]>) => void)(...given));
  }

  /** Tells the engine a fact and does what it then asks for. */
  tell(fact: (engine: Engine) => void): void {
    if (this.#stopped) return;
    fact(this.#engine);
    this.#drain();
  }

  set relayOnly(relayOnly: boolean) {
    this.#links.relayOnly = relayOnly;
  }

  stats(): EngineStats {
    return this.#engine.stats();
  }

  /** Says goodbye to the neighbors, so that they need not find out. */
  stop(): void {
    if (this.#stopped) return;
    this.tell((engine) => engine.leave());
    this.#stopped = true;
    for (const stop of this.#stop) stop();
    this.#timer.stop();
    // The goodbyes are on their way when the task ends; a page that is being closed has no later one.
    setTimeout(() => {
      this.#links.closeAll();
      this.#engine.free();
    }, 100);
  }

  #renewIceServers(): void {
    if (!this.#ice.due()) return;
    void this.#signaling
      .request("ice:servers", {})
      .then((answer) => this.#ice.take(answer))
      .catch(() => {}); // a later report asks again
  }

  #drain(): void {
    if (this.#draining) return; // a link event within the loop below: its outputs are taken by that loop
    this.#draining = this.#engine.timeStandsStill = true;
    try {
      for (let output = this.#engine.poll(); output; output = this.#engine.poll()) this.#carryOut(output);
      this.#links.tellBacklogs();
      for (let output = this.#engine.poll(); output; output = this.#engine.poll()) this.#carryOut(output);
    } finally {
      this.#draining = this.#engine.timeStandsStill = false;
    }
    this.#timer.at(this.#engine.nextWakeUs() / 1000);
  }

  #carryOut(output: NonNullable<ReturnType<Engine["poll"]>>): void {
    switch (output.kind) {
      case "dial":
        return this.#links.dial(output.peer);
      case "accept":
        return this.#links.accept(output.peer);
      case "refuse":
        return this.#links.refuse(output.peer, output.reason);
      case "hangUp":
        return this.#links.hangUp(output.peer);
      case "widen":
        return this.#links.widen(output.peer, output.associations);
      case "send":
        this.#links.send(output.peer, output.channel, output.header, output.body);
        return;
      case "hashPiece": {
        const { request } = output;
        // digest() copies its input at once, so the view may go stale after the call.
        void pieceDigest(output.bytes).then((digest) => this.tell((engine) => engine.hashed(request, digest)));
        return;
      }
      case "sign": {
        const { request } = output;
        const privateKey = output.asAuthor ? this.authorKey : this.#options.privateKey;
        if (!privateKey) throw new Error("asked to sign with a key that is not here");
        void crypto.subtle
          .sign({ name: "Ed25519" }, privateKey, output.message)
          .then((signature) => this.tell((engine) => engine.signed(request, new Uint8Array(signature))));
        return;
      }
      case "checkSignature": {
        const { request } = output;
        // verify() copies what it is given at once; a key that is not at hand takes a moment, so then we do.
        const checked = output.key
          ? this.#authorKeys.check(output.key, output.signature, output.message)
          : checkSignature(this.#options.publicKey, output.signature, output.message);
        void checked.catch(() => false).then((valid) => this.tell((engine) => engine.signatureChecked(request, valid)));
        return;
      }
      case "playRendition":
        return this.#events.rendition?.(output.rendition);
      case "playPart":
        return this.#events.part?.(output.part);
      case "setPlayback":
        return this.#events.playback?.(output);
      case "findCandidates":
        void this.#signaling
          .request("candidates", { exclude: output.exclude.slice(0, 64), rendition: output.rendition })
          .then(({ candidates }) => this.tell((engine) => engine.candidatesFound(candidates)))
          .catch(() => {}); // the server is away or we left; the engine asks again
        return;
      case "sendReport":
        this.#renewIceServers();
        void this.#signaling
          .request("report", output.report as RequestOf<"report">)
          .then(({ receipts, score }) => this.tell((engine) => engine.receipts(receipts, score)))
          .catch(() => {}); // a report that got lost is followed by the next
        return;
      case "misbehaved":
        return this.#events.decision?.(`${output.peer.slice(0, 4)} was dropped: it ${output.reason}`);
      case "decision":
        return this.#events.decision?.(output.text);
      case "chatShown":
      case "chatHidden":
      case "chatSent":
      case "chatRules":
      case "chatReacted":
        return this.#events.chat?.(output);
      case "sendSignal":
        return this.#signaling.tell("signal", { to: output.peer, data: JSON.parse(output.text) as Signal }); // as we wrote it
      case "takeSignal": {
        const signal = readSignal(output.text);
        if (signal) this.#links.signal(output.peer, signal);
        return;
      }
    }
  }
}
