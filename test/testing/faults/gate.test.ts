import { expect, test } from 'vitest';
import { Gate } from '../../../lib/testing/faults/gate.js';
import { nextTurn } from '../../../lib/testing/time/event-loop.js';

const gateOf = (happened: unknown[]) => {
  const gate = new Gate();
  return { gate, pass: (what: unknown) => gate.pass(() => happened.push(what)) };
};

test('what passes an open gate happens at once', () => {
  const happened: unknown[] = [];
  const { pass } = gateOf(happened);
  pass(1);
  expect(happened).toEqual([1]);
});

test('a closed gate keeps everything until it opens, and then in order, in a later turn', async () => {
  const happened: unknown[] = [];
  const { gate, pass } = gateOf(happened);
  gate.close();
  pass(1);
  pass(2);
  gate.open();
  pass(3);
  expect(happened).toEqual([]);
  await nextTurn();
  expect(happened).toEqual([1, 2, 3]);
  pass(4);
  expect(happened).toEqual([1, 2, 3, 4]);
});

test('a gate that closes again while it lets things pass keeps the rest', async () => {
  const happened: unknown[] = [];
  const { gate, pass } = gateOf(happened);
  gate.close();
  gate.pass(() => {
    pass('later');
    gate.close();
  });
  pass(2);
  gate.open();
  await nextTurn();
  expect(happened).toEqual([]);
  gate.open();
  await nextTurn();
  expect(happened).toEqual([2, 'later']);
});

test('a gate that closes before the turn comes keeps everything', async () => {
  const happened: unknown[] = [];
  const { gate, pass } = gateOf(happened);
  gate.close();
  pass(1);
  gate.open();
  gate.close();
  await nextTurn();
  expect(happened).toEqual([]);
});

test('behind a gate that was removed nothing happens, neither what it kept nor what comes', async () => {
  const happened: unknown[] = [];
  const { gate, pass } = gateOf(happened);
  gate.close();
  pass(1);
  gate.open();
  gate.remove();
  pass(2);
  await nextTurn();
  expect(happened).toEqual([]);
});
