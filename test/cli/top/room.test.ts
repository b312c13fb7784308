import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divided } from '../../../lib/cli/top/room.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(19);

describe('the lines of a screen', () => {
  test('go first to the parts on top, and what is left to those that want more', () => {
    const parts = [
      { wants: 5, first: 10 },
      { wants: 20, first: 7 },
      { wants: 0, first: 7 },
      { wants: 30, first: 6 },
    ];
    expect(divided(22, parts)).toEqual([5, 11, 0, 6]);
    expect(divided(13, parts)).toEqual([5, 8, 0, 0]);
    expect(divided(100, parts)).toEqual([5, 20, 0, 30]);
  });

  test('are never more than there are, and no part gets more than it wants', () => {
    const part = fc.record({ wants: fc.nat(50), first: fc.nat(20) });
    fc.assert(
      fc.property(fc.nat(60), fc.array(part, { maxLength: 5 }), (lines, parts) => {
        const shares = divided(lines, parts);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(lines);
        parts.forEach(({ wants }, at) => expect(shares[at]).toBeLessThanOrEqual(wants));
      }),
    );
  });
});
