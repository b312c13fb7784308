import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { malformed } from '../../lib/protocol/malformed.js';
import { Memo, readOnce } from '../../lib/protocol/memo.js';
import { bytes } from './arbitraries.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(23);

describe('a memo', () => {
  const filled = (entries: number) => {
    const memo = new Memo<number>();
    for (let n = 0; n < entries; n++) memo.set(`key ${n}`, n);
    return memo;
  };
  const kept = (memo: Memo<number>, entries: number) =>
    Array.from({ length: entries }, (_, n) => memo.get(`key ${n}`)).filter((n) => n !== undefined);

  test('knows what it was told last, and nothing else', () => {
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

  test('starts anew once it is full: what is in use is soon back', () => {
    const memo = filled(1001);
    expect(kept(memo, 1001)).toEqual([1000]);
    memo.set('key 0', 0);
    expect(kept(memo, 1001)).toEqual([0, 1000]);
  });

  test('never keeps more than a thousand, whatever keys come', () => {
    expect(kept(filled(12_345), 12_345).length).toBeLessThanOrEqual(1000);
  });

  test('does not keep what has a long key', () => {
    const memo = new Memo<number>();
    const [longest, longer] = ['k'.repeat(256), 'k'.repeat(257)];
    memo.set(longest, 1);
    memo.set(longer, 2);
    expect([memo.get(longest), memo.get(longer)]).toEqual([1, undefined]);
  });

  test('does not start anew for a key that it does not keep', () => {
    const memo = filled(1000);
    memo.set('k'.repeat(257), 0);
    expect(kept(memo, 1000)).toHaveLength(1000);
  });

  test.each(['__proto__', 'constructor', 'toString'])('knows nothing of %s by itself', (key) => {
    expect(new Memo<unknown>().get(key)).toBeUndefined();
  });
});

describe('what is read once', () => {
  /** Reads text, and counts how often it did. */
  function reader(recurs: (value: { text: string }) => boolean = () => true) {
    const read: string[] = [];
    const decode = readOnce((received) => {
      const text = received.toString('latin1');
      read.push(text);
      return text.startsWith('!') ? malformed('invalid JSON') : { text };
    }, recurs);
    return { read, decode: (text: string) => decode(Buffer.from(text, 'latin1')) };
  }

  test('is the same value whenever the same bytes come', () => {
    const { read, decode } = reader();
    const first = decode('a');
    expect(decode('a')).toBe(first);
    expect(decode('b')).toEqual({ text: 'b' });
    expect(decode('a')).toBe(first);
    expect(read).toEqual(['a', 'b']);
  });

  test('does not depend on what becomes of the memory of its bytes', () => {
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

  test('is told apart by every byte', () => {
    const { read, decode } = reader();
    const every = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
    for (const text of every) {
      expect(decode(text)).toEqual(text === '!' ? malformed('invalid JSON') : { text });
    }
    expect(read).toEqual(every);
  });

  test('is read again each time if it is not likely to come again', () => {
    const { read, decode } = reader(({ text }) => text !== 'once');
    for (let n = 0; n < 3; n++) expect(decode('once')).toEqual({ text: 'once' });
    for (let n = 0; n < 3; n++) decode('often');
    expect(read).toEqual(['once', 'once', 'once', 'often']);
  });

  test('is read again each time if it makes no sense', () => {
    const { read, decode } = reader();
    for (let n = 0; n < 3; n++) expect(decode('!')).toEqual(malformed('invalid JSON'));
    expect(read).toEqual(['!', '!', '!']);
  });

  test('is read again each time if it is long', () => {
    const { read, decode } = reader();
    const [longest, longer] = ['k'.repeat(256), 'k'.repeat(257)];
    for (const text of [longest, longer, longest, longer]) expect(decode(text)).toEqual({ text });
    expect(read).toEqual([longest, longer, longer]);
  });

  test('is forgotten when many others have come', () => {
    const { read, decode } = reader();
    for (let n = 0; n < 1001; n++) decode(String(n));
    decode('0');
    expect(read).toHaveLength(1002);
  });

  test('is what reading it each time would have been', () => {
    const { decode } = reader(({ text }) => text.length % 2 === 0);
    fc.assert(
      fc.property(fc.array(bytes), (received) => {
        for (const one of received) {
          const text = one.toString('latin1');
          expect(decode(text)).toEqual(text.startsWith('!') ? malformed('invalid JSON') : { text });
        }
      }),
    );
  });
});
