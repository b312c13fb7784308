import { type Frame, joined } from '../frame.js';
import type { Body } from './body.js';
import { isPattern, type Pattern } from './headers.js';
import type { Malformed } from './malformed.js';
import type { Content } from './content.js';
import type { UntypedBody } from './messages.js';
import { decodeText, isJsonObject, parseJson } from './text.js';

/**
 * Bodies of the older dialects. These have no headers, so the body says what it is: a JSON object with a `pattern` is a Nest
 * packet, anything else is raw text. This lets a peer in another language join without a library.
 */

/** Raw requests go to the handler of this pattern. */
export const RAW_PATTERN = 'REQUEST';

/** If this pattern has a handler, it decides whether the server is ready. */
export const READINESS_PATTERN = 'PING';

export interface UntypedRequest {
  type: 'untyped-request';
  pattern: Pattern;
  data: unknown;
}

export type UntypedReply =
  | { type: 'value'; value: unknown }
  /** What Nest sends when a handler fails. */
  | { type: 'error'; error: unknown };

export function encodeUntypedRequest(pattern: Pattern, body: Body): Content {
  if (pattern === RAW_PATTERN && body.type !== 'json') return body.content;
  const data = jsonOf(body);
  return `{"pattern":${JSON.stringify(pattern)}${data && `,"data":${data}`}}`;
}

/** A body of several frames is raw text, too: an array of it. */
export function decodeUntypedRequest(body: UntypedBody): UntypedRequest | Malformed {
  if (isSeveral(body)) return decodeFrames(body);
  const text = decodeText(body);
  if (typeof text !== 'string') return text;
  const json = parseJson(text);
  if (json.type === 'json' && isJsonObject(json.value)) {
    const { pattern: given, data } = json.value;
    const pattern = typeof given === 'number' ? String(given) : given;
    if (isPattern(pattern)) return { type: 'untyped-request', pattern, data };
  }
  return { type: 'untyped-request', pattern: RAW_PATTERN, data: text };
}

function decodeFrames(frames: readonly Frame[]): UntypedRequest | Malformed {
  const texts: string[] = [];
  for (const frame of frames) {
    const text = decodeText(frame);
    if (typeof text !== 'string') return text;
    texts.push(text);
  }
  return { type: 'untyped-request', pattern: RAW_PATTERN, data: texts };
}

/**
 * Reads JSON if it is JSON, else text, else bytes: a peer without headers cannot say which it sent. Several frames are an array
 * of such values, and never an error.
 */
export function decodeUntypedReply(body: UntypedBody): UntypedReply {
  if (isSeveral(body)) return { type: 'value', value: body.map(decodeValue) };
  const value = decodeValue(body);
  return isNestError(value) ? { type: 'error', error: value } : { type: 'value', value };
}

function decodeValue(frame: Frame): unknown {
  const text = decodeText(frame);
  if (typeof text !== 'string') return joined(frame);
  const json = parseJson(text);
  return json.type === 'json' ? json.value : text;
}

function isSeveral(body: UntypedBody): body is readonly Frame[] {
  return Array.isArray(body);
}

function isNestError(value: unknown): boolean {
  return isJsonObject(value) && value['status'] === 'error' && 'message' in value;
}

/** The body as JSON text, for a packet that can carry nothing else; empty if there is no body. */
function jsonOf({ type, content }: Body): string {
  return type === 'json' ? content.toString() : JSON.stringify(content);
}
