import { expect, test } from 'vitest';
import { AtMostOncePatterns, NAMED_IN_HELLO } from '../../../lib/protocol/at-most-once.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, emits, says } from '../../support/server-messages.js';

async function listening() {
  const atMostOnce = new AtMostOncePatterns(NAMED_IN_HELLO);
  atMostOnce.add('charge');
  const bench = new ServerBench({ atMostOnce });
  return { bench, atMostOnce, socket: await bench.listen() };
}

test('each PONG names the at-most-once patterns, also those that were added later', async () => {
  const { bench, atMostOnce, socket } = await listening();
  says(socket, 'client');
  await bench.settle();
  atMostOnce.add({ cmd: 'refund' });
  says(socket, 'client');
  expect(socket.receivedBy('client')).toMatchObject([
    { hello: { atMostOnce: ['charge'] } },
    { hello: { atMostOnce: ['charge', '{"cmd":"refund"}'] } },
  ]);
});

test('a server without at-most-once patterns does not mention them', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  says(socket, 'client');
  await bench.settle();
  const [pong] = socket.receivedBy('client');
  expect(pong?.type === 'pong' && pong.dialect === 'negotiated' && pong.hello).not.toHaveProperty(
    'atMostOnce',
  );
});

test('a call that may have run is refused, and does not run', async () => {
  const { bench, socket } = await listening();
  calls(socket, 'client', '1', { pattern: 'charge', attempt: 2, mayHaveRun: true });
  expect(answersTo(socket, 'client')).toEqual(['1 refused may-have-run']);
  expect(bench.calls).toEqual([]);
  expect(bench.agent.stats().refused).toEqual({ 'may-have-run': 1 });
});

test('an event that may have run is refused, and does not run', async () => {
  const { bench, socket } = await listening();
  emits(socket, 'client', '1', { pattern: 'charge', mayHaveRun: true });
  expect(answersTo(socket, 'client')).toEqual(['1 refused may-have-run']);
  expect(bench.events).toEqual([]);
});

test('that refusal comes first, also at a busy or draining server: otherwise the caller would try elsewhere', async () => {
  const { bench, socket } = await listening();
  calls(socket, 'client', '0');
  bench.agent.drain(1000);
  calls(socket, 'client', '1', { pattern: 'charge', mayHaveRun: true });
  expect(answersTo(socket, 'client')).toContain('1 refused may-have-run');
});

test.each([
  ['a first attempt', { pattern: 'charge' }],
  ['a second one, of which no earlier one may have run', { pattern: 'charge', attempt: 2 }],
  ['another pattern', { pattern: 'work', attempt: 2, mayHaveRun: true }],
])('%s runs', async (_, headers) => {
  const { bench, socket } = await listening();
  calls(socket, 'client', '1', headers);
  expect(bench.calls).toHaveLength(1);
});

test('a call that the handler runner declines is refused, and frees its place', async () => {
  const { bench, socket } = await listening();
  calls(socket, 'client', '1', { pattern: 'other', mayHaveRun: true });
  const [call] = bench.calls;
  expect(call?.request.mayHaveRun).toBe(true);
  call?.decline('may-have-run', 'it may have run');
  call?.complete();
  expect(answersTo(socket, 'client')).toEqual(['1 refused may-have-run']);
  expect(bench.agent.stats()).toMatchObject({ running: 0, refused: { 'may-have-run': 1 } });
});

test.each([
  ['does', () => true, ['1 refused may-have-run', '2 refused may-have-run'], 0],
  ['does not', () => false, ['2 ack'], 2],
  [
    'cannot be found',
    () => {
      throw new Error('the look-up failed');
    },
    ['2 ack'],
    2,
  ],
])(
  'a handler found under another name that must not run twice: it %s',
  async (_, isAtMostOnce, said, ran) => {
    const bench = new ServerBench({ isAtMostOnce });
    const socket = await bench.listen();
    calls(socket, 'client', '1', { pattern: 'pay.now', mayHaveRun: true });
    emits(socket, 'client', '2', { pattern: 'pay.now', mayHaveRun: true });
    expect(answersTo(socket, 'client')).toEqual(said);
    expect(bench.calls.length + bench.events.length).toBe(ran);
  },
);
