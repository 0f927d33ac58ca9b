import assert from "node:assert/strict";
import Ajv from "ajv/dist/2020.js";
import { asJson, catalogue, closed } from "../../packages/p2p-client/src/signaling/catalogueSamples.ts";

const id = "signaling";
const make = (schema) => {
  const ajv = new Ajv({ strict: false, unicodeRegExp: true });
  ajv.addSchema(schema, id);
  return (pointer) => ajv.getSchema(`${id}#/${pointer}`);
};
const open = make(catalogue);
// What our own server says has no field that is not in the catalogue; a later one's may.
const own = make(closed(catalogue));

const part = (name) => name.replaceAll("~", "~0").replaceAll("/", "~1");
const complaint = (validate) => JSON.stringify(validate.errors);

/** What was seen of the catalogue in this process: `answer stream:join`, `event hello`, `error full`. */
export const seen = new Set();

export function checkAnswer(event, answer) {
  const entry = Object.hasOwn(catalogue.requests, event);
  if (answer?.ok === false) {
    const refusal = own("$defs/refusal");
    assert.ok(refusal(answer), `${event} was refused as ${JSON.stringify(answer)}: ${complaint(refusal)}`);
    if (!entry) assert.ok(["unknown-event", "rate-limited"].includes(answer.error.code), `${event} is not in the catalogue`);
    seen.add(`error ${answer.error.code}`);
    return;
  }
  assert.ok(entry, `${event} is not in the catalogue and was answered`);
  const validate = own(`requests/${part(event)}/answer`);
  assert.ok(validate(answer), `${event} was answered with ${JSON.stringify(answer)}: ${complaint(validate)}`);
  seen.add(`answer ${event}`);
}

export function checkEvent(event, [payload, ...more]) {
  assert.ok(Object.hasOwn(catalogue.events, event), `${event} is not in the catalogue`);
  assert.deepEqual(more, [], `${event} has one payload`);
  const validate = own(`events/${part(event)}/payload`);
  assert.ok(validate(payload), `${event} told ${JSON.stringify(payload)}: ${complaint(validate)}`);
  seen.add(`event ${event}`);
}

/** Whether a request is as the catalogue has it. */
export const isRequest = (event, request) => open(`requests/${part(event)}/request`)(asJson(request));

export { catalogue };
