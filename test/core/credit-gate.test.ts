import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CreditGate } from '../../lib/core/credit-gate.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(18);

interface Value {
  readonly name: string;
  readonly content: Uint8Array;
}

const value = (name: string, size = 1): Value => ({ name, content: new Uint8Array(size) });
const names = (values: Value[]) => values.map(({ name }) => name).join(' ');

/** A gate that these values have reached. */
function gate(credit: number, ...values: Value[]): CreditGate<Value> {
  const opened = new CreditGate<Value>(credit);
  for (const one of values) opened.pass(one);
  return opened;
}

describe('values', () => {
  test('pass while there is credit, then wait', () => {
    const opened = new CreditGate<Value>(2);
    const passed = ['a', 'b', 'c', 'd'].map((name) => opened.pass(value(name)));
    expect(passed).toEqual([true, true, false, false]);
    expect(opened.isOpen).toBe(false);
    expect(opened.isEmpty).toBe(false);
  });

  test('all wait for a reader that has granted nothing yet', () => {
    expect(new CreditGate<Value>(0).pass(value('a'))).toBe(false);
  });

  test('never wait for a reader without flow control', () => {
    const opened = new CreditGate<Value>(Infinity);
    for (let n = 0; n < 1000; n++) opened.pass(value('a'));
    expect(opened.isOpen).toBe(true);
    expect(opened.isEmpty).toBe(true);
  });

  test('that wait go in order, as many as are granted', () => {
    const opened = gate(0, value('a'), value('b'), value('c'));
    expect(names(opened.grant(2))).toBe('a b');
    expect(opened.isEmpty).toBe(false);
    expect(names(opened.grant(1))).toBe('c');
    expect(opened.isEmpty).toBe(true);
    expect(opened.grant(1)).toEqual([]);
  });

  test('that wait in thousands cost time per released value, not per remaining value', () => {
    const opened = new CreditGate<Value>(0);
    for (let n = 0; n < 65_000; n++) opened.pass(value(String(n)));
    const startedAt = performance.now();
    for (let n = 0; n < 65_000; n++) {
      const [released] = opened.grant(1);
      if (released?.name !== String(n))
        throw new Error(`${released?.name} came in the place of ${n}`);
    }
    // What takes about 20 ms takes 10 s if each grant moves all remaining values.
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(opened.isEmpty).toBe(true);
  });

  test('that come later do not overtake waiting ones', () => {
    const opened = gate(0, value('a'));
    opened.grant(0);
    expect(opened.pass(value('b'))).toBe(false);
    expect(names(opened.grant(9))).toBe('a b');
  });
});

describe('credit', () => {
  test('is kept for later values if none waits', () => {
    const opened = gate(1, value('a'));
    expect(opened.isOpen).toBe(false);
    opened.grant(2);
    expect(opened.isOpen).toBe(true);
    expect([opened.pass(value('b')), opened.pass(value('c'))]).toEqual([true, true]);
    expect(opened.pass(value('d'))).toBe(false);
  });

  test('that exceeds the waiting values is kept', () => {
    const opened = gate(0, value('a'));
    opened.grant(2);
    expect(opened.pass(value('b'))).toBe(true);
    expect(opened.pass(value('c'))).toBe(false);
  });
});

describe('waiting values are bounded', () => {
  const megabytes = (count: number) => value('large', count * 1024 * 1024);

  test('in bytes', () => {
    const opened = gate(1, megabytes(60), megabytes(60), megabytes(4));
    expect(opened.isOverfull).toBe(false);
    opened.pass(value('one too many'));
    expect(opened.isOverfull).toBe(true);
    opened.grant(1);
    expect(opened.isOverfull).toBe(false);
  });

  test('in number, even if they are empty', () => {
    const opened = gate(0);
    for (let n = 0; n < 65_536; n++) opened.pass(value('empty', 0));
    expect(opened.isOverfull).toBe(false);
    opened.pass(value('one too many', 0));
    expect(opened.isOverfull).toBe(true);
    opened.grant(1);
    expect(opened.isOverfull).toBe(false);
  });
});

test('every value goes once, in order, and never more than were granted', () => {
  const step = fc.oneof(fc.constant('value' as const), fc.nat(5));
  fc.assert(
    fc.property(fc.nat(5), fc.array(step, { maxLength: 60 }), (credit, steps) => {
      const opened = new CreditGate<Value>(credit);
      const gone: string[] = [];
      let came = 0;
      let granted = credit;
      for (const now of steps) {
        if (now === 'value') {
          const next = value(String(came++));
          if (opened.pass(next)) gone.push(next.name);
        } else {
          granted += now;
          gone.push(...opened.grant(now).map(({ name }) => name));
        }
        expect(gone).toEqual(Array.from({ length: Math.min(came, granted) }, (_, n) => String(n)));
      }
    }),
  );
});
