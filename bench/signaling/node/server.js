// The other side of `make bench-signaling`: what a Node.js developer would write for the same application with socket.io 4.8, as its
// documentation advises: WebSocket alone, no compression (its default), state in maps. The events are those of docs/signaling.md that are
// measured, with the same checks; answers have the same fields.
//
// BENCH_TUNED=1: with what socket.io's page on performance adds without another protocol (the native masks of `bufferutil`, and the
// handshake's request dropped).
import { createHash, createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import { createServer } from "node:http";
import { setInterval } from "node:timers";
import { Server } from "socket.io";

const tuned = process.env.BENCH_TUNED === "1";
const membersMax = 20_000;
const streamsMax = 1_000;
const silenceMaxMs = 15_000;
const nonceKey = randomBytes(32);

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false, maxHttpBufferSize: 64 * 1024 });
if (tuned) {
  io.engine.on("connection", (rawSocket) => {
    rawSocket.request = null;
  });
}

/** streamId -> {id, publicKey, title, startedAt, source, members: peerId -> member, order: members that may be named} */
const streams = new Map();

const bad = (code, message) => ({ ok: false, error: { code, message } });
const isHex = (value, digits) => typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
const isText = (value, bytesMax) => typeof value === "string" && Buffer.byteLength(value) <= bytesMax;
const isNumber = (value, max) => value === undefined || (typeof value === "number" && value >= 0 && value <= max);
const sha256 = (hex) => createHash("sha256").update(Buffer.from(hex, "hex")).digest("hex");

class TokenBucket {
  constructor(perS, burst) {
    Object.assign(this, { perS, burst, tokens: burst, at: Date.now() });
  }
  tryTake() {
    const now = Date.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.at) * this.perS) / 1000);
    this.at = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

const infoOf = (stream) => ({
  id: stream.id,
  title: stream.title,
  startedAt: stream.startedAt,
  viewers: stream.members.size,
  sourceOnline: stream.source !== null,
});

function candidatesFor(stream, asker, exclude) {
  const { order } = stream;
  const picked = new Set();
  for (let tries = 160; tries > 0 && picked.size < Math.min(20, order.length); --tries) {
    const member = order[Math.floor(Math.random() * order.length)];
    if (member.peerId !== asker && !exclude.has(member.peerId)) picked.add(member);
  }
  return [...picked].map(({ peerId, score, role, receiving }) => ({ peerId, score, role, receiving, network: 0 }));
}

function leave(socket) {
  const { stream, member } = socket.data;
  if (!stream) return;
  socket.data.stream = null;
  if (stream.source === member) {
    stream.source = null;
    for (const { socket: viewer } of stream.members.values()) viewer.emit("stream:source", { streamId: stream.id, online: false });
    if (stream.members.size === 0) streams.delete(stream.id);
    return;
  }
  stream.members.delete(member.peerId);
  const last = stream.order.pop();
  if (last !== member) {
    stream.order[member.place] = last;
    last.place = member.place;
  }
  if (stream.members.size === 0 && stream.source === null) streams.delete(stream.id);
}

