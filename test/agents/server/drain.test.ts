import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { FakeServerSocket } from '../../support/fake-sockets.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, callsUntyped, emits, says } from '../../support/server-messages.js';

/** A server that knows these clients, all of which understand GOODBYE. */
async function serving(clients: readonly string[], options = {}) {
  const bench = new ServerBench(options);
  const socket = await bench.listen();
  for (const client of clients) says(socket, client, { capabilities: ['drain'] });
  await bench.settle();
  for (const client of clients) socket.receivedBy(client);
  const startedAt = bench.clock.now();
  const left = () => bench.leftAt.map((at) => at - startedAt);
  const end = (place: number) => bench.calls[place]?.last(encodeBody('done'));
  return { bench, socket, left, end };
}

/** What a client does that has read GOODBYE. */
function answersGoodbye(socket: FakeServerSocket, client: string): void {
  says(socket, client, { capabilities: ['drain'], state: 'draining' });
}

test('a server without clients leaves at once', async () => {
  const { bench, socket, left } = await serving([]);
  bench.agent.drain(10_000);
  expect([left(), socket.isClosed]).toEqual([[0], true]);
});

test.each([[['a']], [[]]])(
  'with the clients %j, a server tells where it listened when it begins to leave, and when it has left',
  async (clients) => {
    const { bench } = await serving(clients);
    bench.agent.drain(10_000);
    bench.clock.advance(10_000);
    const address = 'tcp://127.0.0.1:5555';
    expect(bench.drains).toEqual([
      ['began', address],
      ['ended', address],
    ]);
  },
);

test('a server that leaves at once says where it listened', async () => {
  const { bench } = await serving(['a']);
  bench.agent.drain(0);
  expect(bench.drains).toEqual([['ended', 'tcp://127.0.0.1:5555']]);
});

test('an idle server leaves once each client has answered GOODBYE', async () => {
  const { bench, socket, left } = await serving(['a', 'b']);
  bench.agent.drain(10_000);
  expect(answersTo(socket, 'a')).toEqual(['goodbye']);
  expect(answersTo(socket, 'b')).toEqual(['goodbye']);
  answersGoodbye(socket, 'a');
  expect(left()).toEqual([]);
  answersGoodbye(socket, 'b');
  expect(left()).toEqual([0]);
  expect(bench.clock.timers).toBe(0);
});

test('an ordinary heartbeat does not count as an answer to GOODBYE', async () => {
  const { bench, socket, left } = await serving(['a']);
  bench.agent.drain(10_000);
  says(socket, 'a', { capabilities: ['drain'] });
  expect(left()).toEqual([]);
});

test('a client that does not answer GOODBYE delays the server by one heartbeat only', async () => {
  const { bench, left } = await serving(['a']);
  bench.agent.drain(10_000);
  bench.clock.advance(999);
  expect(left()).toEqual([]);
  bench.clock.advance(1);
  expect(left()).toEqual([1000]);
});

test.each<[string, (socket: FakeServerSocket) => void]>([
  ['leaves itself', (socket) => socket.hears('a', { type: 'goodbye' })],
  [
    'turns out to be gone',
    (socket) => {
      socket.gone.add('a');
      socket.listener.onPeerLost();
    },
  ],
])('a client that %s is not waited for', async (_what, goes) => {
  const { bench, socket, left } = await serving(['a']);
  bench.agent.drain(10_000);
  goes(socket);
  expect(left()).toEqual([0]);
});

test('a client that was gone before does not delay the server', async () => {
  const { bench, socket, left } = await serving(['a']);
  socket.gone.add('a');
  bench.agent.drain(10_000);
  expect(left()).toEqual([0]);
});

