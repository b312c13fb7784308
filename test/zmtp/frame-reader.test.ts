import { expect, test } from 'vitest';
import { FrameReader } from '../../lib/zmtp/frame-reader.js';

const frame = (text: string) => Buffer.from([0, text.length, ...Buffer.from(text)]);

test('chunks that arrive while an earlier one waits are read after it, at whatever point reading stopped', () => {
  const reader = new FrameReader();
  reader.limit = 100;
  const next = () => (reader.next() === 'frame' ? reader.takeBody().toString() : undefined);
  reader.push(Buffer.concat([frame('a'), frame('b')]));
  expect(next()).toBe('a');
  reader.push(frame('c'));
  // The first chunk is read completely, and the second one waits.
  expect(next()).toBe('b');
  reader.push(frame('d'));
  expect([next(), next(), next()]).toEqual(['c', 'd', undefined]);
});
