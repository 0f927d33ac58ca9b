import * as v from "valibot";

/** What the server says, checked at the door: docs/signaling.md. Unknown fields are ignored. */

const peerId = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
export const streamIdSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{20}$/));
const text = (bytes: number) => v.pipe(v.string(), v.maxLength(bytes));

export const roleSchema = v.picklist(["leaf", "relay", "super-seed", "source"]);
export type Role = v.InferOutput<typeof roleSchema>;

export const streamSchema = v.object({
  id: streamIdSchema,
  title: text(480),
  startedAt: v.number(),
  viewers: v.number(),
  sourceOnline: v.boolean(),
});
export type LiveStream = v.InferOutput<typeof streamSchema>;

/** Absent from a server that does not tell it yet. */
const network = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)), 0);

export const candidateSchema = v.object({
  peerId,
  score: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
  role: roleSchema,
  receiving: v.boolean(),
  network,
  /** That it has, of a stream with several. */
  rendition: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
});

/** Which of a link's associations is meant; absent: the link itself. */
const association = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3)));

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

const iceServers = v.pipe(
  v.array(
    v.object({
      urls: v.array(v.string()),
      username: v.optional(v.string()),
      credential: v.optional(v.string()),
    }),
  ),
  v.maxLength(64),
);

/** Of a member: how to reach others, with credentials for so long (without a lifetime: for ever). */
const iceAnswer = { iceServers: v.optional(iceServers), iceLifetimeS: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1e9))) };
export const iceAnswerSchema = v.object(iceAnswer);
export type IceAnswer = v.InferOutput<typeof iceAnswerSchema>;

export const helloSchema = v.object({
  version: v.literal(1),
  nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  iceServers,
});
export type Hello = v.InferOutput<typeof helloSchema>;

export const joinedSchema = v.object({
  peerId,
  publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  sourcePeerId: v.nullish(peerId),
  stream: streamSchema,
  candidates: v.pipe(v.array(candidateSchema), v.maxLength(64)),
  ...iceAnswer,
});
export type Joined = v.InferOutput<typeof joinedSchema>;

export const createdSchema = v.object({ streamId: streamIdSchema, peerId, resumed: v.boolean(), ...iceAnswer });
export type Created = v.InferOutput<typeof createdSchema>;

export const candidatesSchema = v.object({ candidates: v.pipe(v.array(candidateSchema), v.maxLength(64)) });
export const reportedSchema = v.object({
  score: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)), 0),
  receipts: v.optional(v.pipe(v.array(v.object({ peerId, bitsPerS: v.pipe(v.number(), v.minValue(0), v.maxValue(1e15)) })), v.maxLength(64)), []),
});
export const streamsSchema = v.object({ streams: v.array(streamSchema) });
export const deltaSchema = v.object({
  added: v.array(streamSchema),
  updated: v.array(streamSchema),
  removed: v.array(streamIdSchema),
});
export const signalEventSchema = v.object({ from: peerId, network, data: signalSchema });
export const endedSchema = v.object({ streamId: streamIdSchema, reason: v.string() });
/** A server that stops: come back at a random time within this. */
export const leavingSchema = v.object({ backWithinMs: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(60_000)) });
export const sourceEventSchema = v.object({ streamId: streamIdSchema, online: v.boolean(), sourcePeerId: v.nullish(peerId) });

export const answerSchema = v.variant("ok", [
  v.looseObject({ ok: v.literal(true) }),
  v.object({ ok: v.literal(false), error: v.object({ code: v.string(), message: v.string() }) }),
]);
