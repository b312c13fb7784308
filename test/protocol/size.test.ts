import { describe, expect, test } from 'vitest';
import { encodeRequestHeaders } from '../../lib/protocol/encode-headers.js';
import { MAX_HEADERS } from '../../lib/protocol/headers.js';
import { areTooLong, exceeds } from '../../lib/protocol/size.js';

test.each<[string, string | Buffer, number]>([
  ['bytes', Buffer.alloc(9), 9],
  ['ASCII', 'a'.repeat(9), 9],
  ['characters of two bytes', 'é'.repeat(3), 6],
  ['characters of three bytes', '€'.repeat(3), 9],
  ['characters of four bytes, which are two units', '😀'.repeat(3), 12],
  ['a mixture', 'aé€😀', 10],
  ['nothing', '', 0],
])('%s are counted by their encoded size', (_what, content, bytes) => {
  expect(exceeds(content, bytes)).toBe(false);
  expect(exceeds(content, bytes - 1)).toBe(true);
});

describe('areTooLong', () => {
  /** As long as headers can be apart from their pattern and metadata. */
  const longest = (pattern: string) =>
    encodeRequestHeaders({
      pattern,
      type: 'bytes',
      serialized: true,
      attempt: Number.MAX_SAFE_INTEGER,
      timeout: Number.MAX_SAFE_INTEGER,
      credit: Number.MAX_SAFE_INTEGER,
      mayHaveRun: true,
    });
  const room = MAX_HEADERS - longest('').length;

  test('is true if the headers cannot be decoded together with every other member', () => {
    expect(longest('x'.repeat(room))).toHaveLength(MAX_HEADERS);
    expect(areTooLong({ pattern: 'x'.repeat(room) })).toBe(false);
    expect(areTooLong({ pattern: 'x'.repeat(room + 1) })).toBe(true);
  });

  test('counts encoded bytes, including escapes and metadata', () => {
    const controls = Math.floor(room / 6);
    expect(areTooLong({ pattern: '\0'.repeat(controls) })).toBe(false);
    expect(areTooLong({ pattern: '\0'.repeat(controls + 1) })).toBe(true);
    expect(areTooLong({ pattern: 'x', metadata: { trace: 'x'.repeat(room) } })).toBe(true);
    expect(areTooLong({ pattern: 'x', metadata: { trace: 'x'.repeat(100) } })).toBe(false);
  });
});
