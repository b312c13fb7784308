import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { addSource, type Source, sources } from '../../lib/telemetry/sources.js';

const clean: (() => void)[] = [];
afterEach(() => {
  for (const remove of clean.splice(0)) remove();
  expect(sources()).toEqual([]);
});

const client = (id: string): Source => ({
  kind: 'client',
  client: { id, name: 'gateway' },
  figures: () => ({ pending: 1, states: ['alive'] }),
});
const server = (id: string): Source => ({
  kind: 'server',
  server: { id },
  figures: () => ({ running: 1, queued: 0 }),
});

function add<Added extends Source>(source: Added): Added {
  clean.push(addSource(source));
  return source;
}

test('clients and servers are there from when they are added, in that order, until they are removed', () => {
  const one = add(client('one'));
  const two = server('two');
  const remove = addSource(two);
  const three = add(client('three'));
  expect(sources()).toEqual([one, two, three]);
  expect(sources()[1]).toBe(two);
  remove();
  remove();
  expect(sources()).toEqual([one, three]);
});

test('a source that is opened again is there once for each time, and removed one at a time', () => {
  const source = server('again');
  const removeFirst = addSource(source);
  clean.push(addSource(source));
  removeFirst();
  removeFirst();
  expect(sources()).toEqual([source]);
});

test('a list that was taken does not change', () => {
  const one = add(client('one'));
  const taken = sources();
  add(client('two'));
  expect(taken).toEqual([one]);
});

test('a client that was forgotten without being closed is not kept alive, and is no longer told of', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const kept = add(client('kept'));
  addSource(client('forgotten'));
  // What was made, or read through a WeakRef, in one turn lives until the end of it.
  await setImmediate();
  collect();
  expect(sources()).toEqual([kept]);
});
