import { type BodyType, isBodyType } from './body.js';
import { type Malformed, malformed } from './malformed.js';
import { Memo, readOnce } from './memo.js';
import { decodeJson, isJsonObject, type JsonObject } from './text.js';

/** A message pattern as Nest knows it: text, or an object whose key order does not matter. */
export type Pattern = string | JsonObject;

/** Text that travels beside the data of a call. `traceparent` and `tracestate` belong here. */
export type Metadata = Readonly<Record<string, string>>;

export const NO_METADATA: Metadata = {};

/** What headers can say, in ms: a whole number that every JSON parser reads as it is (RFC 8259, 6). */
export const LONGEST_TIMEOUT_MS = Number.MAX_SAFE_INTEGER;

export interface RequestHeaders {
  pattern: Pattern;
  type: BodyType;
  /** Whether the body is a whole packet, in an encoding that the users of both sides have agreed on. */
  serialized?: boolean | undefined;
  /** Which try of the call this is, from 1. */
  attempt: number;
  /** Whole milliseconds left until the caller's deadline: relative, so clocks need not agree. */
  timeout?: number | undefined;
  /** How many values the client will buffer. */
  credit?: number | undefined;
  metadata?: Metadata | undefined;
  /** Whether a server may have run the call already: an earlier attempt was neither refused nor undelivered. */
  mayHaveRun?: boolean | undefined;
}

export type ReplyStatus = 'next' | 'last' | 'end' | 'error' | 'refused';

/** Why a server did not execute a call. */
export type RefusalReason =
  | 'busy'
  | 'draining'
  | 'expired'
  | 'unready'
  /** Its handler runs at most once for a call, and an earlier attempt may have run: no other server is to run it. */
  | 'may-have-run';

export interface ReplyHeaders {
  status: ReplyStatus;
  type: BodyType;
  /** As in requests. */
  serialized?: boolean | undefined;
}

const WRITTEN_REQUESTS = new Memo<string>();

/** Members that have their default are left out. Headers that repeat are written once. */
export function encodeRequestHeaders(headers: RequestHeaders): string {
  const key = keyOfUsual(headers);
  if (key === undefined) return writeRequestHeaders(headers);
  let written = WRITTEN_REQUESTS.get(key);
  if (written === undefined) {
    written = writeRequestHeaders(headers);
    WRITTEN_REQUESTS.set(key, written);
  }
  return written;
}

/** What tells headers apart that may well come again; undefined of others. */
function keyOfUsual(headers: RequestHeaders): string | undefined {
  const { pattern, type, serialized, attempt, timeout, credit, metadata, mayHaveRun } = headers;
  const isUsual =
    typeof pattern === 'string' &&
    attempt === 1 &&
    !serialized &&
    !mayHaveRun &&
    timeout === undefined &&
    metadata === undefined;
  return isUsual ? `${type}${credit} ${pattern}` : undefined;
}

function writeRequestHeaders(headers: RequestHeaders): string {
  const { pattern, type, serialized, attempt, timeout, credit, metadata, mayHaveRun } = headers;
  // JSON leaves out what is undefined.
  return JSON.stringify({
    pattern,
    serialized: serialized || undefined,
    timeout,
    credit,
    metadata,
    type: type === 'json' ? undefined : type,
    attempt: attempt === 1 ? undefined : attempt,
    mayHaveRun: mayHaveRun || undefined,
  });
}

/** The result is shared by all calls with the same headers, and not to be changed. */
export const decodeRequestHeaders = readOnce(
  parseRequestHeaders,
  // A deadline, and a trace in the metadata, are hardly the same twice.
  ({ timeout, metadata }) => timeout === undefined && metadata === undefined,
);

/**
 * What headers may have, in bytes, and a pattern or metadata in characters: as Node's HTTP server allows by
 * default (`maxHeaderSize`). Patterns are looked up and metadata is kept: neither is the place for data.
 */
