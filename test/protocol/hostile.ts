import type { MalformedReason } from '../../lib/protocol/malformed.js';

/** Deeper than any stack: code that recurses into it overflows. */
const DEPTH = 100_000;

export const deepArray = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
export const deepObject = '{"a":'.repeat(DEPTH) + '0' + '}'.repeat(DEPTH);

/** A lone continuation byte. */
export const notUtf8 = Buffer.from([0x22, 0x80, 0x22]);

export function malformed(reason: MalformedReason) {
  return { type: 'malformed', reason };
}
