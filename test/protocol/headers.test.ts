import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeReplyHeaders, encodeRequestHeaders } from '../../lib/protocol/encode-headers.js';
import {
  decodeReplyHeaders,
  decodeRequestHeaders,
  isLong,
  isPattern,
  readReplyHeaders,
  readRequestHeaders,
  type ReplyHeaders,
  type RequestHeaders,
} from '../../lib/protocol/headers.js';
import { isMalformed } from '../../lib/protocol/malformed.js';
import { anyFrame, replyHeaders, requestHeaders, wickedKeys } from './arbitraries.js';
import { deepArray, deepObject, malformed, notUtf8 } from './hostile.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(5);

const request = (sent: string) => decodeRequestHeaders(Buffer.from(sent));
const reply = (sent: string) => decodeReplyHeaders(Buffer.from(sent));
const requestThere = (sent: RequestHeaders) => request(encodeRequestHeaders(sent));
const replyThere = (sent: ReplyHeaders) => reply(encodeReplyHeaders(sent));

/** An object nested this many levels deep. */
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });

describe('request headers', () => {
  test.each<[string, RequestHeaders]>([
    ['{"pattern":"sum"}', { pattern: 'sum', type: 'json', attempt: 1 }],
    ['{"pattern":{"cmd":"sum"}}', { pattern: { cmd: 'sum' }, type: 'json', attempt: 1 }],
    ['{"pattern":"a","type":"bytes"}', { pattern: 'a', type: 'bytes', attempt: 1 }],
    ['{"pattern":"a","attempt":2}', { pattern: 'a', type: 'json', attempt: 2 }],
    [
      '{"pattern":"a","mayHaveRun":true}',
      { pattern: 'a', type: 'json', attempt: 1, mayHaveRun: true },
    ],
    [
      '{"pattern":"a","timeout":0,"credit":8,"metadata":{"traceparent":"00-1"}}',
      {
        pattern: 'a',
        type: 'json',
        attempt: 1,
        timeout: 0,
        credit: 8,
        metadata: { traceparent: '00-1' },
      },
    ],
  ])('%s on the wire, in both directions', (wire, headers) => {
    expect(encodeRequestHeaders(headers)).toBe(wire);
    expect(request(wire)).toEqual(headers);
  });

  test('round-trip', () => {
    fc.assert(
      fc.property(requestHeaders, (sent) => {
        expect(requestThere(sent)).toEqual(sent);
        expect(readRequestHeaders(JSON.parse(encodeRequestHeaders(sent)))).toEqual(sent);
      }),
    );
  });

  test.each(['false', '1', '"true"', 'null', '{}'])(
    'accept only true for mayHaveRun, not %s',
    (given) => {
      expect(request(`{"pattern":"a","mayHaveRun":${given}}`)).not.toHaveProperty(
        'mayHaveRun',
        true,
      );
    },
  );

  test('encode the same whatever was encoded before', () => {
    const usual = { pattern: 'written once', type: 'text', attempt: 1, credit: 16 } as const;
    const first = encodeRequestHeaders(usual);
    expect(encodeRequestHeaders({ ...usual })).toBe(first);
    for (const unusual of [
      { timeout: 1 },
      { metadata: {} },
      { serialized: true },
      { attempt: 2 },
      { pattern: { cmd: 'sum' } },
      { pattern: 'long '.repeat(60) },
    ]) {
      const headers = { ...usual, ...unusual };
      for (let n = 0; n < 2; n++) expect(requestThere(headers)).toEqual(headers);
      expect(encodeRequestHeaders(headers)).not.toBe(first);
    }
  });

  test.each<[string, Partial<RequestHeaders>[]]>([
    ['objects for patterns', [{ pattern: { cmd: 'sum' } }, { pattern: { cmd: 'product' } }]],
    ['attempts', [{ attempt: 2 }, { attempt: 3 }]],
    ['timeouts', [{ timeout: 1 }, { timeout: 2 }]],
    ['metadata', [{ metadata: { a: '1' } }, { metadata: { a: '2' } }]],
    ['what may have run', [{}, { mayHaveRun: true }]],
  ])('that differ only in %s are not confused by the cache', (_, different) => {
    const all = different.map((members): RequestHeaders => ({
      pattern: 'alike',
      type: 'json',
      attempt: 1,
      ...members,
    }));
    expect(all.map(requestThere)).toEqual(all);
  });

  test('that recur are decoded once', () => {
    const read = (sent: string) => [request(sent), request(sent)];
    for (const sent of ['{"pattern":"read once","credit":16}', '{"pattern":{"cmd":"sum"}}']) {
      const [first, second] = read(sent);
      expect(second).toBe(first);
    }
    for (const sent of ['{"pattern":"a","timeout":1}', '{"pattern":"a","metadata":{"b":"c"}}']) {
      const [one, other] = read(sent);
      expect(other).not.toBe(one);
      expect(other).toEqual(one);
    }
  });

  test('with similar names and types are not confused by the cache', () => {
    const few = fc.record(
      {
        pattern: fc.constantFrom('a', 'b', ' a', '1 a', 'json a', 'undefined a', ''),
        type: fc.constantFrom('json', 'text', 'bytes'),
        attempt: fc.integer({ min: 1, max: 2 }),
        credit: fc.constantFrom(0, 1, 11),
        serialized: fc.constant(true),
      },
      { requiredKeys: ['pattern', 'type', 'attempt'] },
    );
    fc.assert(
      fc.property(fc.array(few), (all) => {
        expect(all.map(requestThere)).toEqual(all);
      }),
    );
  });

  test('lose unknown members', () => {
    expect(request('{"pattern":"a","priority":9}')).not.toHaveProperty('priority');
  });

  test.each([
    '[]',
    'null',
    '"sum"',
    '{}',
    '{"pattern":null}',
    '{"pattern":7}',
    '{"pattern":["sum"]}',
    '{"pattern":"a","type":"xml"}',
    '{"pattern":"a","type":"malformed"}',
    '{"pattern":"a","type":null}',
    '{"pattern":"a","attempt":-1}',
    '{"pattern":"a","attempt":1.5}',
    '{"pattern":"a","attempt":"1"}',
    '{"pattern":"a","timeout":-1}',
    '{"pattern":"a","timeout":0.5}',
    '{"pattern":"a","timeout":1e999}',
    '{"pattern":"a","timeout":null}',
    '{"pattern":"a","credit":-1}',
    '{"pattern":"a","credit":[1]}',
    '{"pattern":"a","metadata":[]}',
    '{"pattern":"a","metadata":null}',
    '{"pattern":"a","metadata":"traceparent"}',
  ])('%s are invalid', (sent) => {
    expect(request(sent)).toEqual(malformed('invalid-headers'));
  });

  test('that cannot be decoded are malformed', () => {
    expect(request('')).toEqual(malformed('invalid-json'));
    expect(request('{"pattern":"a"')).toEqual(malformed('invalid-json'));
    expect(decodeRequestHeaders(notUtf8)).toEqual(malformed('invalid-utf8'));
  });

  test('never make decoding throw, and decode to valid values', () => {
    fc.assert(
      fc.property(anyFrame, (sent) => {
        const decoded = decodeRequestHeaders(sent);
        const again = isMalformed(decoded) ? decoded : requestThere(decoded);
        expect(again).toEqual(decoded);
      }),
    );
  });

  test.each([
    ['for headers', deepArray],
    ['for a pattern', `{"pattern":${deepArray}}`],
    ['in a pattern', `{"pattern":{"a":${deepArray}}}`],
    ['of objects for a pattern', `{"pattern":${deepObject}}`],
    ['for metadata', `{"pattern":"a","metadata":${deepArray}}`],
    ['for a timeout', `{"pattern":"a","timeout":${deepObject}}`],
  ])('100 000 levels %s are invalid', (_, sent) => {
    expect(request(sent)).toEqual(malformed('invalid-headers'));
  });

  test.each([
    ['a pattern that is long', { pattern: 'x'.repeat(17_000) }],
    [
      'a pattern of many members',
      { pattern: Object.fromEntries(Array.from({ length: 9000 }, (_, n) => [n, 1])) },
    ],
    ['a pattern with a long member', { pattern: { a: { b: 'x'.repeat(17_000) } } }],
    ['long metadata', { pattern: 'a', metadata: { a: 'x'.repeat(17_000) } }],
    ['metadata with a long key', { pattern: 'a', metadata: { ['x'.repeat(17_000)]: '' } }],
  ])('%s is rejected, alone and in a pack', (_, headers) => {
    expect(request(JSON.stringify(headers))).toEqual(malformed('invalid-headers'));
    expect(readRequestHeaders(headers)).toEqual(malformed('invalid-headers'));
  });

  test('have at most 16 KiB in all', () => {
    const long = (length: number) => `{"pattern":"a","x":"${'x'.repeat(length - 22)}"}`;
    expect(request(long(16_384))).toMatchObject({ pattern: 'a' });
    expect(request(long(16_385))).toEqual(malformed('invalid-headers'));
  });

  test('accept a pattern of up to 16 384 characters, in an object as well', () => {
    // A key and its colon count as well.
    const member = (length: number) => ({ a: 'x'.repeat(length - 2) });
    for (const pattern of [(length: number) => 'x'.repeat(length), member]) {
      expect(isPattern(pattern(16_384))).toBe(true);
      expect(isPattern(pattern(16_385))).toBe(false);
    }
  });

  test('accept a pattern nested up to sixteen levels deep', () => {
    expect(isPattern(nested(5))).toBe(true);
    expect(isPattern(nested(16))).toBe(true);
    expect(isPattern(nested(17))).toBe(false);
    expect(isPattern({ a: 1, b: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]] })).toBe(false);
  });
});

