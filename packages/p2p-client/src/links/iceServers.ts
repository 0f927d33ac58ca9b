import type { IceAnswer } from "../signaling/messages";

const askAgainMs = 30_000;

/**
 * The STUN and TURN servers for new links, as the server names them. Credentials of a member end: once half of their life has passed,
 * fresh ones are due.
 */
export class IceServers {
  readonly #now: () => number;
  readonly #use: (servers: RTCIceServer[]) => void;
  #renewAtMs = Infinity;
  #member = false;

  constructor(use: (servers: RTCIceServer[]) => void, now: () => number = () => performance.now()) {
    this.#use = use;
    this.#now = now;
  }

  /** What a hello said to everybody. It does not take from a member what an answer gave: that comes anew, if it has to, with the next. */
  greet({ iceServers }: IceAnswer): void {
    if (iceServers && !this.#member) this.#tell(iceServers);
  }

  /** What an answer said; one without a list (of a server of before) changes nothing. */
  take({ iceServers, iceLifetimeS }: IceAnswer): void {
    if (!iceServers) return;
    this.#member = true;
    this.#renewAtMs = iceLifetimeS === undefined ? Infinity : this.#now() + iceLifetimeS * 500;
    this.#tell(iceServers);
  }

  #tell(iceServers: NonNullable<IceAnswer["iceServers"]>): void {
    this.#use(
      iceServers.map(({ urls, username, credential }) => ({
        urls,
        ...(username !== undefined && { username }),
        ...(credential !== undefined && { credential }),
      })),
    );
  }

  /** Whether to ask the server now; it is asked again later unless an answer is taken. */
  due(): boolean {
    if (this.#now() < this.#renewAtMs) return false;
    this.#renewAtMs = this.#now() + askAgainMs;
    return true;
  }
}
