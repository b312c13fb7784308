import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeRequestHeaders } from '../../lib/protocol/encode-headers.js';
import type { RequestHeaders } from '../../lib/protocol/headers.js';
import { requestHeaders } from './arbitraries.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(61);

/** What PROTOCOL.md says, without any memory of what was written before. */
function plainly(headers: RequestHeaders): string {
  const { pattern, serialized, timeout, credit, metadata, type, attempt, mayHaveRun } = headers;
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

test('request headers are written the same with and without what is remembered of them', () => {
  fc.assert(
    fc.property(requestHeaders, fc.nat(), (headers, timeout) => {
      const usual = { ...headers, attempt: 1, serialized: undefined, mayHaveRun: undefined };
      for (const each of [headers, usual, { ...usual, timeout }]) {
        expect(encodeRequestHeaders(each)).toBe(plainly(each));
      }
    }),
  );
});

test('a trace id that differs by call is written into what is remembered of the rest', () => {
  const usual = { pattern: 'traced', type: 'json', attempt: 1, credit: 16 } as const;
  const written = ['00-a', '00-b'].map((traceparent) =>
    encodeRequestHeaders({ ...usual, metadata: { traceparent } }),
  );
  expect(written).toEqual([
    '{"pattern":"traced","credit":16,"metadata":{"traceparent":"00-a"}}',
    '{"pattern":"traced","credit":16,"metadata":{"traceparent":"00-b"}}',
  ]);
});
