import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CreditWindow, INITIAL_CREDIT } from '../../lib/core/credit-window.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(19);

const MiB = 1024 * 1024;

/** Reads this many values of that size, each as soon as it arrives; returns the grant at each. */
function grants(window: CreditWindow, values: number, bytes: number): number[] {
  return Array.from({ length: values }, () => {
    window.arrived(bytes);
    return window.read();
  });
}

/** The credit that a server has left after these values, each `[count, bytes]`. */
function creditAfter(...values: [count: number, bytes: number][]): number {
  const window = new CreditWindow();
  return values
    .flatMap(([count, bytes]) => grants(window, count, bytes))
    .reduce((credit, granted) => credit - 1 + granted, INITIAL_CREDIT);
}

describe('the window', () => {
  test.each([
    ['empty', 0, 1024],
    ['tiny', 10, 1024],
    ['of 64 kB', 65_536, 128],
    ['of 1 MB', MiB, 8],
    ['of 3 MB', 3 * MiB, 2],
    ['of 100 MB', 100 * MiB, 2],
  ])('of values that are %s (%d bytes) is %d wide, and never less than half open', (...row) => {
    const [, bytes, width] = row;
    expect(creditAfter([100, bytes])).toBeLessThanOrEqual(width);
    expect(creditAfter([100, bytes])).toBeGreaterThan(width / 2);
  });

  test('is granted by halves, not value by value', () => {
    const window = new CreditWindow();
    grants(window, 600, 10);
    const granted = grants(window, 2000, 10).filter((values) => values > 0);
    expect(granted.length).toBeLessThanOrEqual(2000 / 512 + 1);
    expect(Math.min(...granted)).toBeGreaterThanOrEqual(512);
  });

  test('is not widened for a short stream', () => {
    const granted = grants(new CreditWindow(), 9, 10);
    expect(granted).toEqual([0, 0, 0, 0, 0, 0, 0, 1016, 0]);
  });

  test('is granted again at exactly half of it', () => {
    const granted = grants(new CreditWindow(), 8 + 512, 10);
    expect(granted.at(-2)).toBe(0);
    expect(granted.at(-1)).toBe(512);
  });

  test('moves with what is read, not with what arrives', () => {
    const window = new CreditWindow();
    for (let n = 0; n < INITIAL_CREDIT; n++) window.arrived(MiB);
    const granted = Array.from({ length: INITIAL_CREDIT }, () => window.read());
    // Eight values of a megabyte may be unread: nothing is granted before half of these are read.
    expect(granted.slice(0, 11)).toEqual(Array<number>(11).fill(0));
    expect(granted.slice(11).reduce((sum, values) => sum + values)).toBeGreaterThan(0);
  });

  test('shrinks when values grow, and grows when they shrink', () => {
    expect(creditAfter([2000, 10])).toBeGreaterThan(512);
    expect(creditAfter([2000, 10], [2000, 4 * MiB])).toBeLessThanOrEqual(2);
    expect(creditAfter([2000, 10], [2000, 4 * MiB], [2000, 10])).toBeGreaterThan(512);
  });

  test('follows the average size: small values in between do not open it for large ones', () => {
    const mixed = Array.from({ length: 400 }, (_, n): [number, number] => [1, (n % 2) * 2 * MiB]);
    expect(creditAfter(...mixed)).toBeLessThanOrEqual(10);
  });
});

test('a stream never stalls while its reader reads, nor runs far ahead, whatever the sizes', () => {
  const sizes = fc.array(fc.oneof(fc.nat(100), fc.nat(100_000), fc.nat(20 * MiB)), {
    minLength: 1,
    maxLength: 300,
    size: 'max',
  });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 40 }), (values, behind) => {
      const window = new CreditWindow();
      let credit = INITIAL_CREDIT;
      let unread = 0;
      for (const bytes of values) {
        // The reader reads when it is far behind, or when there is no credit to send more.
        while (unread > 0 && (unread >= behind || credit === 0)) {
          unread--;
          credit += window.read();
        }
        expect(credit).toBeGreaterThan(0);
        expect(credit + unread).toBeLessThanOrEqual(1024);
        credit--;
        unread++;
        window.arrived(bytes);
      }
    }),
  );
});
