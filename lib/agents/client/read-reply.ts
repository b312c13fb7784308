import { plainText } from '../../core/plain-text.js';
import { decodeBody, InlineBody, type ReceivedBody } from '../../protocol/body.js';
import type { RefusalReason } from '../../protocol/headers.js';
import { isMalformed, type MalformedReason } from '../../protocol/malformed.js';
import type { Reply } from '../../protocol/messages.js';
import { isJsonObject } from '../../protocol/text.js';
import { decodeUntypedReply } from '../../protocol/untyped.js';

/** What a REPLY means for the call, whatever its dialect. */
export type Answer =
  /** `bytes`: how much it takes of the memory that a stream may take. */
  | { kind: 'next'; value: unknown; bytes: number }
  | { kind: 'last'; value: unknown }
  | { kind: 'end' }
  | { kind: 'error'; error: unknown }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'unreadable'; reason: MalformedReason };

/** The server did not run it. */
export interface Refusal {
  /** Why, if it is a reason that we know. */
  readonly reason: RefusalReason | undefined;
  /** The same for people. */
  readonly words: string;
}

/** That of an event that was accepted: an ACK. */
export const ENDED: Answer = { kind: 'end' };

/** Whether it says nothing of how fast the server is with calls that succeed. */
export function isFailed({ kind }: Answer): boolean {
  return kind === 'error' || kind === 'unreadable';
}

export function readReply(reply: Reply): Answer {
  if (reply.dialect !== 'negotiated') {
    const untyped = decodeUntypedReply(reply.body);
    return untyped.type === 'error'
      ? { kind: 'error', error: untyped.error }
      : { kind: 'last', value: untyped.value };
  }
  const { status } = reply.headers;
  if (status === 'end') return { kind: 'end' };
  const body = decodeBody(reply.body, reply.headers);
  if (isMalformed(body)) return { kind: 'unreadable', reason: body.reason };
  const { value } = body;
  switch (status) {
    case 'next':
      return { kind: 'next', value, bytes: sizeOf(reply.body) };
    case 'last':
      return { kind: 'last', value };
    case 'error':
      return { kind: 'error', error: value };
    case 'refused':
      return { kind: 'refused', refusal: refusalOf(value) };
  }
}

/** What came inside a pack is small: it counts as nothing. */
function sizeOf(body: ReceivedBody): number {
  return body instanceof InlineBody ? 0 : body.length;
}

function refusalOf(body: unknown): Refusal {
  if (!isJsonObject(body)) return { reason: undefined, words: 'no reason given' };
  const { reason, message } = body;
  const words = plainText([reason, message].filter((part) => typeof part === 'string').join(', '));
  switch (reason) {
    case 'busy':
    case 'draining':
    case 'expired':
    case 'unready':
    case 'may-have-run':
      return { reason, words };
    default:
      return { reason: undefined, words };
  }
}
