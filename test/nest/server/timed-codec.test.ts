import { expect, test } from 'vitest';
import { PacketCodec } from '../../../lib/nest/packet-codec.js';
import { TimedCodec } from '../../../lib/nest/server/timed-codec.js';

const NEVER = new Promise<never>(() => {});

/** A codec whose serializer and deserializer return that promise, and a clock that moves by seconds. */
function codecOf(made: Promise<unknown>) {
  const timers: (() => void)[] = [];
  const codec = new TimedCodec(
    new PacketCodec({
      serializer: { serialize: () => made },
      deserializer: { deserialize: () => made as never },
    }),
    (ms, run) => {
      expect(ms).toBe(1000);
      timers.push(run);
    },
  );
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      for (const run of timers.splice(0)) run();
      await new Promise(setImmediate);
    }
  };
  const outgoing = (isWanted: boolean) => codec.outgoing({ response: 1 }, () => isWanted);
  const incoming = (isWanted: boolean) => codec.incoming({ data: 1 }, 1, () => isWanted);
  return { timers, pass, outgoing, incoming };
}

/** What a promise has come to by now. */
function watch(promise: Promise<unknown>) {
  const watched = { outcome: 'pending' as unknown };
  promise.then(
    (value) => (watched.outcome = value),
    (error: Error) => (watched.outcome = error.message),
  );
  return watched;
}

test('a promise that settles in time keeps its outcome', async () => {
  const resolved = codecOf(Promise.resolve({ response: 2 }));
  expect(await resolved.outgoing(true)).toEqual({ response: 2 });
  const rejected = codecOf(Promise.reject(new Error('broken')));
  await expect(rejected.incoming(true)).rejects.toThrow('broken');
});

test('a serializer that never settles holds the place of its call for 10 s, and no longer', async () => {
  const { pass, outgoing } = codecOf(NEVER);
  const watched = watch(outgoing(true));
  await pass(9);
  expect(watched.outcome).toBe('pending');
  await pass(1);
  expect(watched.outcome).toBe(
    "The promise of the server's serializer has not settled within 10 s: its call gives up its place. See what the " +
      'serializer waits for.',
  );
});

test('a deserializer that nobody waits for holds the place of its call for 2 s, and no longer', async () => {
  const { pass, incoming } = codecOf(NEVER);
  const watched = watch(incoming(false));
  await pass(1);
  expect(watched.outcome).toBe('pending');
  await pass(1);
  expect(watched.outcome).toBe(
    "The promise of the server's deserializer has not settled within 2 s after its caller left: its call gives up its " +
      'place. See what the deserializer waits for.',
  );
});

test('all pending promises share one timer, and none is left once they have settled', async () => {
  let settle: (value: object) => void = () => {};
  const { timers, pass, outgoing, incoming } = codecOf(
    new Promise((resolve) => (settle = resolve)),
  );
  const made = [outgoing(true), incoming(true)];
  expect(timers).toHaveLength(1);
  await pass(1);
  expect(timers).toHaveLength(1);
  settle({});
  await Promise.all(made);
  await pass(1);
  expect(timers).toEqual([]);
});
