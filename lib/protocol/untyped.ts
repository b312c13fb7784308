import type { Body } from './body.js';
import { isPattern, type Pattern } from './headers.js';
import type { Malformed } from './malformed.js';
import type { Content } from './content.js';
import { decodeJson, decodeText, isJsonObject } from './text.js';

/**
 * Bodies of the basic and the tracked dialect. They have no headers, so the body itself tells what it
 * is: a JSON object with a `pattern` is a Nest packet, anything else is raw text. This is what lets a
 * peer in another language join without a library.
 */

/** The pattern whose handler gets raw requests. */
export const RAW_PATTERN = 'REQUEST';

/** The pattern whose handler, if there is one, decides whether the server is ready. */
export const READINESS_PATTERN = 'PING';

export interface UntypedRequest {
  type: 'untyped-request';
  pattern: Pattern;
  data: unknown;
}

export type UntypedReply =
  | { type: 'value'; value: unknown }
  /** What Nest would send for a failed handler. */
  | { type: 'error'; error: unknown };

export function encodeUntypedRequest(pattern: Pattern, body: Body): Content {
  if (pattern === RAW_PATTERN && body.type !== 'json') return body.content;
  const data = jsonOf(body);
  return `{"pattern":${JSON.stringify(pattern)}${data && `,"data":${data}`}}`;
}

export function decodeUntypedRequest(bytes: Buffer): UntypedRequest | Malformed {
  const text = decodeText(bytes);
  if (typeof text !== 'string') return text;
  const json = decodeJson(bytes);
  if (json.type === 'json' && isJsonObject(json.value)) {
    const { pattern: given, data } = json.value;
    const pattern = typeof given === 'number' ? String(given) : given;
    if (isPattern(pattern)) return { type: 'untyped-request', pattern, data };
  }
  return { type: 'untyped-request', pattern: RAW_PATTERN, data: text };
}

/** JSON if it is JSON, else text, else bytes: a peer without headers cannot say which. */
export function decodeUntypedReply(bytes: Buffer): UntypedReply {
  const json = decodeJson(bytes);
  if (json.type === 'json') {
    return isNestError(json.value)
      ? { type: 'error', error: json.value }
      : { type: 'value', value: json.value };
  }
  const text = decodeText(bytes);
  return { type: 'value', value: typeof text === 'string' ? text : bytes };
}

function isNestError(value: unknown): boolean {
  return isJsonObject(value) && value['status'] === 'error' && 'message' in value;
}

/** The body as JSON text, for a packet that has no other way to carry it; empty if there is none. */
function jsonOf({ type, content }: Body): string {
  return type === 'json' ? content.toString() : JSON.stringify(content);
}
