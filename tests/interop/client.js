import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { io } from "socket.io-client";
import { checkAnswer, checkEvent } from "./catalogue.js";

export const ways = {
  "WebSocket only": { transports: ["websocket"] },
  "polling only": { transports: ["polling"], upgrade: false },
  "polling, then upgrade": {},
};

/** A connected client that keeps the server's greeting in `hello`. Whatever it hears must be in the catalogue. */
export async function connect(url, options = {}) {
  const socket = io(url, { forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 300, ...options });
  socket.onAny((event, ...payload) => checkEvent(event, payload));
  socket.on("hello", (hello) => (socket.hello = hello));
  await once(socket, "hello");
  return socket;
}

/** Sends a request and gives the answer, which must be as the catalogue says. */
export async function ask(socket, event, request = {}) {
  const answer = await socket.timeout(20_000).emitWithAck(event, request);
  checkAnswer(event, answer);
  return answer;
}

export function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return {
    publicKey: raw.toString("hex"),
    streamId: createHash("sha256").update(raw).digest("hex").slice(0, 20),
    sign: (nonce) => sign(null, Buffer.from(`p2p-stream create v1 ${nonce}`), privateKey).toString("hex"),
  };
}

export const makeSecret = () => randomBytes(32).toString("hex");
export const peerIdOf = (secret) => createHash("sha256").update(Buffer.from(secret, "hex")).digest("hex").slice(0, 16);

export function create(socket, key, { secret = makeSecret(), ...details } = {}) {
  return ask(socket, "stream:create", {
    publicKey: key.publicKey,
    signature: key.sign(socket.hello.nonce),
    title: "harbor",
    ...details,
    peerSecret: secret,
  });
}

export function join(socket, streamId, { secret = makeSecret(), giving = true } = {}) {
  return ask(socket, "stream:join", { streamId, peerSecret: secret, giving });
}

/** The next payload of an event that fits. */
export function next(socket, event, fits = () => true) {
  return new Promise((resolve) => {
    const listen = (payload) => {
      if (!fits(payload)) return;
      socket.off(event, listen);
      resolve(payload);
    };
    socket.on(event, listen);
  });
}
