import * as v from "valibot";

/**
 * What the server and clients say to each other, checked at the door: docs/signaling.md. Unknown fields are ignored. messages.test.ts holds all
 * of this to docs/signaling.schema.json.
 */

const whole = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const amount = (max: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(max));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${String(digits)}}$`)));
const text = (bytes: number) => v.pipe(v.string(), v.maxLength(bytes));
const list = <Item extends v.GenericSchema>(item: Item, max: number) => v.pipe(v.array(item), v.maxLength(max));

const peerId = hex(16);
export const streamIdSchema = hex(20);
const rendition = v.optional(whole(0, 255));
const bitsPerS = amount(1e15);

export const roleSchema = v.picklist(["leaf", "relay", "super-seed", "source"]);
export type Role = v.InferOutput<typeof roleSchema>;

// What a source says of its stream.
const characters = (min: number, max: number) =>
  v.check<string>((input) => {
    const length = [...input].length;
    return length >= min && length <= max;
  });
// eslint-disable-next-line no-control-regex -- that is what must not be there
const title = v.pipe(v.string(), characters(1, 120), v.regex(/^[^\u0000-\u001f\u007f-\u009f]*$/));
/** What a stream may be about; pages have the words for it. */
export const streamCategories = [
  "art",
  "code",
  "education",
  "film",
  "food",
  "games",
  "making",
  "music",
  "nature",
  "news",
  "places",
  "science",
  "sports",
  "talk",
  "other",
] as const;
export type StreamCategory = (typeof streamCategories)[number];
const category = v.picklist(streamCategories);
const tags = list(v.pipe(v.string(), characters(1, 24), v.regex(/[\p{L}\p{N}]/u)), 8);
const language = v.pipe(v.string(), v.regex(/^[a-z]{2,3}$/));
const thumbnailBytesMax = 24 * 1024;
/** JPEG or WebP, by its first bytes. */
const picture = v.pipe(
  v.instance(Uint8Array),
  v.check((bytes) => {
    const text = String.fromCharCode(...bytes.subarray(0, 12));
    return bytes.length <= thumbnailBytesMax && (text.startsWith("\xff\xd8\xff") || /^RIFF[^]{4}WEBP$/.test(text));
  }),
);
/** Empty: none, or no longer any. */
const languageOrNone = v.pipe(v.string(), v.regex(/^([a-z]{2,3})?$/));

export const streamSchema = v.object({
  id: streamIdSchema,
  title,
  /** One that a later server knows is `other` here. */
  category: v.optional(v.fallback(category, "other"), "other"),
  tags: v.optional(tags, []),
  language: v.optional(language),
  startedAt: count,
  viewers: count,
  sourceOnline: v.boolean(),
  /** When its thumbnail was made, milliseconds since 1970; absent while there is none. */
  thumbnailAt: v.optional(count),
});
export type LiveStream = v.InferOutput<typeof streamSchema>;

/** Absent from a server that does not tell it yet. */
const network = v.optional(whole(0, 0xffff_ffff), 0);

export const candidateSchema = v.object({
  peerId,
  score: whole(0, 100),
  role: roleSchema,
  receiving: v.boolean(),
  network,
  /** That it has, of a stream with several. */
  rendition,
});
const candidates = list(candidateSchema, 20);

/** Which of a link's associations is meant; absent: the link itself. */
const association = v.optional(whole(0, 3));

export const signalSchema = v.variant("type", [
  v.object({ type: v.picklist(["offer", "answer"]), sdp: text(16_384), association }),
  v.object({ type: v.literal("candidate"), candidate: text(1_024), mid: text(64), association }),
  v.object({ type: v.literal("bye"), reason: text(200), association }),
]);
export type Signal = v.InferOutput<typeof signalSchema>;

/** A signal that a neighbor carried here; undefined for what is none. */
export function readSignal(text: string): Signal | undefined {
  try {
    const signal = v.safeParse(signalSchema, JSON.parse(text));
    return signal.success ? signal.output : undefined;
  } catch {
    return undefined;
  }
}

const iceServers = list(
  v.object({
    urls: list(v.string(), 16),
    username: v.optional(v.string()),
    credential: v.optional(v.string()),
  }),
  64,
);

/** Of a member: how to reach others, with credentials for so long (without a lifetime: for ever). */
const iceFields = { iceServers: v.optional(iceServers), iceLifetimeS: v.optional(whole(0, 1e9)) };
const iceAnswer = v.object(iceFields);
export type IceAnswer = v.InferOutput<typeof iceAnswer>;

const receipt = v.object({ peerId, bitsPerS });
const ms = v.optional(amount(3_600_000));
const meshPeer = v.object({
  peerId,
  role: roleSchema,
  score: whole(0, 100),
  /** From the source, which is 0. A viewer that has not reported yet says 0, too. */
  hop: whole(0, 1_000),
  latencyMs: whole(0, 3_600_000),
  receivedBitsPerS: bitsPerS,
  givenBitsPerS: bitsPerS,
  /** From whom most comes, first. */
  parents: list(receipt, 8),
});
export type MeshPeer = v.InferOutput<typeof meshPeer>;

const nothing = v.object({});
const filter = v.object({
  category: v.optional(category),
  tags: v.optional(tags),
  language: v.optional(language),
  /** Words that must all be there, in title, tags or category. */
  search: v.optional(v.pipe(v.string(), characters(0, 64))),
  sort: v.optional(v.picklist(["viewers", "newest"])),
  /** 100 if absent. */
  limit: v.optional(whole(1, 500)),
});
/** Which streams are wanted. */
export type StreamFilter = v.InferInput<typeof filter>;

export const requests = {
  "streams:watch": { request: filter, answer: v.object({ streams: list(streamSchema, 500), total: count }) },
  "streams:unwatch": { request: nothing, answer: nothing },
  "stream:create": {
    request: v.object({
      publicKey: hex(64),
      signature: hex(128),
      title,
      category: v.optional(category),
      tags: v.optional(tags),
      language: v.optional(languageOrNone),
      /** False: in no list. */
      listed: v.optional(v.boolean()),
      peerSecret: hex(64),
    }),
    answer: v.object({ streamId: streamIdSchema, peerId, resumed: v.boolean(), ...iceFields }),
  },
  "stream:update": {
    request: v.pipe(
      v.object({
        title: v.optional(title),
        category: v.optional(category),
        tags: v.optional(tags),
        language: v.optional(languageOrNone),
        listed: v.optional(v.boolean()),
      }),
      v.check((said) => Object.values(said).some((one) => one !== undefined)),
    ),
    answer: nothing,
  },
  /** What lists show of the stream, every ten seconds at most. */
  "stream:thumbnail": { request: v.object({ image: picture }), answer: nothing },
  "stream:end": { request: nothing, answer: nothing },
  "stream:join": {
    request: v.object({ streamId: streamIdSchema, peerSecret: hex(64), giving: v.optional(v.boolean()) }),
    answer: v.object({ peerId, publicKey: hex(64), sourcePeerId: v.nullish(peerId), stream: streamSchema, candidates, ...iceFields }),
  },
  "stream:leave": { request: nothing, answer: nothing },
  "ice:servers": { request: nothing, answer: iceAnswer },
  candidates: { request: v.object({ exclude: v.optional(list(peerId, 64)), rendition }), answer: v.object({ candidates }) },
  signal: { request: v.object({ to: peerId, data: signalSchema }), answer: nothing },
  report: {
    request: v.object({
      uploadBitsPerS: v.optional(amount(1e11)),
      uploadUsedBitsPerS: v.optional(amount(1e11)),
      latencyMs: ms,
      bufferMs: ms,
      hop: v.optional(amount(1_000)),
      receiving: v.optional(v.boolean()),
      rendition,
      neighbors: v.optional(
        list(v.object({ peerId, receivedBytes: v.optional(amount(1e12)), failedPieces: v.optional(amount(1e6)), rttMs: ms }), 32),
      ),
    }),
    answer: v.object({
      score: v.optional(whole(0, 100), 0),
      role: v.optional(roleSchema),
      receipts: v.optional(list(receipt, 33), []),
    }),
  },
  "mesh:sample": { request: nothing, answer: v.object({ peers: v.pipe(list(meshPeer, 150), v.minLength(1)), total: whole(1, 1e9) }) },
} as const;
type Requests = typeof requests;
export type RequestName = keyof Requests;
export type RequestOf<Name extends RequestName> = v.InferInput<Requests[Name]["request"]>;
export type AnswerTo<Name extends RequestName> = v.InferOutput<Requests[Name]["answer"]>;
/** An even sample of a stream's peers, for maps. */
export type MeshSample = AnswerTo<"mesh:sample">;

/** What the host wants of pages until a viewer has answered whether he shares; a word from later versions is taken for the careful one. */
const consents = ["notice", "ask", "off"] as const;
export type Consent = (typeof consents)[number];

export const events = {
  hello: v.object({
    version: v.literal(1),
    nonce: hex(64),
    iceServers,
    consent: v.optional(
      v.pipe(
        v.string(),
        v.transform((word) => consents.find((each) => each === word) ?? "ask"),
      ),
      "notice",
    ),
  }),
  "streams:delta": v.object({ added: list(streamSchema, 500), updated: list(streamSchema, 500), removed: list(streamIdSchema, 500), total: count }),
  signal: v.object({ from: peerId, network, data: signalSchema }),
  "stream:ended": v.object({ streamId: streamIdSchema, reason: v.picklist(["ended", "source-lost"]) }),
  "stream:source": v.object({ streamId: streamIdSchema, online: v.boolean(), sourcePeerId: v.nullish(peerId) }),
  "stream:replaced": v.object({ streamId: streamIdSchema }),
  /** A server that stops: come back at a random time within this. One that asks for more than a minute is not obeyed. */
  "server:leaving": v.object({ backWithinMs: whole(0, 60_000) }),
} as const;
type Events = typeof events;
export type EventName = keyof Events;
export type EventOf<Name extends EventName> = v.InferOutput<Events[Name]>;
export type Hello = EventOf<"hello">;

export const answerSchema = v.variant("ok", [
  v.looseObject({ ok: v.literal(true) }),
  v.object({ ok: v.literal(false), error: v.object({ code: v.string(), message: v.string() }) }),
]);
