import { io, type Socket } from "socket.io-client";
import * as v from "valibot";
import {
  answerSchema,
  events,
  requests,
  type AnswerTo,
  type EventName,
  type EventOf,
  type Hello,
  type RequestName,
  type RequestOf,
} from "./messages";

/** The server said no, with one of the codes of docs/signaling.md and a sentence for a person. */
export class SignalingError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "SignalingError";
    this.code = code;
  }
}

/** What an acknowledgement says, or the SignalingError that it is. */
function readAnswer<Name extends RequestName>(event: Name, answer: unknown): AnswerTo<Name> {
  const notUnderstood = () => new SignalingError("internal", "The server answered in a way that this page does not understand. Reload it.");
  const parsed = v.safeParse(answerSchema, answer);
  if (!parsed.success) throw notUnderstood();
  if (!parsed.output.ok) throw new SignalingError(parsed.output.error.code, parsed.output.error.message);
  const output = v.safeParse(requests[event].answer, parsed.output);
  if (!output.success) throw notUnderstood();
  return output.output as AnswerTo<Name>;
}

const requestTimeoutMs = 10_000;
/** Of the first attempt to come back; the library draws from half of it to one and a half. */
const reconnectionDelayMs = 500;
const randomizationFactor = 0.5;

/**
 * One connection to the server. It reconnects by itself, for as long as it is open; `onConnected` runs each time, with the
 * server's hello, so that whoever joined something can join it again.
 */
export class Signaling {
  /** Of the server: where else it is asked, too (thumbnailUrl). */
  readonly url: string;
  readonly #socket: Socket;
  readonly #connected = new Set<(hello: Hello) => void>();
  readonly #away = new Set<() => void>();
  #hello: Hello | undefined;
  /** Since when the server is away, in the time of Date.now(); undefined while it is there. */
  awaySince: number | undefined;

  constructor(url: string) {
    this.url = url;
    this.#socket = io(url, {
      transports: ["websocket", "polling"],
      reconnectionDelay: reconnectionDelayMs,
      reconnectionDelayMax: 5_000,
      randomizationFactor,
    });
    this.#socket.on("hello", (data: unknown) => {
      const hello = v.safeParse(events.hello, data);
      if (!hello.success) return;
      this.#hello = hello.output;
      this.#socket.io.reconnectionDelay(reconnectionDelayMs);
      this.#socket.io.randomizationFactor(randomizationFactor);
      this.awaySince = undefined;
      for (const listener of this.#connected) listener(hello.output);
    });
    // All clients of a server that stops would come back at once: it says over which time they should spread.
    this.on("server:leaving", ({ backWithinMs }) => {
      this.#socket.io.reconnectionDelay(backWithinMs / 2);
      this.#socket.io.randomizationFactor(1);
    });
    const away = () => {
      this.#hello = undefined;
      if (this.awaySince !== undefined) return;
      this.awaySince = Date.now();
      for (const listener of this.#away) listener();
    };
    this.#socket.on("disconnect", (reason) => {
      away();
      // The server hung up on purpose (a restart drains its connections): the library would not come back by itself.
      if (reason === "io server disconnect") setTimeout(() => this.#socket.connect(), 500 + Math.random() * 1_500);
    });
    this.#socket.on("connect_error", away);
  }

  /** Runs at once when connected already. */
  onConnected(listener: (hello: Hello) => void): () => void {
    this.#connected.add(listener);
    if (this.#hello) listener(this.#hello);
    return () => this.#connected.delete(listener);
  }

  onAway(listener: () => void): () => void {
    this.#away.add(listener);
    return () => this.#away.delete(listener);
  }

  get connected(): boolean {
    return this.#hello !== undefined;
  }

  /** Tries at once instead of at the next turn of the back-off. */
  retryNow(): void {
    if (!this.#socket.connected) this.#socket.disconnect().connect();
  }

  /** An event from the server, if it has the shape that it should; others are dropped. */
  on<Name extends EventName>(event: Name, listener: (data: EventOf<Name>) => void): () => void {
    const checked = (data: unknown) => {
      const parsed = v.safeParse(events[event], data);
      if (parsed.success) listener(parsed.output as EventOf<Name>);
    };
    // The library types its reserved events (connect, disconnect) apart; none of ours is one.
    const name: string = event;
    this.#socket.on(name, checked);
    return () => this.#socket.off(name, checked);
  }

  /**
   * Asks and waits for the answer. Throws SignalingError; code `timeout` when none came. `taken` is called with the answer before anything that
   * the server said later, which a promise does not promise.
   */
  request<Name extends RequestName>(event: Name, request: RequestOf<Name>, taken?: (answer: AnswerTo<Name>) => void): Promise<AnswerTo<Name>> {
    return new Promise((resolve, reject) => {
      const said = (failure: unknown, answer: unknown) => {
        try {
          if (failure) throw new SignalingError("timeout", "The server did not answer. It may be busy; try again in a moment.");
          const output = readAnswer(event, answer);
          taken?.(output);
          resolve(output);
        } catch (error) {
          reject(error as Error);
        }
      };
      this.#socket.timeout(requestTimeoutMs).emit(event as string, request, said);
    });
  }

  /** Tells without waiting; an error is nobody's concern (a report that got lost is followed by the next). */
  tell<Name extends RequestName>(event: Name, request: RequestOf<Name>): void {
    if (this.connected) this.#socket.emit(event, request, () => {});
  }

  close(): void {
    this.#socket.close();
  }
}
