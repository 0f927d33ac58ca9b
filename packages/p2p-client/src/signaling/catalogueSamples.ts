import { readFileSync } from "node:fs";

/**
 * For tests: docs/signaling.schema.json, and samples of each message made from it, right ones and such as are wrong in one place. The TypeScript
 * here and the real server (tests/interop) are held to them. Only what the catalogue uses of JSON Schema is understood.
 */
export interface Schema {
  $ref?: string;
  type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  /** Base64 here, bytes on the way. */
  contentEncoding?: "base64";
  minimum?: number;
  maximum?: number;
  const?: unknown;
  enum?: unknown[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  examples?: unknown[];
}

export interface Catalogue {
  version: number;
  $defs: Record<string, Schema>;
  requests: Record<string, { who: string; request: Schema; answer: Schema }>;
  events: Record<string, { to: string; payload: Schema }>;
}

export const catalogue = JSON.parse(readFileSync(new URL("../../../../docs/signaling.schema.json", import.meta.url), "utf8")) as Catalogue;

export interface Sample {
  /** What is special about it: a path and what stands there. */
  what: string;
  value: unknown;
  valid: boolean;
}

type Fields = Record<string, unknown>;

function resolve(schema: Schema): Schema {
  if (!schema.$ref) return schema;
  const found = catalogue.$defs[schema.$ref.replace("#/$defs/", "")];
  if (!found) throw new Error(`${schema.$ref} is not defined`);
  return resolve(found);
}

/** A value as clients send it: what the catalogue writes as base64 is bytes. */
export function withBytes(given: Schema, value: unknown): unknown {
  const schema = branchOf(resolve(given), value);
  if (schema.contentEncoding) return typeof value === "string" ? new Uint8Array(Buffer.from(value, "base64")) : value;
  if (schema.type === "array" && Array.isArray(value)) return value.map((item) => withBytes(schema.items ?? {}, item));
  if (schema.type !== "object" || typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(value).map(([name, inner]) => [name, withBytes(schema.properties?.[name] ?? {}, inner)] as const);
  return Object.fromEntries(fields);
}

/** The other way round, for a validator of JSON. */
export function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asJson(inner)]));
}

/** The alternative that an example is one of. */
function branchOf(schema: Schema, example: unknown): Schema {
  const found = schema.oneOf?.find(({ properties }) => {
    const type = properties?.type;
    const named = (example as Fields).type;
    return type?.const === named || type?.enum?.includes(named);
  });
  return found ?? schema;
}

/** Whether a value that is neither object nor array is right. */
function fits(schema: Schema, value: unknown): boolean {
  if (schema.const !== undefined) return value === schema.const;
  if (schema.enum) return schema.enum.includes(value);
  if (schema.type === "boolean") return typeof value === "boolean";
  if (schema.type === "string") {
    if (typeof value !== "string") return false;
    const characters = [...value].length;
    if (characters < (schema.minLength ?? 0) || characters > (schema.maxLength ?? Infinity)) return false;
    return schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value);
  }
  if (typeof value !== "number" || (schema.type === "integer" && !Number.isInteger(value))) return false;
  return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
}

/** What to put where `example` stands: the bounds and what is just beyond. */
function leaves(schema: Schema, example: unknown): unknown[] {
  const other = [null, [], {}];
  if (schema.const !== undefined) return [schema.const, "virus", 7, ...other];
  if (schema.enum) return [...schema.enum, "virus", 7, ...other];
  if (schema.type === "boolean") return [true, false, "true", 1, ...other];
  if (schema.type === "string") {
    const text = String(example);
    const lengths = [0, 1, schema.maxLength ?? 0, (schema.maxLength ?? -1) + 1];
    return [...lengths.map((length) => "x".repeat(length)), text.slice(1), text + text.slice(-1), text.toUpperCase(), `${text}\n`, 7, ...other];
  }
  const { minimum = 0, maximum } = schema;
  return [minimum, minimum - 1, ...(maximum === undefined ? [] : [maximum, maximum + 1]), minimum + 0.5, String(minimum), ...other];
}

const shown = (value: unknown) => {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 30)}... (${String(text.length)})` : text;
};

function walk(given: Schema, example: unknown, at: string, put: (value: unknown) => unknown, to: Sample[]): void {
  const schema = branchOf(resolve(given), example);
  const add = (what: string, value: unknown, valid: boolean) => to.push({ what: `${at || "."} ${what}`, value: put(value), valid });
  if (schema.type === "object") {
    const fields = example as Fields;
    for (const wrong of [null, "text", 7, []]) add(`= ${shown(wrong)}`, wrong, false);
    add("with a field of a later version", { ...fields, later: { deep: [1] } }, true);
    if (schema.anyOf) add("without anything", {}, false);
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (!(name in fields)) throw new Error(`the example has no ${at}.${name}`);
      const { [name]: value, ...rest } = fields;
      add(`without ${name}`, rest, !schema.required?.includes(name));
      walk(inner, value, `${at}.${name}`, (changed) => put({ ...fields, [name]: changed }), to);
    }
  } else if (schema.type === "array") {
    const [item] = example as unknown[];
    const copies = (length: number) => Array.from({ length }, () => item);
    for (const wrong of [null, "text", 7, {}]) add(`= ${shown(wrong)}`, wrong, false);
    add("empty", [], !schema.minItems);
    const { maxItems } = schema;
    if (maxItems === undefined) throw new Error(`${at} is not bounded`);
    add(`of ${String(maxItems)}`, copies(maxItems), true);
    add(`of ${String(maxItems + 1)}`, copies(maxItems + 1), false);
    walk(schema.items ?? {}, item, `${at}[]`, (changed) => put([changed]), to);
  } else if (schema.contentEncoding) {
    const bytesMax = ((schema.maxLength ?? 0) / 4) * 3;
    const picture = Buffer.from(example as Uint8Array);
    const padded = (length: number) => Buffer.concat([picture, Buffer.alloc(length)], length);
    const samples = [picture, padded(bytesMax), padded(bytesMax + 1), Buffer.alloc(0), Buffer.alloc(picture.length), Buffer.from("<html>")];
    for (const bytes of samples) add(`= ${String(bytes.length)} bytes`, new Uint8Array(bytes), fits(schema, bytes.toString("base64")));
    for (const wrong of [null, [], {}, 7, ""]) add(`= ${shown(wrong)}`, wrong, false);
  } else {
    for (const value of leaves(schema, example)) add(`= ${shown(value)}`, value, fits(schema, value));
  }
}

/** The examples of a message, and what is made of them. Examples have every field, or this throws. */
export function samplesOf(schema: Schema): Sample[] {
  const samples: Sample[] = [];
  for (const written of schema.examples ?? []) {
    const example = withBytes(schema, written);
    samples.push({ what: "the example", value: example, valid: true });
    walk(schema, example, "", (value) => value, samples);
  }
  if (samples.length === 0) throw new Error("a schema without an example");
  return samples;
}

/** The schema without room for unknown fields: what our own server sends must all be in the catalogue. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, name === "examples" ? value : closed(value)]));
  return inner.type === "object" ? { ...inner, additionalProperties: false } : inner;
}
