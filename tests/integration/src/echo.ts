import assert from "node:assert/strict";
import path from "node:path";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { patienceMs, Program, programPath } from "../../e2e/src/program.ts";

/** The conformance program (tests/socketio-echo). */
export const echoPath = process.env.SOCKETIO_ECHO_BIN ?? path.join(path.dirname(programPath), "socketio-echo");

/** What comes over a transport: text, or bytes. */
export type Message = string | Buffer;

export interface Opening {
  sid: string;
  upgrades: string[];
  pingInterval: number;
  pingTimeout: number;
  maxPayload: number;
}

/** Fails when what is awaited does not happen. */
export async function soon<T>(what: string, event: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`never ${what}`)), patienceMs);
  });
  try {
    return await Promise.race([event, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A WebSocket whose messages wait until they are asked for; the server's pings are answered unless `mute`. */
export class Wire {
  readonly #socket: WebSocket;
  readonly #messages: Message[] = [];
  #waiting: (() => void)[] = [];
  readonly #opened: Promise<unknown>;
  readonly #closed: Promise<number>;
  mute = false;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (data === "2" && !this.mute) return this.#socket.send("3");
      this.#messages.push(typeof data === "string" ? data : Buffer.from(data));
      this.#waiting.splice(0).forEach((wake) => wake());
    });
    this.#socket.addEventListener("error", () => {});
    this.#opened = new Promise((resolve) => this.#socket.addEventListener("open", resolve));
    this.#closed = new Promise((resolve) => this.#socket.addEventListener("close", ({ code }) => resolve(code)));
  }

  async opened(): Promise<void> {
    await soon("opened", this.#opened);
  }

  send(...messages: Message[]): void {
    for (const message of messages) this.#socket.send(typeof message === "string" ? message : new Uint8Array(message));
  }

  async next(): Promise<Message> {
    const message = this.#messages.shift();
    if (message !== undefined) return message;
    await soon("came a message", Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), this.#closedEarly()]));
    return this.next();
  }

  async text(): Promise<string> {
    const message = await this.next();
    assert.equal(typeof message, "string");
    return message as string;
  }

  /** The close code, whatever came before. */
  closed(): Promise<number> {
    return soon("closed", this.#closed);
  }

  close(): void {
    this.#socket.close();
  }

  async #closedEarly(): Promise<never> {
    throw new Error(`closed with ${await this.#closed} instead of a message`);
  }
}

/** A running echo; `/engine.io/` and `/socket.io/` are spoken to as they are, or with stock clients. */
export class Echo {
  readonly program: Program;
  readonly url: string;

  private constructor(program: Program, url: string) {
    this.program = program;
    this.url = url;
  }

  static async start(...args: string[]): Promise<Echo> {
    const program = Program.start("socketio-echo", ["--port", "0", ...args], echoPath);
    const match = await program.says(/listening on http:\/\/localhost:(\d+)/);
    return new Echo(program, `http://127.0.0.1:${match[1]}`);
  }

  http(protocol: "engine.io" | "socket.io", sid?: string, init: RequestInit = {}): Promise<Response> {
    return soon("answered", fetch(`${this.url}/${protocol}/?EIO=4&transport=polling${sid ? `&sid=${sid}` : ""}`, init));
  }

  /** A new session that polls. */
  async polling(protocol: "engine.io" | "socket.io"): Promise<Opening> {
    const text = await (await this.http(protocol)).text();
    assert.ok(text.startsWith("0"), text);
    return JSON.parse(text.slice(1)) as Opening;
  }

  async poll(protocol: "engine.io" | "socket.io", sid: string): Promise<string[]> {
    const response = await this.http(protocol, sid);
    assert.equal(response.status, 200);
    return (await response.text()).split("\x1e");
  }

  async post(protocol: "engine.io" | "socket.io", sid: string, ...packets: string[]): Promise<number> {
    const response = await this.http(protocol, sid, { method: "POST", body: packets.join("\x1e") });
    await response.text();
    return response.status;
  }

  /** A WebSocket of a new session, or of one that is to be upgraded. */
  wire(protocol: "engine.io" | "socket.io", sid?: string): Wire {
    return new Wire(`${this.url.replace("http", "ws")}/${protocol}/?EIO=4&transport=websocket${sid ? `&sid=${sid}` : ""}`);
  }

  async opened(protocol: "engine.io" | "socket.io"): Promise<Wire> {
    const wire = this.wire(protocol);
    assert.match(await wire.text(), /^0\{/);
    return wire;
  }

  /** A raw client of `/` that has heard `auth`. */
  async joined(): Promise<Wire> {
    const wire = await this.opened("socket.io");
    wire.send("40");
    assert.match(await wire.text(), /^40\{/);
    assert.match(await wire.text(), /^42\["auth"/);
    return wire;
  }

  client(nspace: string, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
    return io(this.url + nspace, { forceNew: true, reconnection: false, ...options });
  }

  async stop(): Promise<void> {
    assert.equal(await this.program.stop(), 0, this.program.output);
  }
}

/** The arguments of the next event of a stock client. */
export function heard(socket: Socket, event: string): Promise<unknown[]> {
  return soon(`heard ${event}`, new Promise((resolve) => socket.once(event, (...args: unknown[]) => resolve(args))));
}