const handlers = {
  "stream:create"(socket, request) {
    const { publicKey, signature, title, peerSecret } = request;
    if (!isHex(publicKey, 64) || !isHex(signature, 128) || !isHex(peerSecret, 64)) return bad("bad-request", "Keys are lower-case hex.");
    if (!isText(title, 480) || title.length < 1) return bad("bad-request", "The title must have 1 to 120 characters.");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey, "hex").toString("base64url") }, format: "jwk" });
    const signed = Buffer.from(`p2p-stream create v1 ${socket.data.nonce}`);
    if (!verify(null, signed, key, Buffer.from(signature, "hex"))) return bad("bad-signature", "The signature does not fit.");
    if (socket.data.stream) return bad("already-a-member", "Leave first.");
    const id = sha256(publicKey).slice(0, 20);
    if (streams.size >= streamsMax) return bad("full", "The server is full.");
    const member = { peerId: sha256(peerSecret).slice(0, 16), socket };
    const stream = streams.get(id) ?? { id, publicKey, title, startedAt: Date.now(), source: null, members: new Map(), order: [] };
    stream.source = member;
    streams.set(id, stream);
    Object.assign(socket.data, { stream, member });
    return { ok: true, streamId: id, peerId: member.peerId, resumed: false };
  },

  "stream:join"(socket, request) {
    const { streamId, peerSecret, giving = true } = request;
    if (!isHex(streamId, 20) || !isHex(peerSecret, 64) || typeof giving !== "boolean") return bad("bad-request", "Ids are lower-case hex.");
    const stream = streams.get(streamId);
    if (!stream) return bad("no-such-stream", "There is no such stream.");
    if (socket.data.stream) return bad("already-a-member", "Leave first.");
    if (stream.members.size >= membersMax) return bad("full", "The stream is full.");
    const peerId = sha256(peerSecret).slice(0, 16);
    const member = { peerId, socket, score: 50, role: "leaf", receiving: false, place: stream.order.length };
    stream.members.set(peerId, member);
    stream.order.push(member);
    Object.assign(socket.data, { stream, member });
    return {
      ok: true,
      peerId,
      publicKey: stream.publicKey,
      sourcePeerId: stream.source?.peerId,
      stream: infoOf(stream),
      candidates: candidatesFor(stream, peerId, new Set()),
    };
  },

  candidates(socket, { exclude = [] }) {
    const { stream, member } = socket.data;
    if (!stream) return bad("not-a-member", "Join a stream first.");
    if (!Array.isArray(exclude) || exclude.length > 64) return bad("bad-request", "exclude must be a list of at most 64.");
    return { ok: true, candidates: candidatesFor(stream, member.peerId, new Set(exclude)) };
  },

  signal(socket, { to, data }) {
    const { stream, member } = socket.data;
    if (!isHex(to, 16) || typeof data !== "object" || data === null) return bad("bad-request", "to must be a peer id, data an object.");
    const { type, sdp, candidate, mid, reason } = data;
    let passed;
    if ((type === "offer" || type === "answer") && isText(sdp, 16 * 1024)) passed = { type, sdp };
    else if (type === "candidate" && isText(candidate, 1024) && isText(mid, 64)) passed = { type, candidate, mid };
    else if (type === "bye" && isText(reason, 200)) passed = { type, reason };
    else return bad("bad-request", "data must be an offer, answer, candidate or bye.");
    if (!stream) return bad("not-a-member", "Join a stream first.");
    const receiver = stream.members.get(to) ?? (stream.source?.peerId === to ? stream.source : undefined);
    if (!receiver || receiver === member) return bad("no-such-peer", "That peer is not in this stream.");
    receiver.socket.emit("signal", { from: member.peerId, network: 0, data: passed });
    return { ok: true };
  },

  report(socket, request) {
    const { stream, member } = socket.data;
    const { uploadBitsPerS, uploadUsedBitsPerS, latencyMs, bufferMs, hop, receiving = false, neighbors = [] } = request;
    const numbers = isNumber(uploadBitsPerS, 1e11) && isNumber(uploadUsedBitsPerS, 1e11) && isNumber(latencyMs, 3.6e6) && isNumber(bufferMs, 3.6e6);
    if (!numbers || !isNumber(hop, 1_000) || typeof receiving !== "boolean") return bad("bad-request", "Numbers are out of their bounds.");
    if (!Array.isArray(neighbors) || neighbors.length > 32) return bad("bad-request", "neighbors must be a list of at most 32.");
    if (!stream) return bad("not-a-member", "Join a stream first.");
    const receipts = [];
    for (const { peerId, receivedBytes, failedPieces, rttMs } of neighbors) {
      if (!isHex(peerId, 16) || !isNumber(receivedBytes, 1e12) || !isNumber(failedPieces, 1e6) || !isNumber(rttMs, 3.6e6)) {
        return bad("bad-request", "A neighbor is not well-formed.");
      }
      const neighbor = stream.members.get(peerId);
      if (!neighbor) continue;
      neighbor.given = (neighbor.given ?? 0) + receivedBytes;
      receipts.push({ peerId, bitsPerS: Math.round(neighbor.given / 10) });
    }
    member.receiving = receiving;
    member.score = Math.min(100, 50 + receipts.length);
    return { ok: true, score: member.score, role: "relay", receipts };
  },
};

io.on("connection", (socket) => {
  const nonce = createHmac("sha256", nonceKey).update(socket.id).digest("hex");
  const signals = new TokenBucket(100, 300);
  const requests = new TokenBucket(20, 60);
  socket.data = { nonce, stream: null, member: null, heardAt: Date.now() };
  for (const [name, handle] of Object.entries(handlers)) {
    const bucket = name === "signal" ? signals : requests;
    socket.on(name, (request, answer) => {
      socket.data.heardAt = Date.now();
      const outcome =
        typeof request !== "object" || request === null
          ? bad("bad-request", "The request must be one JSON object.")
          : bucket.tryTake()
            ? handle(socket, request)
            : bad("rate-limited", "Too many requests; wait a moment.");
      if (typeof answer === "function") answer(outcome);
    });
  }
  socket.on("disconnect", () => leave(socket));
  socket.emit("hello", { version: 1, nonce, iceServers: [] });
});

setInterval(() => {
  const since = Date.now() - silenceMaxMs;
  for (const stream of streams.values()) {
    for (const { socket } of stream.members.values()) {
      if (socket.data.heardAt < since) leave(socket);
    }
  }
}, 1_000);

// The queue of connections that are not yet accepted is as long as ours.
http.listen({ port: Number(process.argv[2] ?? 0), host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`listening on http://localhost:${http.address().port}`);
});
