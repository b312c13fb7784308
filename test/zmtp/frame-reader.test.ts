import { expect, test } from 'vitest';
import { FrameReader } from '../../lib/zmtp/frame-reader.js';

const frame = (text: string) => Buffer.from([0, text.length, ...Buffer.from(text)]);

test('what comes while an earlier chunk waits is read after that, wherever reading stands', () => {
  const reader = new FrameReader();
  reader.limit = 100;
  const next = () => (reader.next() === 'frame' ? reader.takeBody().toString() : undefined);
  reader.push(Buffer.concat([frame('a'), frame('b')]));
  expect(next()).toBe('a');
  reader.push(frame('c'));
  // The first chunk is read to its end, and the second one waits.
  expect(next()).toBe('b');
  reader.push(frame('d'));
  expect([next(), next(), next()]).toEqual(['c', 'd', undefined]);
});
