import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutTo, displayWidth, fitted } from '../../../lib/cli/top/display-width.js';
import { plainText } from '../../../lib/core/plain-text.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(18);

describe('the width of text on a terminal', () => {
  test.each([
    ['server-1', 8],
    ['größe', 5],
    ['gro\u0308ße', 5],
    ['在庫', 4],
    ['서버', 4],
    ['ｆｕｌｌ', 8],
    ['🚀', 2],
    ['👩‍💻', 2],
    ['❤️', 2],
    ['…–▼', 3],
    ['', 0],
  ])('of %s is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('text cut to columns', () => {
  test('ends with an ellipsis, and never within a character', () => {
    expect(cutTo('server-1', 8)).toBe('server-1');
    expect(cutTo('server-10', 8)).toBe('server-…');
    expect(cutTo('在庫サーバー', 6)).toBe('在庫…');
    expect(cutTo('🚀🚀🚀', 4)).toBe('🚀…');
    expect(cutTo('anything', 0)).toBe('');
  });

  test('fits, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        const plain = plainText(text);
        expect(displayWidth(cutTo(plain, columns))).toBeLessThanOrEqual(columns);
        expect(displayWidth(fitted(plain, columns))).toBe(columns);
      }),
    );
  });
});
