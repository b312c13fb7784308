import { decodeBody } from '../../protocol/body.js';
import { STATS_PATTERN } from '../../protocol/introspection.js';
import { isMalformed } from '../../protocol/malformed.js';
import type { Frames, NegotiatedReply } from '../../protocol/messages.js';
import { decodeServerMessage, encodeClientMessage } from '../../protocol/plain-frames.js';
import { isJsonObject } from '../../protocol/text.js';
import type { Conversation } from './conversation.js';
import type { Finding } from './finding.js';
import { shownMs } from './words.js';

/** More than NTP leaves, and than logs of several machines can be put into order with. */
const FAR_APART_MS = 1000;

/** Both clocks: wall time in ms since 1970, and one that measures. */
export interface Clocks {
  readonly wall: () => number;
  readonly now: () => number;
}

/** Compares this clock with the server's, half a round trip after the question. Source: RFC 5905, section 8 (NTP). */
export async function checkClock(
  conversation: Conversation,
  clocks: Clocks,
  timeoutMs: number,
): Promise<Finding<void>> {
  const startedAt = clocks.now();
  const wallAtStart = clocks.wall();
  const answer = await conversation.ask(QUESTION, replyIn, timeoutMs);
  const roundTripMs = clocks.now() - startedAt;
  if (answer.type !== 'answer') return skipped('it does not answer $freelance.stats');
  const at = timeIn(answer.value);
  if (at === undefined) {
    return skipped(
      'the server does not say its time: its option `introspection` is off, or it is of an older version',
    );
  }
  const offsetMs = at - (wallAtStart + roundTripMs / 2);
  const error = roundTripMs / 2;
  const isFar = Math.abs(offsetMs) - error > FAR_APART_MS;
  return {
    value: undefined,
    summary: shownOffset(offsetMs, error),
    warnings: isFar
      ? [
          'Calls do not care, for their deadlines travel as time left. Logs, traces and certificates do: let NTP set both clocks.',
        ]
      : [],
    facts: { offsetMs, errorMs: error },
  };
}

function shownOffset(offsetMs: number, errorMs: number): string {
  if (Math.abs(offsetMs) <= errorMs) return `the two clocks agree, to within ${shownMs(errorMs)}`;
  const direction = offsetMs < 0 ? 'behind' : 'ahead of';
  return `the server's clock is ${shownMs(Math.abs(offsetMs))} ${direction} this one, give or take ${shownMs(errorMs)}`;
}

export function skipped(why: string): Finding<void> {
  return { value: undefined, isSkipped: true, summary: why };
}

const ID = 'clock';

const QUESTION = encodeClientMessage({
  type: 'request',
  dialect: 'negotiated',
  id: ID,
  body: '{}',
  headers: { pattern: STATS_PATTERN, type: 'json', attempt: 1 },
});

function replyIn(frames: Frames): NegotiatedReply | undefined {
  const message = decodeServerMessage(frames);
  if (isMalformed(message) || message.type !== 'reply' || message.dialect !== 'negotiated')
    return undefined;
  return message.id === ID ? message : undefined;
}

function timeIn({ headers, body }: NegotiatedReply): number | undefined {
  if (headers.status !== 'last' && headers.status !== 'next') return undefined;
  const decoded = decodeBody(body, headers);
  if (isMalformed(decoded) || !isJsonObject(decoded.value)) return undefined;
  const { at } = decoded.value;
  return typeof at === 'number' && Number.isFinite(at) ? at : undefined;
}
