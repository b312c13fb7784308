import { AsyncLocalStorage } from 'node:async_hooks';
import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, test } from 'vitest';
import { TracedOperation } from '../../lib/telemetry/traced-operation.js';

interface Message {
  name: string;
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

const clean: (() => void)[] = [];
afterEach(() => {
  for (const undo of clean.splice(0)) undo();
});

/** What subscribers hear of a channel of its own, in order. */
function heard() {
  const channel: TracingChannel<unknown, Message> = tracingChannel('test:traced-operation');
  const told: string[] = [];
  for (const event of EVENTS) {
    const listen = (message: unknown) => told.push(`${event} ${(message as Message).name}`);
    channel[event].subscribe(listen);
    clean.push(() => channel[event].unsubscribe(listen));
  }
  return { channel, told };
}

/** The same as Node tells of a promise that settles so. */
async function toldByNode(settle: () => Promise<unknown>): Promise<string[]> {
  const { channel, told } = heard();
  await channel.tracePromise(settle, { name: 'it' }).catch(() => {});
  for (const undo of clean.splice(0)) undo();
  return told;
}

describe('the order of events is that of tracePromise', () => {
  test.each([
    ['succeeds', false, () => Promise.resolve()],
    ['fails', true, () => Promise.reject(new Error('no'))],
  ])('where it %s', async (_, hasFailed, settle) => {
    const expected = await toldByNode(settle);
    const { channel, told } = heard();
    const operation = new TracedOperation(channel, { name: 'it' });
    operation.start(() => told.push('runs'));
    operation.ended(hasFailed);
    expect(told.filter((event) => event !== 'runs')).toEqual(expected);
    expect(told.indexOf('runs')).toBe(1);
  });

  test('where it ends while it starts', async () => {
    const expected = await toldByNode(() => Promise.reject(new Error('no')));
    const { channel, told } = heard();
    const operation = new TracedOperation(channel, { name: 'it' });
    operation.start(() => operation.ended(true));
    expect(told).toEqual(expected);
  });

  test('where what starts it throws', () => {
    const { channel, told } = heard();
    const operation = new TracedOperation(channel, { name: 'it' });
    const start = () =>
      operation.start(() => {
        throw new Error('no');
      });
    expect(start).toThrow('no');
    operation.ended(true);
    expect(told).toEqual(['start it', 'end it', 'error it', 'asyncStart it', 'asyncEnd it']);
  });
});

test('what runs is in the store that is bound to its start', () => {
  const { channel } = heard();
  const store = new AsyncLocalStorage<string>();
  channel.start.bindStore(store, ({ name }: Message) => `store of ${name}`);
  clean.push(() => channel.start.unbindStore(store));
  let seen: string | undefined;
  new TracedOperation(channel, { name: 'it' }).start(() => (seen = store.getStore()));
  expect(seen).toBe('store of it');
  expect(store.getStore()).toBeUndefined();
});
