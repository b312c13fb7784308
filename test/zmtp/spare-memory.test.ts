import { expect, test } from 'vitest';
import { SpareMemory } from '../../lib/zmtp/spare-memory.js';

const KIB = 1024;

test('memory is lent again once all text in it has left', () => {
  const memory = new SpareMemory();
  const whole = memory.lend(100 * KIB);
  const text = memory.filled(whole, 80 * KIB);
  expect(memory.lend(100 * KIB)).not.toBe(whole);
  memory.whenLeft(text)?.();
  expect(memory.lend(50 * KIB)).toBe(whole);
  expect(memory.lend(50 * KIB)).not.toBe(whole);
});

test('only the last part of a text that leaves in parts gives its memory back', () => {
  const memory = new SpareMemory();
  const text = memory.filled(memory.lend(100 * KIB), 80 * KIB);
  expect(memory.whenLeft(text.subarray(0, 40 * KIB))).toBeUndefined();
  expect(memory.whenLeft(text.subarray(40 * KIB))).toBeTypeOf('function');
});

test('what was not lent is never used for something else', () => {
  const memory = new SpareMemory();
  expect(memory.whenLeft(Buffer.alloc(100 * KIB))).toBeUndefined();
});

test('a text that needs more than any spare gets memory of its own', () => {
  const memory = new SpareMemory();
  memory.giveBack(memory.lend(10 * KIB));
  expect(memory.lend(20 * KIB)).toHaveLength(20 * KIB);
});

test('no more than 2 MiB are kept', () => {
  const memory = new SpareMemory();
  const lent = [0, 1, 2].map(() => memory.lend(KIB * KIB));
  for (const whole of lent) memory.giveBack(whole);
  const again = [0, 1, 2].map(() => memory.lend(KIB * KIB));
  expect(again.filter((whole) => lent.includes(whole))).toHaveLength(2);
});

test('a short text does not hold the memory of a long one while it waits to leave', () => {
  const memory = new SpareMemory();
  memory.giveBack(memory.lend(KIB * KIB));
  expect(memory.lend(10 * KIB).length).toBeLessThanOrEqual(20 * KIB);
});

test('many short texts do not keep the memory of long ones from being used again', () => {
  const memory = new SpareMemory();
  const short = Array.from({ length: 300 }, () => memory.lend(8 * KIB));
  for (const whole of short) memory.giveBack(whole);
  const long = memory.lend(KIB * KIB);
  memory.giveBack(long);
  expect(memory.lend(KIB * KIB)).toBe(long);
});