describe('while it drains', () => {
  test('calls and events are refused, and PONGs say so; the older dialects get no PONG', async () => {
    const { bench, socket } = await serving(['a']);
    calls(socket, 'a', '1');
    bench.agent.drain(10_000);
    calls(socket, 'a', '2');
    emits(socket, 'a', '3');
    expect(answersTo(socket, 'a')).toEqual(['goodbye', '2 refused draining', '3 refused draining']);
    says(socket, 'new');
    socket.hears('old', { type: 'ping', dialect: 'basic' });
    expect(socket.receivedBy('new')).toMatchObject([{ hello: { state: 'draining' } }]);
    expect(socket.receivedBy('old')).toEqual([]);
    expect(bench.agent.stats()).toMatchObject({
      isDraining: true,
      running: 1,
      refused: { draining: 2 },
    });
  });

  test('running and waiting calls are answered, and the server leaves once the client has read the answers', async () => {
    const { bench, socket, left, end } = await serving(['a'], { maxConcurrency: 1 });
    calls(socket, 'a', '1');
    calls(socket, 'a', '2');
    bench.agent.drain(10_000);
    answersGoodbye(socket, 'a');
    bench.clock.advance(50);
    end(0);
    end(1);
    expect(answersTo(socket, 'a')).toEqual([
      'goodbye',
      '1 pong',
      '1 last done',
      '2 last done',
      'goodbye',
    ]);
    bench.clock.advance(400);
    expect(left()).toEqual([]);
    answersGoodbye(socket, 'a');
    expect(left()).toEqual([450]);
  });

  test('the answer to the first GOODBYE does not count for the second', async () => {
    const { bench, socket, left, end } = await serving(['a']);
    calls(socket, 'a', '1');
    bench.agent.drain(10_000);
    end(0);
    answersGoodbye(socket, 'a');
    expect(left()).toEqual([]);
    answersGoodbye(socket, 'a');
    expect(left()).toEqual([0]);
  });

  test('a call that was sent before its client knew is refused before the server leaves', async () => {
    const { bench, socket, left } = await serving(['a']);
    bench.agent.drain(10_000);
    calls(socket, 'a', '1');
    answersGoodbye(socket, 'a');
    expect(left()).toEqual([]);
    expect(answersTo(socket, 'a')).toEqual(['goodbye', '1 refused draining', '1 pong', 'goodbye']);
    answersGoodbye(socket, 'a');
    expect(left()).toEqual([0]);
  });

  test('a call that is repeated while it runs is not refused', async () => {
    const { bench, socket, end } = await serving(['a']);
    calls(socket, 'a', '1');
    bench.agent.drain(10_000);
    calls(socket, 'a', '1');
    end(0);
    expect(answersTo(socket, 'a')).toEqual(['goodbye', '1 last done']);
  });

  test('an event that was acknowledged runs to its end', async () => {
    const { bench, socket, left } = await serving(['a']);
    emits(socket, 'a', '1');
    bench.agent.drain(10_000);
    answersGoodbye(socket, 'a');
    expect(left()).toEqual([]);
    bench.runningEvents[0]?.over();
    answersGoodbye(socket, 'a');
    expect(left()).toEqual([0]);
  });

  test('calls of the older dialects are served, and their answers have time to arrive', async () => {
    const { bench, socket, left, end } = await serving([]);
    callsUntyped(socket, 'old', '1');
    bench.agent.drain(10_000);
    callsUntyped(socket, 'old', '2');
    end(0);
    end(1);
    expect(answersTo(socket, 'old')).toEqual(['1 done', '2 done']);
    bench.clock.advance(99);
    expect(left()).toEqual([]);
    bench.clock.advance(1);
    expect(left()).toEqual([100]);
  });

  test('answers to negotiated clients without GOODBYE have time to arrive, too', async () => {
    const { bench, socket, left, end } = await serving([]);
    calls(socket, 'plain', '1');
    bench.agent.drain(10_000);
    end(0);
    expect(answersTo(socket, 'plain')).toEqual(['1 last done']);
    bench.clock.advance(100);
    expect(left()).toEqual([100]);
  });

  test('a cancelled call does not delay the server', async () => {
    const { bench, socket, left } = await serving(['a']);
    calls(socket, 'a', '1');
    bench.agent.drain(10_000);
    answersGoodbye(socket, 'a');
    socket.hears('a', { type: 'cancel', id: '1' });
    expect(left()).toEqual([0]);
  });
});

describe('after drainTimeout', () => {
  test('running calls are stopped without a reply; waiting ones are refused, since they never ran', async () => {
    const { bench, socket, left } = await serving(['a'], {
      maxConcurrency: 1,
      maxQueueWait: Infinity,
    });
    calls(socket, 'a', '1');
    calls(socket, 'a', '2');
    bench.agent.drain(5000);
    bench.clock.advance(4999);
    expect(left()).toEqual([]);
    bench.clock.advance(1);
    expect(left()).toEqual([5000]);
    expect(answersTo(socket, 'a')).toEqual(['goodbye', '2 refused draining']);
    expect(bench.calls.map(({ signal }) => signal.aborted)).toEqual([true]);
    expect(bench.agent.stats()).toMatchObject({ isDraining: false, running: 0, queued: 0 });
  });

  test('a full queue is refused to the last call, without recursion', async () => {
    const { bench, socket, left } = await serving(['a'], {
      maxConcurrency: 1,
      maxQueue: 5000,
      maxQueueWait: Infinity,
    });
    for (let call = 0; call <= 5000; call++) calls(socket, 'a', String(call));
    bench.agent.drain(5000);
    bench.clock.advance(5000);
    const answers = answersTo(socket, 'a');
    expect(answers.filter((answer) => answer.endsWith(' refused draining'))).toHaveLength(5000);
    expect(left()).toEqual([5000]);
  });

  test('of 0 it leaves at once, even if calls run', async () => {
    const { bench, socket, left } = await serving(['a']);
    calls(socket, 'a', '1');
    bench.agent.drain(0);
    expect(left()).toEqual([0]);
    expect(bench.calls[0]?.signal.aborted).toBe(true);
  });
});

test('a second drain changes nothing, a close ends it, and the end is reported once', async () => {
  const { bench, socket, left } = await serving(['a']);
  calls(socket, 'a', '1');
  bench.agent.drain(10_000);
  bench.agent.drain(5);
  bench.clock.advance(100);
  expect(left()).toEqual([]);
  bench.agent.close();
  bench.agent.drain(10_000);
  bench.agent.close();
  expect(left()).toEqual([100]);
});

test('a last answer leaves in one pack with what waits beside it', async () => {
  const { bench, socket, left } = await serving([]);
  says(socket, 'a', { capabilities: ['drain', 'pack'] });
  calls(socket, 'a', '1');
  socket.receivedBy('a');
  bench.agent.drain(10_000);
  bench.calls[0]?.last(encodeBody('done'));
  bench.turns.end();
  const posts = socket.postsTo('a').map((messages) => messages.map(({ type }) => type).join(' '));
  expect(posts).toContain('goodbye reply');
  expect(left()).toEqual([]);
});

test('a client that did not read for a while, and was heard since, gets GOODBYE and is waited for', async () => {
  const { bench, socket, left } = await serving(['a']);
  calls(socket, 'a', '1');
  socket.gone.add('a');
  bench.calls[0]?.last(encodeBody('does not arrive'));
  socket.gone.delete('a');
  says(socket, 'a', { capabilities: ['drain'] });
  bench.agent.drain(10_000);
  expect(answersTo(socket, 'a')).toContain('goodbye');
  expect(left()).toEqual([]);
  answersGoodbye(socket, 'a');
  expect(left()).toEqual([0]);
});
