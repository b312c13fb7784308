import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, emits, says } from '../../support/server-messages.js';

async function remembering(options = {}) {
  const bench = new ServerBench({ replayWindow: 1000, ...options });
  const socket = await bench.listen();
  return { bench, socket };
}

test('a call that is repeated after its end gets the same answer, and does not run again', async () => {
  const { bench, socket } = await remembering();
  bench.whenCalled = (call) => call.last(encodeBody('done'));
  calls(socket, 'a', '1');
  calls(socket, 'a', '1');
  bench.clock.advance(999);
  calls(socket, 'a', '1');
  expect(answersTo(socket, 'a')).toEqual(['1 last done', '1 last done', '1 last done']);
  expect(bench.calls).toHaveLength(1);
  expect(bench.agent.stats()).toMatchObject({ accepted: 1, replayed: 2 });
});

test.each([
  ['when the window is over', 1000, { replayWindow: 1000 }, 'a', '1'],
  ['where there is no window', 0, { replayWindow: 0 }, 'a', '1'],
  ['under another id', 0, { replayWindow: 1000 }, 'a', '2'],
  ['for another client', 0, { replayWindow: 1000 }, 'b', '1'],
])('it runs %s', async (_when, later, options, client, id) => {
  const { bench, socket } = await remembering(options);
  bench.whenCalled = (call) => call.last(encodeBody('done'));
  calls(socket, 'a', '1');
  bench.clock.advance(later);
  calls(socket, client, id);
  expect(bench.calls).toHaveLength(2);
});

test('errors and empty results are repeated, too', async () => {
  const { bench, socket } = await remembering();
  for (const id of ['1', '1', '2', '2']) calls(socket, 'a', id);
  bench.calls[0]?.error('broken');
  bench.calls[1]?.complete();
  for (const id of ['1', '2']) calls(socket, 'a', id);
  expect(answersTo(socket, 'a')).toEqual([
    '1 error "broken"',
    '2 end',
    '1 error "broken"',
    '2 end',
  ]);
});

describe('a repeated call whose answer is not kept', () => {
  test.each<[string, (bench: ServerBench) => void]>([
    [
      'a stream',
      ({ calls: [call] }) => {
        call?.next(encodeBody('value'));
        call?.last(encodeBody('last'));
      },
    ],
    ['a large answer', ({ calls: [call] }) => call?.last(encodeBody('x'.repeat(1_100_000)))],
    ['a call that was cancelled', ({ calls: [call] }) => call?.abandon()],
  ])('%s is answered with an error that says so', async (_what, end) => {
    const { bench, socket } = await remembering();
    calls(socket, 'a', '1');
    end(bench);
    answersTo(socket, 'a');
    calls(socket, 'a', '1');
    const [answer, ...others] = answersTo(socket, 'a');
    expect(answer).toMatch(/^1 error .*not run again/);
    expect(others).toEqual([]);
    expect(bench.calls).toHaveLength(1);
  });
});

test.each<[string, unknown]>([
  ['bytes', Buffer.from([0, 255, 128])],
  ['text', 'a text, of € and 😀'],
  ['JSON', { of: ['€', 1] }],
])('%s are answered again as they were', async (_what, value) => {
  const { bench, socket } = await remembering();
  says(socket, 'a', { capabilities: ['pack'] });
  await bench.settle();
  socket.receivedBy('a');
  bench.whenCalled = (call) => call.last(encodeBody(value));
  for (let n = 0; n < 2; n++) {
    calls(socket, 'a', '1');
    bench.turns.end();
  }
  const [first, again] = socket.receivedBy('a');
  expect(again).toEqual(first);
  expect(again).toMatchObject({ type: 'reply', headers: { status: 'last' } });
  expect(bench.calls).toHaveLength(1);
});

