import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshKeyPair } from '../../../lib/zmtp/curve/key-pair.js';
import { isCanonical } from '../../../lib/zmtp/curve/public-key.js';
import { crypto } from './fixtures.js';

const P = 2n ** 255n - 19n;

function bytesOf(number: bigint): Buffer {
  return Buffer.from(Buffer.from(number.toString(16).padStart(64, '0'), 'hex').toReversed());
}

describe('isCanonical', () => {
  it('accepts every number below 2^255 - 19, and no other', () => {
    const near = fc.bigInt({ min: -300n, max: 300n });
    const number = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      near.map((distance) => P + distance),
      near.map((distance) => 2n ** 255n + distance),
      // Numbers with long runs of ones, and bytes below them.
      fc.bigInt({ min: 0n, max: 2n ** 16n }).map((low) => 2n ** 255n - 1n - low),
      fc.integer({ min: 0, max: 255 }).map((bit) => (2n ** 255n - 1n) ^ (1n << BigInt(bit))),
    );
    fc.assert(
      fc.property(number, (value) => {
        expect(isCanonical(bytesOf(value))).toBe(value < P);
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts the keys that software generates', () => {
    for (let count = 0; count < 100; count++) {
      expect(isCanonical(freshKeyPair(crypto).publicKey)).toBe(true);
    }
  });

  it.each([0, 31, 33])('rejects %i bytes', (length) => {
    expect(isCanonical(Buffer.alloc(length))).toBe(false);
  });
});