describe("headers that may exceed a peer's bound", () => {
  /** JSON encodes a character in up to six bytes, and 200 characters are reserved for the other members. */
  const most = Math.floor(16_384 / 6 - 200);
  const ofCharacters = (length: number) => 'x'.repeat(length);

  test.each<[string, Pick<RequestHeaders, 'pattern' | 'metadata'>, boolean]>([
    ['a short pattern', { pattern: 'sum' }, false],
    ['a short pattern and little metadata', { pattern: 'sum', metadata: { a: 'b' } }, false],
    ['as long a pattern as may be', { pattern: ofCharacters(most) }, false],
    ['a character more', { pattern: ofCharacters(most + 1) }, true],
    ['as much metadata', { pattern: '', metadata: { a: ofCharacters(most - 2) } }, false],
    ['a character more of it', { pattern: '', metadata: { a: ofCharacters(most - 1) } }, true],
    ['a long pattern, and metadata', { pattern: ofCharacters(most + 1), metadata: {} }, true],
    ['both together', { pattern: ofCharacters(most), metadata: { a: 'b' } }, true],
  ])('are recognized without encoding them: %s', (_, headers, expected) => {
    expect(isLong(headers)).toBe(expected);
  });
});

describe('metadata', () => {
  test('that is not text arrives as its JSON text', () => {
    expect(request('{"pattern":"a","metadata":{"n":1,"o":{"p":[null]},"s":"1","z":null}}')).toEqual(
      {
        pattern: 'a',
        type: 'json',
        attempt: 1,
        metadata: { n: '1', o: '{"p":[null]}', s: '1', z: 'null' },
      },
    );
  });

  test.each(wickedKeys)('may have a key %s, which reaches no prototype', (key) => {
    const decoded = request(`{"pattern":"a","metadata":{"${key}":{"polluted":1}}}`);
    const metadata: object = ('metadata' in decoded && decoded.metadata) || {};
    expect(Object.entries(metadata)).toEqual([[key, '{"polluted":1}']]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
    expect('polluted' in metadata).toBe(false);
    expect('polluted' in {}).toBe(false);
  });

  test('headers inherit nothing from a key __proto__', () => {
    expect(request('{"__proto__":{"pattern":"evil"}}')).toEqual(malformed('invalid-headers'));
    expect(request('{"pattern":"a","__proto__":{"attempt":9,"metadata":{}}}')).toEqual({
      pattern: 'a',
      type: 'json',
      attempt: 1,
    });
  });
});

describe('reply headers', () => {
  test.each(['next', 'last', 'end', 'error', 'refused'] as const)(
    'of status %s, in both directions',
    (status) => {
      const json = { status, type: 'json' } as const;
      const text = { status, type: 'text' } as const;
      expect(encodeReplyHeaders(json)).toBe(`{"status":"${status}"}`);
      expect(encodeReplyHeaders(text)).toBe(`{"status":"${status}","type":"text"}`);
      expect(reply(`{"status":"${status}"}`)).toEqual(json);
      expect(reply(`{"type":"text","status":"${status}"}`)).toEqual(text);
    },
  );

  test('that recur are encoded and decoded once', () => {
    const headers = { status: 'last', type: 'text', serialized: true } as const;
    expect(encodeReplyHeaders({ ...headers })).toBe(encodeReplyHeaders(headers));
    expect(encodeReplyHeaders(headers)).toBe('{"status":"last","type":"text","serialized":true}');
    expect(reply('{"status":"last"}')).toBe(reply('{"status":"last"}'));
    expect(reply('{"status":"last","type":"text","serialized":true}')).toEqual(headers);
  });

  test('round-trip', () => {
    fc.assert(
      fc.property(replyHeaders, (sent) => {
        expect(replyThere(sent)).toEqual(sent);
        expect(readReplyHeaders(JSON.parse(encodeReplyHeaders(sent)))).toEqual(sent);
      }),
    );
  });

  test.each([
    '[]',
    'null',
    '{}',
    '{"status":"done"}',
    '{"status":null}',
    '{"status":["last"]}',
    '{"status":"last","type":"malformed"}',
    '{"__proto__":{"status":"last"}}',
  ])('%s are invalid', (sent) => {
    expect(reply(sent)).toEqual(malformed('invalid-headers'));
  });

  test.each([
    ['for headers', deepObject],
    ['for a status', `{"status":${deepArray}}`],
    ['for a type', `{"status":"last","type":${deepObject}}`],
  ])('100 000 levels %s are invalid', (_, sent) => {
    expect(reply(sent)).toEqual(malformed('invalid-headers'));
  });

  test('have at most 16 KiB in all', () => {
    const long = (length: number) => `{"status":"end","x":"${'x'.repeat(length - 23)}"}`;
    expect(reply(long(16_384))).toMatchObject({ status: 'end' });
    expect(reply(long(16_385))).toEqual(malformed('invalid-headers'));
  });

  test('that cannot be decoded are malformed', () => {
    expect(reply('last')).toEqual(malformed('invalid-json'));
    expect(decodeReplyHeaders(notUtf8)).toEqual(malformed('invalid-utf8'));
  });

  test('never make decoding throw, and decode to valid values', () => {
    fc.assert(
      fc.property(anyFrame, (sent) => {
        const decoded = decodeReplyHeaders(sent);
        const again = isMalformed(decoded) ? decoded : replyThere(decoded);
        expect(again).toEqual(decoded);
      }),
    );
  });
});

test('metadata nested deep enough to overflow the stack makes the message malformed', () => {
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  const headers = Buffer.from(`{"pattern":"x","metadata":{"a":${deep}}}`);
  expect(decodeRequestHeaders(headers)).toEqual({ type: 'malformed', reason: 'invalid-headers' });
});

test('attempts are counted from 1', () => {
  const headers = Buffer.from('{"pattern":"x","attempt":0}');
  expect(decodeRequestHeaders(headers)).toEqual({ type: 'malformed', reason: 'invalid-headers' });
});
