import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, callsUntyped, emits, says } from '../../support/server-messages.js';

/** A server whose only place is taken by call 1 of the peer `a`, and in which two may wait. */
async function busy(options: ConstructorParameters<typeof ServerBench>[0] = {}) {
  const bench = new ServerBench({ maxConcurrency: 1, maxQueue: 2, ...options });
  const socket = await bench.listen();
  calls(socket, 'a', '1');
  const begun = () => bench.calls.map(({ request }) => request.data);
  const end = (place: number) => bench.calls[place]?.last(encodeBody('done'));
  return { bench, socket, begun, end };
}

test('calls that wait for a place get it in the order of their arrival', async () => {
  const { bench, socket, begun, end } = await busy();
  calls(socket, 'b', '2');
  calls(socket, 'a', '3');
  expect(begun()).toEqual(['1']);
  expect(bench.agent.stats()).toMatchObject({ running: 1, queued: 2, accepted: 1 });
  end(0);
  expect(begun()).toEqual(['1', '2']);
  end(1);
  end(2);
  expect(begun()).toEqual(['1', '2', '3']);
  expect(answersTo(socket, 'a')).toEqual(['1 last done', '3 last done']);
  expect(bench.agent.stats()).toMatchObject({ running: 0, queued: 0, accepted: 3, refused: {} });
});

test('a call that finds the queue full is refused as busy at once, before it is decoded', async () => {
  const { bench, socket, begun } = await busy({ maxQueue: 0 });
  calls(socket, 'b', '2', { metadata: { its: 'own' } });
  emits(socket, 'b', '3');
  expect(answersTo(socket, 'b')).toEqual(['2 refused busy', '3 refused busy']);
  expect(begun()).toEqual(['1']);
  expect(bench.events).toEqual([]);
  expect(bench.agent.stats()).toMatchObject({ queued: 0, accepted: 1, refused: { busy: 2 } });
});

test('a call that has waited for maxQueueWait is refused as busy, and never runs', async () => {
  const { bench, socket, begun, end } = await busy();
  calls(socket, 'b', '2');
  bench.clock.advance(99);
  expect(answersTo(socket, 'b')).toEqual([]);
  bench.clock.advance(1);
  expect(answersTo(socket, 'b')).toEqual(['2 refused busy']);
  end(0);
  expect(begun()).toEqual(['1']);
});

test('in a standing queue a call is refused after a twentieth of maxQueueWait', async () => {
  const { bench, socket } = await busy({ maxQueue: 10 });
  callsUntyped(socket, 'old', '0');
  bench.clock.advance(101);
  calls(socket, 'b', '2');
  bench.clock.advance(4);
  expect(answersTo(socket, 'b')).toEqual([]);
  bench.clock.advance(1);
  expect(answersTo(socket, 'b')).toEqual(['2 refused busy']);
});

test('a call whose deadline passes while it waits is refused as expired, and never runs', async () => {
  const { bench, socket, begun, end } = await busy();
  calls(socket, 'b', '2', { timeout: 40 });
  bench.clock.advance(40);
  expect(answersTo(socket, 'b')).toEqual(['2 refused expired']);
  end(0);
  expect(begun()).toEqual(['1']);
  expect(bench.agent.stats()).toMatchObject({ queued: 0, refused: { expired: 1 }, abandoned: 0 });
});

test('a call whose deadline has passed gets no place, even if the timer is late', async () => {
  const { bench, socket, begun, end } = await busy();
  calls(socket, 'b', '2', { timeout: 40 });
  calls(socket, 'b', '3');
  bench.clock.freeze(40);
  end(0);
  expect(begun()).toEqual(['1', '3']);
  expect(answersTo(socket, 'b')).toEqual(['2 refused expired']);
  expect(bench.agent.stats()).toMatchObject({ running: 1, queued: 0 });
});

