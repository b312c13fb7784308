import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { malformed } from '../../lib/protocol/malformed.js';
import { Memo, readOnce } from '../../lib/protocol/memo.js';
import { bytes } from './arbitraries.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(23);

describe('Memo', () => {
  const filled = (entries: number) => {
    const memo = new Memo<number>();
    for (let n = 0; n < entries; n++) memo.set(`key ${n}`, n);
    return memo;
  };
  const kept = (memo: Memo<number>, entries: number) =>
    Array.from({ length: entries }, (_, n) => memo.get(`key ${n}`)).filter((n) => n !== undefined);

  test('returns what was set last, and nothing else', () => {
    const memo = new Memo<string>();
    expect(memo.get('a')).toBeUndefined();
    memo.set('a', 'first');
    memo.set('a', 'second');
    memo.set('', 'of no key');
    expect([memo.get('a'), memo.get(''), memo.get('b')]).toEqual([
      'second',
      'of no key',
      undefined,
    ]);
  });

  test('keeps a thousand entries', () => {
    expect(kept(filled(1000), 1000)).toHaveLength(1000);
  });

  test('starts over once it is full, and refills with the keys in use', () => {
    const memo = filled(1001);
    expect(kept(memo, 1001)).toEqual([1000]);
    memo.set('key 0', 0);
    expect(kept(memo, 1001)).toEqual([0, 1000]);
  });

  test('never exceeds a thousand entries, whatever keys come', () => {
    expect(kept(filled(12_345), 12_345).length).toBeLessThanOrEqual(1000);
  });

  test('does not store long keys', () => {
    const memo = new Memo<number>();
    const [longest, longer] = ['k'.repeat(256), 'k'.repeat(257)];
    memo.set(longest, 1);
    memo.set(longer, 2);
    expect([memo.get(longest), memo.get(longer)]).toEqual([1, undefined]);
  });

  test('does not start over for a key that it does not store', () => {
    const memo = filled(1000);
    memo.set('k'.repeat(257), 0);
    expect(kept(memo, 1000)).toHaveLength(1000);
  });

  test.each(['__proto__', 'constructor', 'toString'])('has no inherited entry %s', (key) => {
    expect(new Memo<unknown>().get(key)).toBeUndefined();
  });
});

describe('readOnce', () => {
  /** Decodes text and counts how often it did. */
  function reader(recurs: (value: { text: string }) => boolean = () => true) {
    const read: string[] = [];
    const decode = readOnce((received) => {
      const text = received.toString('latin1');
      read.push(text);
      return text.startsWith('!') ? malformed('invalid-json') : { text };
    }, recurs);
    return { read, decode: (text: string) => decode(Buffer.from(text, 'latin1')) };
  }

  test('returns the same value for the same bytes', () => {
    const { read, decode } = reader();
    const first = decode('a');
    expect(decode('a')).toBe(first);
    expect(decode('b')).toEqual({ text: 'b' });
    expect(decode('a')).toBe(first);
    expect(read).toEqual(['a', 'b']);
  });

  test('does not depend on later changes to the memory of the bytes', () => {
    const read = readOnce(
      (received) => ({ text: received.toString() }),
      () => true,
    );
    const memory = Buffer.from('a');
    read(memory);
    memory.write('b');
    expect(read(memory)).toEqual({ text: 'b' });
    expect(read(Buffer.from('a'))).toEqual({ text: 'a' });
  });

  test('tells keys apart by every byte', () => {
    const { read, decode } = reader();
    const every = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    for (const text of every) {
      expect(decode(text)).toEqual(text === '!' ? malformed('invalid-json') : { text });
    }
    expect(read).toEqual(every);
  });

  test('decodes again if the value is unlikely to recur', () => {
    const { read, decode } = reader(({ text }) => text !== 'once');
    for (let n = 0; n < 3; n++) expect(decode('once')).toEqual({ text: 'once' });
    for (let n = 0; n < 3; n++) decode('often');
    expect(read).toEqual(['once', 'once', 'once', 'often']);
  });

  test('decodes again if the bytes are malformed', () => {
    const { read, decode } = reader();
    for (let n = 0; n < 3; n++) expect(decode('!')).toEqual(malformed('invalid-json'));
    expect(read).toEqual(['!', '!', '!']);
  });

  test('decodes again if the bytes are long', () => {
    const { read, decode } = reader();
    const [longest, longer] = ['k'.repeat(256), 'k'.repeat(257)];
    for (const text of [longest, longer, longest, longer]) expect(decode(text)).toEqual({ text });
    expect(read).toEqual([longest, longer, longer]);
  });

  test('decodes again after many other keys', () => {
    const { read, decode } = reader();
    for (let n = 0; n < 1001; n++) decode(String(n));
    decode('0');
    expect(read).toHaveLength(1002);
  });

  test('returns what decoding each time would have returned', () => {
    const { decode } = reader(({ text }) => text.length % 2 === 0);
    fc.assert(
      fc.property(fc.array(bytes), (received) => {
        for (const one of received) {
          const text = one.toString('latin1');
          expect(decode(text)).toEqual(text.startsWith('!') ? malformed('invalid-json') : { text });
        }
      }),
    );
  });
});
