import { describe, expect, test } from 'vitest';
import type { CallStats } from '../../../lib/agents/call-stats.js';
import type { JobEnd } from '../../../lib/agents/server/job-end.js';
import type { ServerAgentOptions } from '../../../lib/agents/server/server-agent.js';
import type { ServerCall } from '../../../lib/agents/server/server-call.js';
import type { ServerErrorKind } from '../../../lib/agents/server/server-stats.js';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { FakeServerSocket } from '../../support/fake-sockets.js';
import { ServerBench } from '../../support/server-bench.js';
import { answersTo, calls, callsUntyped, emits, says } from '../../support/server-messages.js';

/** What was counted, without zeros. */
function counted({ calls: all, pending, cancelled, errors, latency }: CallStats) {
  const counts = { calls: all, pending, cancelled, measured: latency.count, ...errors };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

/** A server that knows the client `a`. */
async function serving(options: Partial<ServerAgentOptions> = {}) {
  const bench = new ServerBench(options);
  const socket = await bench.listen();
  says(socket, 'a', { capabilities: ['drain', 'cancel'] });
  await bench.settle();
  socket.receivedBy('a');
  return { bench, socket };
}

const cancels = (socket: FakeServerSocket, id: string) => socket.hears('a', { type: 'cancel', id });

interface Ending {
  readonly options?: Partial<ServerAgentOptions>;
  readonly headers?: Parameters<typeof calls>[3];
  readonly ends: (call: ServerCall, bench: ServerBench, socket: FakeServerSocket) => void;
  readonly all: Record<string, number>;
  readonly told: JobEnd['type'] | ServerErrorKind;
}

const ENDINGS: Record<string, Ending> = {
  'is answered': {
    ends: (call) => call.last(encodeBody('done')),
    all: { calls: 1, measured: 1 },
    told: 'answered',
  },
  'completes without a value': {
    ends: (call) => call.complete(),
    all: { calls: 1, measured: 1 },
    told: 'answered',
  },
  'is answered twice': {
    ends: (call) => {
      call.last(encodeBody('done'));
      call.last(encodeBody('done'));
      call.error('no');
    },
    all: { calls: 1, measured: 1 },
    told: 'answered',
  },
  'fails by its handler': {
    ends: (call) => call.error('no'),
    all: { calls: 1, measured: 1, HANDLER: 1 },
    told: 'HANDLER',
  },
  'has no handler': {
    ends: (call) => call.error('no handler', 'NO_HANDLER'),
    all: { calls: 1, measured: 1, NO_HANDLER: 1 },
    told: 'NO_HANDLER',
  },
  'has a value that is too large': {
    options: { maxMessageSize: 10 },
    ends: (call) => call.next(encodeBody('longer than ten bytes')),
    all: { calls: 1, measured: 1, INTERNAL: 1 },
    told: 'INTERNAL',
  },
  'fails while its values wait for credit': {
    headers: { credit: 1 },
    ends: (call, _bench, socket) => {
      call.next(encodeBody(1));
      call.next(encodeBody(2));
      call.error('no');
      socket.hears('a', { type: 'credit', id: '1', values: 10 });
    },
    all: { calls: 1, measured: 1, HANDLER: 1 },
    told: 'HANDLER',
  },
  'is cancelled': {
    ends: (_call, _bench, socket) => cancels(socket, '1'),
    all: { calls: 1, cancelled: 1 },
    told: 'abandoned',
  },
  'is cancelled, and its handler goes on': {
    ends: (call, _bench, socket) => {
      call.handlerBegan();
      cancels(socket, '1');
      call.last(encodeBody('too late'));
      call.handlerEnded();
    },
    all: { calls: 1, cancelled: 1 },
    told: 'abandoned',
  },
  'has its deadline pass': {
    headers: { timeout: 100 },
    ends: (_call, bench) => bench.clock.advance(100),
    all: { calls: 1, cancelled: 1 },
    told: 'abandoned',
  },
  'loses its client': {
    ends: (_call, _bench, socket) => socket.listener.onPeerLost(socket.peer('a')),
    all: { calls: 1, cancelled: 1 },
    told: 'abandoned',
  },
  'ends with the server': {
    ends: (_call, bench) => bench.agent.close(),
    all: { calls: 1, cancelled: 1 },
    told: 'abandoned',
  },
  'outlives the drain': {
    ends: (_call, bench) => {
      bench.agent.drain(1000);
      bench.clock.advance(5000);
    },
    all: { calls: 1, cancelled: 1 },
    told: 'abandoned',
  },
  'is declined: it may have run elsewhere': {
    ends: (call) => call.decline('may-have-run', 'it may have run'),
    all: { calls: 1 },
    told: 'refused',
  },
};

describe('a call is counted once, in all, by pattern and by client, which', () => {
  test.each(Object.entries(ENDINGS))('%s', async (_, { options, headers, ends, all, told }) => {
    const { bench, socket } = await serving(options);
    calls(socket, 'a', '1', headers);
    const [call] = bench.calls;
    if (!call) throw new Error('the call did not begin');
    const overs: string[] = [];
    call.measurement?.observe({
      over: (end) => overs.push(end.type === 'failed' ? end.kind : end.type),
    });
    expect(counted(bench.agent.stats())).toEqual({ calls: 1, pending: 1 });
    ends(call, bench, socket);
    const stats = bench.agent.stats();
    expect(counted(stats)).toEqual(all);
    expect(stats.patterns['work'] && counted(stats.patterns['work'])).toEqual(all);
    expect(stats.callers['a'] && counted(stats.callers['a'])).toEqual(all);
    expect([counted(stats.otherPatterns), counted(stats.otherCallers)]).toEqual([{}, {}]);
    expect(overs).toEqual([told]);
  });
});

describe('an event', () => {
  test('is pending until its handlers have ended', async () => {
    const { bench, socket } = await serving();
    emits(socket, 'a', '1');
    expect(counted(bench.agent.stats())).toEqual({ calls: 1, pending: 1 });
    bench.runningEvents[0]?.over();
    bench.runningEvents[0]?.over();
    expect(counted(bench.agent.stats())).toEqual({ calls: 1, measured: 1 });
    expect(Object.keys(bench.agent.stats().patterns)).toEqual(['news']);
  });

  test.each(['HANDLER', 'NO_HANDLER', 'INTERNAL'] as const)(
    'that fails counts as %s',
    async (kind) => {
      const { bench, socket } = await serving();
      emits(socket, 'a', '1');
      const [event] = bench.runningEvents;
      event?.fail(new Error('no'), kind);
      expect(counted(bench.agent.stats())).toEqual({ calls: 1, pending: 1 });
      event?.over();
      expect(counted(bench.agent.stats())).toEqual({ calls: 1, measured: 1, [kind]: 1 });
    },
  );
});

describe('what gets no place is refused, and is no call', () => {
  test('a call to a server that is full', async () => {
    const { bench, socket } = await serving({ maxConcurrency: 1, maxQueue: 0 });
    calls(socket, 'a', '1');
    calls(socket, 'a', '2');
    expect(counted(bench.agent.stats())).toEqual({ calls: 1, pending: 1 });
    expect(bench.agent.stats().refused).toEqual({ busy: 1 });
    expect(bench.declined).toEqual([{ reason: 'busy', pattern: 'work' }]);
  });

  test.each<[string, (bench: ServerBench, socket: FakeServerSocket) => void, string | undefined]>([
    ['waits for too long', (bench) => bench.clock.advance(1000), 'busy'],
    ['is cancelled in the queue', (_, socket) => cancels(socket, '2'), undefined],
    [
      'waits when its server leaves',
      (bench) => {
        bench.agent.drain(50);
        bench.clock.advance(60);
      },
      'draining',
    ],
  ])('a call that %s', async (_, ends, reason) => {
    const { bench, socket } = await serving({ maxConcurrency: 1, maxQueue: 5 });
    calls(socket, 'a', '1');
    calls(socket, 'a', '2');
    expect(bench.agent.stats().queued).toBe(1);
    ends(bench, socket);
    expect(bench.agent.stats()).toMatchObject({ calls: 1, queued: 0 });
    expect(bench.declined).toEqual(reason === undefined ? [] : [{ reason, pattern: 'work' }]);
  });

  test('a call of which the deadline passes in the queue', async () => {
    const { bench, socket } = await serving({ maxConcurrency: 1, maxQueue: 5, maxQueueWait: 5000 });
    calls(socket, 'a', '1');
    calls(socket, 'a', '2', { timeout: 50 });
    bench.clock.advance(60);
    expect(bench.agent.stats()).toMatchObject({ calls: 1, pending: 1, refused: { expired: 1 } });
    expect(bench.declined).toEqual([{ reason: 'expired', pattern: 'work' }]);
  });

  test('a call that comes again', async () => {
    const { bench, socket } = await serving({ replayWindow: 10_000 });
    calls(socket, 'a', '1');
    calls(socket, 'a', '1');
    bench.calls[0]?.last(encodeBody('done'));
    calls(socket, 'a', '1');
    expect(counted(bench.agent.stats())).toEqual({ calls: 1, measured: 1 });
  });
});

test('a declined call is refused before anybody is told', async () => {
  const { bench, socket } = await serving();
  calls(socket, 'a', '1');
  bench.calls[0]?.decline('may-have-run', 'it may have run');
  expect(bench.declined).toEqual([{ reason: 'may-have-run', pattern: 'work' }]);
  expect(bench.agent.stats().refused).toEqual({ 'may-have-run': 1 });
  expect(answersTo(socket, 'a')).toEqual(['1 refused may-have-run']);
});

test('latency includes the time in the queue', async () => {
  const { bench, socket } = await serving({ maxConcurrency: 1, maxQueue: 5, maxQueueWait: 5000 });
  calls(socket, 'a', '1');
  calls(socket, 'a', '2');
  bench.clock.advance(40);
  bench.calls[0]?.last(encodeBody('done'));
  bench.clock.advance(60);
  bench.calls[1]?.last(encodeBody('done'));
  expect(bench.agent.stats().latency).toMatchObject({ count: 2, sumMs: 140, maxMs: 100 });
});

test('patterns without a handler, which clients can make up, are counted together', async () => {
  const { bench, socket } = await serving({ hasHandler: (pattern) => pattern === 'work' });
  calls(socket, 'a', '1');
  for (let n = 0; n < 300; n++) calls(socket, 'a', `made up ${n}`, { pattern: `made.up.${n}` });
  const { patterns, otherPatterns } = bench.agent.stats();
  expect(Object.keys(patterns)).toEqual(['work']);
  expect(otherPatterns.calls).toBe(300);
});

test('clients of the older dialects, which have no id, are counted together', async () => {
  const { bench, socket } = await serving();
  callsUntyped(socket, 'old', '1');
  callsUntyped(socket, 'older', '1');
  const { callers, otherCallers } = bench.agent.stats();
  expect(callers).toEqual({});
  expect(otherCallers).toMatchObject({ calls: 2, pending: 2 });
});

test('clients that come and go are bounded, and none of their calls is lost', async () => {
  const { bench, socket } = await serving();
  bench.whenCalled = (call) => call.last(encodeBody('done'));
  for (let n = 0; n < 500; n++) {
    says(socket, `client ${n}`);
    calls(socket, `client ${n}`, '1');
  }
  const { calls: all, callers, otherCallers } = bench.agent.stats();
  expect(Object.keys(callers)).toHaveLength(200);
  expect(callers).toHaveProperty(['client 499']);
  expect([all, otherCallers.calls]).toEqual([500, 300]);
});

test('bytes are counted, and stay counted when the server has closed', async () => {
  const { bench, socket } = await serving();
  calls(socket, 'a', '1');
  bench.calls[0]?.last(encodeBody('x'.repeat(1000)));
  const { bytesSent, bytesReceived } = bench.agent.stats();
  expect(bytesSent).toBeGreaterThan(1000);
  expect(bytesReceived).toBeGreaterThan(0);
  bench.agent.close();
  expect(bench.agent.stats()).toMatchObject({ bytesSent, bytesReceived });
});

test('the figures for gauges are those of the statistics', async () => {
  const { bench, socket } = await serving({ maxConcurrency: 1, maxQueue: 5, maxQueueWait: 5000 });
  expect(bench.agent.figures()).toEqual({ running: 0, queued: 0 });
  for (const id of ['1', '2', '3']) calls(socket, 'a', id);
  expect(bench.agent.figures()).toEqual({ running: 1, queued: 2 });
  expect(bench.agent.stats()).toMatchObject(bench.agent.figures());
  bench.calls[0]?.last(encodeBody('done'));
  expect(bench.agent.figures()).toEqual({ running: 1, queued: 1 });
  expect(bench.agent.stats()).toMatchObject(bench.agent.figures());
});