test('a call that got its place in time keeps its deadline', async () => {
  const { bench, socket, end } = await busy();
  calls(socket, 'b', '2', { timeout: 40 });
  bench.clock.advance(39);
  end(0);
  expect(bench.calls[1]?.signal.aborted).toBe(false);
  bench.clock.advance(1);
  expect(bench.calls[1]?.signal.aborted).toBe(true);
});

describe('a waiting call whose caller is gone', () => {
  test.each([
    ['CANCEL', { type: 'cancel', id: '2' }],
    ['GOODBYE', { type: 'goodbye' }],
  ] as const)('leaves on %s, without a word, and never runs', async (_what, message) => {
    const { bench, socket, begun, end } = await busy();
    calls(socket, 'b', '2');
    calls(socket, 'c', '3');
    socket.hears('b', message);
    expect(bench.agent.stats()).toMatchObject({ queued: 1, abandoned: 1 });
    end(0);
    expect(begun()).toEqual(['1', '3']);
    expect(answersTo(socket, 'b')).toEqual([]);
  });

  test('is withdrawn when its client turns out to be lost', async () => {
    const { bench, socket, begun, end } = await busy();
    says(socket, 'b');
    calls(socket, 'b', '2');
    await bench.settle();
    socket.gone.add('b');
    socket.listener.onPeerLost();
    end(0);
    expect(begun()).toEqual(['1']);
  });

  test('does not get the place of another call of the same lost client', async () => {
    const { socket, begun, bench } = await busy();
    calls(socket, 'a', '2');
    socket.hears('a', { type: 'goodbye' });
    expect(begun()).toEqual(['1']);
    expect(bench.agent.stats()).toMatchObject({ running: 0, queued: 0, abandoned: 2 });
  });

  test('does not begin when the server closes', async () => {
    const { socket, begun, bench } = await busy();
    calls(socket, 'b', '2');
    bench.agent.close();
    expect(begun()).toEqual(['1']);
    expect(bench.agent.stats()).toMatchObject({ running: 0, queued: 0 });
  });
});

test('a call that is repeated while it waits is queued once', async () => {
  const { bench, socket, begun, end } = await busy();
  calls(socket, 'b', '2');
  calls(socket, 'b', '2');
  expect(bench.agent.stats().queued).toBe(1);
  end(0);
  end(1);
  expect(begun()).toEqual(['1', '2']);
});

test('calls of the older dialects wait without a limit of time; when the queue is full they get an error', async () => {
  const { bench, socket, begun, end } = await busy({ maxQueue: 1 });
  callsUntyped(socket, 'old', '2');
  callsUntyped(socket, 'old', '3');
  bench.clock.advance(60_000);
  const [answer = '', ...others] = answersTo(socket, 'old');
  expect(answer).toMatch(/^3 \{"status":"error","message":"The server is busy: .*"\}$/);
  expect(others).toEqual([]);
  end(0);
  expect(begun()).toEqual(['1', '2']);
});

test('calls of the older dialects still wait where calls that can try elsewhere are refused', async () => {
  const { bench, socket, begun, end } = await busy({ maxQueue: 10 });
  callsUntyped(socket, 'old', '0');
  bench.clock.advance(101);
  // The queue stands, and a place is free every 100 ms.
  end(0);
  callsUntyped(socket, 'old', '2');
  bench.clock.advance(101);
  for (const id of ['3', '4', '5']) calls(socket, 'b', id);
  const refused = answersTo(socket, 'b');
  expect(refused).toContain('5 refused busy');
  callsUntyped(socket, 'old', '6');
  expect(answersTo(socket, 'old')).toEqual([]);
  for (let place = 1; place < 4; place++) end(place);
  expect(begun()).toContain('6');
});

