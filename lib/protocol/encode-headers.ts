import { areOfOneCall, type ReplyHeaders, type RequestHeaders } from './headers.js';
import { Memo } from './memo.js';

/** Headers as far as they recur: what differs from call to call is put between the parts. */
interface Recurring {
  readonly whole: string;
  readonly beforeTimeout: string;
  readonly beforeMetadata: string;
  readonly rest: string;
}

const WRITTEN_REQUESTS = new Memo<Recurring>();

/** Default values are omitted. What recurs is encoded once; a deadline and metadata, such as a trace id, are added to it. */
export function encodeRequestHeaders(headers: RequestHeaders): string {
  const key = keyOfUsual(headers);
  if (key === undefined) return writeRequestHeaders(headers);
  const recurring = WRITTEN_REQUESTS.get(key) ?? writeRecurring(key, headers);
  if (!areOfOneCall(headers)) return recurring.whole;
  const { beforeTimeout, beforeMetadata, rest } = recurring;
  const { timeout, metadata } = headers;
  const deadline = timeout === undefined ? '' : `,"timeout":${timeout}`;
  const beside = metadata === undefined ? '' : `,"metadata":${JSON.stringify(metadata)}`;
  return beforeTimeout + deadline + beforeMetadata + beside + rest;
}

/** The cache key of what is likely to recur of headers; undefined if nothing is. */
function keyOfUsual(headers: RequestHeaders): string | undefined {
  const { pattern, type, serialized, attempt, credit, mayHaveRun } = headers;
  const isUsual = typeof pattern === 'string' && attempt === 1 && !serialized && !mayHaveRun;
  return isUsual ? `${type}${credit} ${pattern}` : undefined;
}

function writeRecurring(key: string, { pattern, type, credit }: RequestHeaders): Recurring {
  const beforeTimeout = `{"pattern":${JSON.stringify(pattern)}`;
  const beforeMetadata = credit === undefined ? '' : `,"credit":${credit}`;
  const rest = type === 'json' ? '}' : `,"type":${JSON.stringify(type)}}`;
  const whole = beforeTimeout + beforeMetadata + rest;
  const written = { whole, beforeTimeout, beforeMetadata, rest };
  WRITTEN_REQUESTS.set(key, written);
  return written;
}

function writeRequestHeaders(headers: RequestHeaders): string {
  const { pattern, type, serialized, attempt, timeout, credit, metadata, mayHaveRun } = headers;
  // JSON.stringify omits undefined members.
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

const WRITTEN_REPLIES = new Memo<string>();

/** Reply headers have few variants: each is encoded once. */
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
