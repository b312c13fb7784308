import { type BodyType, isBodyType } from './body.js';
import { type Malformed, malformed } from './malformed.js';
import { readOnce } from './memo.js';
import { decodeJson, isJsonObject, type JsonObject } from './text.js';

/** A message pattern as Nest knows it: text, or an object whose key order does not matter. */
export type Pattern = string | JsonObject;

/** Text that travels with a call, beside its data, for example `traceparent` and `tracestate`. */
export type Metadata = Readonly<Record<string, string>>;

export const NO_METADATA: Metadata = {};

/** Longest timeout in headers, in ms: the largest integer that every JSON parser reads exactly (RFC 8259, section 6). */
export const LONGEST_TIMEOUT_MS = Number.MAX_SAFE_INTEGER;

export interface RequestHeaders {
  pattern: Pattern;
  type: BodyType;
  /** Whether the body is a whole packet in the encoding of the user's serializer. */
  serialized?: boolean | undefined;
  /** Number of this attempt of the call, from 1. */
  attempt: number;
  /** Whole milliseconds until the caller's deadline: relative, so clocks need not agree. */
  timeout?: number | undefined;
  /** How many values the client is willing to buffer. */
  credit?: number | undefined;
  metadata?: Metadata | undefined;
  /** Whether a server may already have run the call: an earlier attempt was neither refused nor undelivered. */
  mayHaveRun?: boolean | undefined;
}

export type ReplyStatus = 'next' | 'last' | 'end' | 'error' | 'refused';

/**
 * Why a server did not run a call or an event.
 *
 * - `busy`: no place is free, and the queue is full (`maxQueue`) or too slow (`maxQueueWait`).
 * - `draining`: the server is closing.
 * - `expired`: its deadline has passed.
 * - `unready`: the server was set unready, or its handler of `PING` says so.
 * - `may-have-run`: its handler is `@AtMostOnce()`, and an earlier attempt may have run it.
 */
export type RefusalReason = 'busy' | 'draining' | 'expired' | 'unready' | 'may-have-run';

export interface ReplyHeaders {
  status: ReplyStatus;
  type: BodyType;
  /** As in requests. */
  serialized?: boolean | undefined;
}

/** Whether headers have what rarely occurs twice: a deadline, or metadata. */
export function areOfOneCall({ timeout, metadata }: RequestHeaders): boolean {
  return timeout !== undefined || metadata !== undefined;
}

/** The result is shared by all calls with the same headers and must not be changed. */
export const decodeRequestHeaders = readOnce(
  parseRequestHeaders,
  (headers) => !areOfOneCall(headers),
);

/**
 * Bound of headers in bytes, and of a pattern or metadata in characters; the same as Node's HTTP server has by default
 * (`maxHeaderSize`). Patterns are looked up and metadata is kept in memory: data belongs in the body.
 */
export const MAX_HEADERS = 16 * 1024;

function parseRequestHeaders(bytes: Buffer): RequestHeaders | Malformed {
  if (bytes.length > MAX_HEADERS) return malformed('invalid-headers');
  const json = decodeJson(bytes);
  return json.type === 'malformed' ? json : readRequestHeaders(json.value);
}

export function readRequestHeaders(json: unknown): RequestHeaders | Malformed {
  if (!isJsonObject(json)) return malformed('invalid-headers');
  const { pattern, type = 'json', attempt = 1, timeout, credit, metadata, serialized } = json;
  const { mayHaveRun } = json;
  if (
    !isPattern(pattern) ||
    !isBodyType(type) ||
    !isCount(attempt) ||
    attempt < 1 ||
    (timeout !== undefined && !isCount(timeout)) ||
    (credit !== undefined && !isCount(credit)) ||
    (metadata !== undefined && !(isJsonObject(metadata) && isSmall(metadata)))
  ) {
    return malformed('invalid-headers');
  }
  return {
    pattern,
    type,
    attempt,
    serialized: serialized === true || undefined,
    timeout,
    credit,
    metadata: metadata && textValues(metadata),
    mayHaveRun: mayHaveRun === true || undefined,
  };
}

/** The result is shared by all replies with the same headers and must not be changed. */
export const decodeReplyHeaders = readOnce(parseReplyHeaders, () => true);

function parseReplyHeaders(bytes: Buffer): ReplyHeaders | Malformed {
  if (bytes.length > MAX_HEADERS) return malformed('invalid-headers');
  const json = decodeJson(bytes);
  return json.type === 'malformed' ? json : readReplyHeaders(json.value);
}

export function readReplyHeaders(json: unknown): ReplyHeaders | Malformed {
  if (!isJsonObject(json)) return malformed('invalid-headers');
  const { status, type = 'json', serialized } = json;
  if (!isReplyStatus(status) || !isBodyType(type)) return malformed('invalid-headers');
  return { status, type, serialized: serialized === true || undefined };
}

/**
 * Nest reads patterns five levels deep (DEFAULT_MAX_DEPTH in its transform-pattern.utils). A pattern or metadata nested
 * far deeper is an attack on recursive code.
 */
const MAX_DEPTH = 16;

export function isPattern(value: unknown): value is Pattern {
  if (typeof value === 'string') return value.length <= MAX_HEADERS;
  return isJsonObject(value) && isSmall(value);
}

/** JSON encodes one character in at most this many bytes, as `\\u0000`. */
const MOST_BYTES_PER_CHARACTER = 6;

/** Whether headers might exceed what a peer accepts, whatever their other members are. */
export function isLong({ pattern, metadata }: Pick<RequestHeaders, 'pattern' | 'metadata'>) {
  const left = MAX_HEADERS / MOST_BYTES_PER_CHARACTER - LENGTH_OF_OTHER_MEMBERS;
  const size = sizeWithin(pattern, MAX_DEPTH, left);
  return size < 0 || (metadata !== undefined && sizeWithin(metadata, MAX_DEPTH, size) < 0);
}

const LENGTH_OF_OTHER_MEMBERS = 200;

/** Whether the value is neither too deep nor too long. */
function isSmall(value: object): boolean {
  return sizeWithin(value, MAX_DEPTH, MAX_HEADERS) >= 0;
}

/** @returns the characters left of the budget after encoding `value`, roughly; negative if it is too long or too deep */
function sizeWithin(value: unknown, depth: number, left: number): number {
  if (typeof value === 'string') return left - value.length;
  if (typeof value !== 'object' || value === null) return left - 1;
  if (depth === 0) return -1;
  const members = value as JsonObject;
  for (const key of Object.keys(members)) {
    if (left < 0) return left;
    left = sizeWithin(members[key], depth - 1, left - key.length - 1);
  }
  return left;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isReplyStatus(value: unknown): value is ReplyStatus {
  return (
    value === 'next' ||
    value === 'last' ||
    value === 'end' ||
    value === 'error' ||
    value === 'refused'
  );
}

/**
 * Metadata is text, and then returned as it is. Another JSON value from a peer does not invalidate the message: the handler
 * gets its JSON text.
 * `fromEntries` defines own properties, so the key `__proto__` reaches no prototype.
 */
export function textValues(metadata: JsonObject): Metadata {
  return areTexts(metadata) ? metadata : asTexts(metadata);
}

function areTexts(metadata: JsonObject): metadata is Metadata {
  return Object.keys(metadata).every((key) => typeof metadata[key] === 'string');
}

function asTexts(metadata: JsonObject): Metadata {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