test('any number of calls that end as soon as they begin is served without recursion', async () => {
  const { bench, socket, begun, end } = await busy({ maxQueue: 20_000 });
  for (let id = 2; id <= 20_000; id++) calls(socket, 'b', String(id));
  bench.whenCalled = (call) => call.error('no handler');
  end(0);
  expect(begun()).toHaveLength(20_000);
  expect(bench.agent.stats()).toMatchObject({ running: 0, queued: 0 });
});

test('a stream holds its place until its last value is sent', async () => {
  const { bench, socket, begun } = await busy();
  calls(socket, 'b', '2', { credit: 1 });
  bench.calls[0]?.complete();
  calls(socket, 'c', '3');
  for (const value of [1, 2]) bench.calls[1]?.next(encodeBody(value));
  bench.calls[1]?.complete();
  expect(begun()).toEqual(['1', '2']);
  socket.hears('b', { type: 'credit', id: '2', values: 1 });
  expect(begun()).toEqual(['1', '2', '3']);
});

describe('an event', () => {
  test('holds a place until its handlers have ended', async () => {
    const { bench, socket, begun, end } = await busy();
    end(0);
    emits(socket, 'b', '2');
    calls(socket, 'b', '3');
    expect(answersTo(socket, 'b')).toEqual(['2 ack']);
    expect(bench.agent.stats()).toMatchObject({ running: 1, queued: 1, events: 1 });
    bench.runningEvents[0]?.over();
    bench.runningEvents[0]?.over();
    expect(begun()).toEqual(['1', '3']);
    expect(bench.agent.stats()).toMatchObject({ running: 1, queued: 0 });
  });

  test('is acknowledged when it gets its place, and then runs even if its sender is gone', async () => {
    const { bench, socket, end } = await busy();
    emits(socket, 'b', '2', { timeout: 50 });
    expect(answersTo(socket, 'b')).toEqual([]);
    end(0);
    expect(answersTo(socket, 'b')).toEqual(['2 ack']);
    bench.clock.advance(60);
    socket.hears('b', { type: 'cancel', id: '2' });
    socket.hears('b', { type: 'goodbye' });
    expect(bench.agent.stats()).toMatchObject({ running: 1, events: 1, abandoned: 0 });
  });

  test('that waits too long is refused, so that its sender can try elsewhere', async () => {
    const { bench, socket, end } = await busy();
    emits(socket, 'b', '2');
    bench.clock.advance(100);
    end(0);
    expect(answersTo(socket, 'b')).toEqual(['2 refused busy']);
    expect(bench.events).toEqual([]);
  });
});

test('the PONG reports the load', async () => {
  const { bench, socket } = await busy({ maxConcurrency: 4 });
  calls(socket, 'b', '2');
  says(socket, 'c');
  await bench.settle();
  expect(socket.receivedBy('c')).toMatchObject([{ type: 'pong', hello: { load: 0.5 } }]);
});

test('a client at its own limit makes no other client wait', async () => {
  const bench = new ServerBench({ maxConcurrency: 2, maxConcurrencyPerClient: 1 });
  const socket = await bench.listen();
  // Its queue stands: it was not empty for maxQueueWait, and each place takes 3 ms to get.
  for (let round = 0; round < 60; round++) {
    for (const name of ['a', 'b', 'c', 'd']) calls(socket, 'greedy', `${name}${round}`);
    bench.clock.advance(3);
    bench.calls.at(-1)?.last(encodeBody('done'));
  }
  expect(bench.agent.stats().queued).toBeGreaterThan(2);
  calls(socket, 'modest', 'x');
  expect(bench.calls.at(-1)?.request.data).toBe('x');
});

test('a call that was cancelled while it waited is not also refused later', async () => {
  const { bench, socket } = await busy();
  calls(socket, 'b', '2', { timeout: 40 });
  socket.hears('b', { type: 'cancel', id: '2' });
  bench.clock.advance(1000);
  expect(answersTo(socket, 'b')).toEqual([]);
  expect(bench.agent.stats()).toMatchObject({ queued: 0, refused: {}, abandoned: 1 });
});