export const MAX_HEADERS = 16 * 1024;

function parseRequestHeaders(bytes: Buffer): RequestHeaders | Malformed {
  if (bytes.length > MAX_HEADERS) return malformed('invalid headers');
  const json = decodeJson(bytes);
  return json.type === 'malformed' ? json : readRequestHeaders(json.value);
}

export function readRequestHeaders(json: unknown): RequestHeaders | Malformed {
  if (!isJsonObject(json)) return malformed('invalid headers');
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
    return malformed('invalid headers');
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

const WRITTEN_REPLIES = new Memo<string>();

/** There are few different reply headers: each is written once. */
export function encodeReplyHeaders({ status, type, serialized }: ReplyHeaders): string {
  const key = serialized ? `${status} ${type} serialized` : `${status} ${type}`;
  const written = WRITTEN_REPLIES.get(key);
  if (written) return written;
  const text = JSON.stringify({
    status,
    type: type === 'json' ? undefined : type,
    serialized: serialized || undefined,
  });
  WRITTEN_REPLIES.set(key, text);
  return text;
}

/** The result is shared by all replies with the same headers, and not to be changed. */
export const decodeReplyHeaders = readOnce(parseReplyHeaders, () => true);

function parseReplyHeaders(bytes: Buffer): ReplyHeaders | Malformed {
  if (bytes.length > MAX_HEADERS) return malformed('invalid headers');
  const json = decodeJson(bytes);
  return json.type === 'malformed' ? json : readReplyHeaders(json.value);
}

export function readReplyHeaders(json: unknown): ReplyHeaders | Malformed {
  if (!isJsonObject(json)) return malformed('invalid headers');
  const { status, type = 'json', serialized } = json;
  if (!isReplyStatus(status) || !isBodyType(type)) return malformed('invalid headers');
  return { status, type, serialized: serialized === true || undefined };
}

/**
 * Nest reads patterns five levels deep (DEFAULT_MAX_DEPTH in its transform-pattern.utils). What is
 * nested far deeper is no pattern, and no metadata, but an attack on code that recurses.
 */
const MAX_DEPTH = 16;

export function isPattern(value: unknown): value is Pattern {
  if (typeof value === 'string') return value.length <= MAX_HEADERS;
  return isJsonObject(value) && isSmall(value);
}

/** JSON writes a character with at most so many bytes: `\\u0000`. */
const MOST_BYTES_PER_CHARACTER = 6;

/** Whether headers may be longer than a peer reads, whatever their other members. */
export function isLong({ pattern, metadata }: Pick<RequestHeaders, 'pattern' | 'metadata'>) {
  const left = MAX_HEADERS / MOST_BYTES_PER_CHARACTER - LENGTH_OF_OTHER_MEMBERS;
  const size = sizeWithin(pattern, MAX_DEPTH, left);
  return size < 0 || (metadata !== undefined && sizeWithin(metadata, MAX_DEPTH, size) < 0);
}

const LENGTH_OF_OTHER_MEMBERS = 200;

/** Whether it is neither deep nor long. */
function isSmall(value: object): boolean {
  return sizeWithin(value, MAX_DEPTH, MAX_HEADERS) >= 0;
}

/** @returns the characters that are left of so many once it is written, roughly; less than 0 if it is too deep */
function sizeWithin(value: unknown, depth: number, left: number): number {
  if (typeof value === 'string') return left - value.length;
  if (typeof value !== 'object' || value === null) return left - 1;
  if (depth === 0) return -1;
  for (const [key, member] of Object.entries(value)) {
    if (left < 0) return left;
    left = sizeWithin(member, depth - 1, left - key.length - 1);
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
 * Metadata is text. A peer that sends another JSON value is not dropped for it: the handler gets its
 * JSON text. `fromEntries` defines own members, so a key `__proto__` reaches no prototype.
 */
export function textValues(metadata: JsonObject): Metadata {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