describe('the cache is bounded', () => {
  const KIB = 1024;
  /** Whether the call is answered from memory, and does not run again. */
  const remembers = (
    { bench, socket }: Awaited<ReturnType<typeof remembering>>,
    id: string,
    peer = 'a',
  ) => {
    const before = bench.calls.length;
    calls(socket, peer, id);
    return bench.calls.length === before;
  };

  test('in the bytes of ids and overhead', async () => {
    const all = await remembering();
    all.bench.whenCalled = (call) => call.last(encodeBody('x'.repeat(KIB)));
    const id = (n: number) => String(n).padStart(256, '0');
    // 16 MiB, of which a client has 7/8, are 7168 of 2 KiB: of 1 KiB, and what it takes to keep that.
    for (let n = 0; n < 9000; n++) calls(all.socket, 'a', id(n));
    all.bench.whenCalled = () => {};
    expect(remembers(all, id(8999))).toBe(true);
    expect(remembers(all, id(9000 - 7300))).toBe(false);
  });

  test('in number', async () => {
    const all = await remembering();
    all.bench.whenCalled = (call) => call.complete();
    for (let n = 0; n < 10_000; n++) calls(all.socket, 'a', String(n));
    all.bench.whenCalled = () => {};
    expect(remembers(all, '9999')).toBe(true);
    expect(remembers(all, String(10_000 - 8750))).toBe(true);
    expect(remembers(all, String(10_000 - 8751))).toBe(false);
  });

  test('so that one client, with any number of connections, does not evict the answers to others', async () => {
    const all = await remembering();
    for (const peer of ['a1', 'a2'])
      all.socket.known.set(peer, { publicKey: 'A', userId: 'A', address: '' });
    all.bench.whenCalled = (call) => call.complete();
    calls(all.socket, 'b', 'first');
    for (let n = 0; n < 20_000; n++) calls(all.socket, n % 2 ? 'a1' : 'a2', String(n));
    all.bench.whenCalled = () => {};
    expect(remembers(all, 'first', 'b')).toBe(true);
    expect(remembers(all, '19999', 'a1')).toBe(true);
    expect(remembers(all, '0', 'a2')).toBe(false);
  });

  test('and does not keep the larger buffer alive that an answer is a part of', async () => {
    const { bench, socket } = await remembering();
    const large = Buffer.alloc(2 ** 20, 'x');
    bench.whenCalled = (call) => call.last(encodeBody(large.subarray(0, 10)));
    calls(socket, 'a', '1');
    large.fill('y');
    calls(socket, 'a', '1');
    expect(answersTo(socket, 'a')[1]).toBe(`1 last ${'x'.repeat(10)}`);
  });
});

test('a call that was refused may run when it is repeated', async () => {
  const { bench, socket } = await remembering({ maxConcurrency: 1, maxQueue: 1 });
  calls(socket, 'a', '1');
  calls(socket, 'a', '2');
  bench.clock.advance(100);
  expect(answersTo(socket, 'a')).toEqual(['2 refused busy']);
  bench.calls[0]?.last(encodeBody('done'));
  calls(socket, 'a', '2');
  expect(bench.calls.map(({ request }) => request.data)).toEqual(['1', '2']);
});

test('a repeated event is acknowledged again, and does not run again', async () => {
  const { bench, socket } = await remembering();
  emits(socket, 'a', '1');
  emits(socket, 'a', '1');
  bench.runningEvents[0]?.over();
  emits(socket, 'a', '1');
  expect(answersTo(socket, 'a')).toEqual(['1 ack', '1 ack']);
  expect(bench.events).toHaveLength(1);
  expect(bench.agent.stats()).toMatchObject({ events: 1, replayed: 1 });
});

test('a draining server still answers repeated calls', async () => {
  const { bench, socket } = await remembering();
  says(socket, 'a', { capabilities: ['drain'] });
  await bench.settle();
  socket.receivedBy('a');
  calls(socket, 'a', '1');
  calls(socket, 'a', '2');
  bench.calls[0]?.last(encodeBody('done'));
  bench.agent.drain(1000);
  calls(socket, 'a', '1');
  expect(answersTo(socket, 'a')).toEqual(['1 last done', 'goodbye', '1 last done']);
});

test('an event that was refused may run when it is repeated', async () => {
  const { bench, socket } = await remembering({ maxConcurrency: 1, maxQueue: 1 });
  calls(socket, 'a', '1');
  emits(socket, 'a', '2');
  bench.clock.advance(100);
  bench.calls[0]?.last(encodeBody('done'));
  emits(socket, 'a', '2');
  expect(answersTo(socket, 'a')).toEqual(['2 refused busy', '1 last done', '2 ack']);
  expect(bench.events).toHaveLength(1);
});
