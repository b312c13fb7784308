import { describe, expect, test } from 'vitest';
import type { AttemptObserver } from '../../../lib/agents/client/call-contract.js';
import type { ClientCallStats } from '../../../lib/agents/client/client-stats.js';
import type { Request } from '../../../lib/protocol/messages.js';
import {
  A,
  B,
  type CallOptions,
  callRequest,
  type BenchOptions,
  ClientBench,
} from '../../support/client-bench.js';

/** Writes down what it is told of attempts. */
function watching() {
  const told: string[] = [];
  const observer: AttemptObserver = {
    attemptSent: ({ endpoint, number, reason }) =>
      told.push(`${nameOf(endpoint)} ${reason} ${number}`),
    attemptEnded: ({ endpoint }, outcome) => told.push(`${nameOf(endpoint)} ${outcome}`),
  };
  return { told, observer };
}

const nameOf = (endpoint: string) => (endpoint === A ? 'A' : 'B');

/** What was counted, without zeros. */
function counted({ latency, errors, ...counts }: ClientCallStats & { refused?: number }) {
  const { calls, pending, cancelled, retried, moved, hedged, refused = 0 } = counts;
  const numbers = { calls, pending, cancelled, retried, moved, hedged, refused };
  const all = { ...numbers, measured: latency.count, ...errors };
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== 0));
}

/** A client that asks its servers in their order. */
class Counted extends ClientBench {
  readonly #watch = watching();

  constructor(options: BenchOptions = {}) {
    super({ balancer: { pick: ([first]) => first }, ...options });
  }

  get told(): string[] {
    return this.#watch.told;
  }

  watched(options: CallOptions = {}) {
    return this.call({ attemptObserver: this.#watch.observer, ...options });
  }

  /** What that server was asked since this was last called. */
  asked(endpoint: string): Request {
    const [request, ...others] = this.server(endpoint).requests();
    if (!request || others.length > 0) throw new Error(`${endpoint} was not asked once`);
    return request;
  }

  answer(endpoint: string, status: 'last' | 'error' | 'refused' = 'last', value: unknown = 'x') {
    this.server(endpoint).reply(this.asked(endpoint), value, status);
  }

  get counts() {
    const { endpoints, ...all } = this.agent.stats();
    const of = (endpoint: string) => endpoints[endpoint] && counted(endpoints[endpoint]);
    return { all: counted(all), A: of(A), B: of(B) };
  }
}

const up = (options: BenchOptions = {}) => {
  const bench = new Counted(options);
  bench.up(...Object.keys(bench.agent.stats().endpoints));
  return bench;
};

const alone = (options: BenchOptions = {}) => up({ endpoints: [A], ...options });

interface Ending {
  readonly bench?: () => Counted;
  readonly options?: CallOptions;
  readonly ends?: (bench: Counted, call: ReturnType<Counted['watched']>) => void;
  readonly all: Record<string, number>;
  readonly A?: Record<string, number>;
  readonly B?: Record<string, number>;
  readonly told?: readonly string[];
}

const ENDINGS: Record<string, Ending> = {
  'is answered': {
    ends: (bench) => bench.answer(A),
    all: { calls: 1, measured: 1 },
    A: { calls: 1, measured: 1 },
    told: ['A first 1', 'A completed'],
  },
  'is an event, and is accepted': {
    options: { kind: 'event' },
    ends: (bench) => {
      const [event] = bench.server(A).told();
      if (event?.type !== 'event') throw new Error('no event came');
      bench.server(A).connection.says({ type: 'ack', id: event.id });
    },
    all: { calls: 1, measured: 1 },
    A: { calls: 1, measured: 1 },
    told: ['A first 1', 'A completed'],
  },
  'is answered with an error': {
    ends: (bench) => bench.answer(A, 'error'),
    all: { calls: 1, measured: 1, HANDLER: 1 },
    A: { calls: 1, measured: 1, HANDLER: 1 },
    told: ['A first 1', 'A failed'],
  },
  'is answered with what cannot be read': {
    ends: (bench) => {
      const request = bench.asked(A);
      if (request.dialect !== 'negotiated') throw new Error('a strange dialect');
      bench.server(A).connection.says({
        type: 'reply',
        dialect: 'negotiated',
        id: request.id,
        body: Buffer.from('{'),
        headers: { status: 'last', type: 'json' },
      });
    },
    all: { calls: 1, measured: 1, PROTOCOL: 1 },
    A: { calls: 1, measured: 1, PROTOCOL: 1 },
    told: ['A first 1', 'A unreadable'],
  },
  'is lost, and must not run twice': {
    options: { idempotent: false },
    ends: (bench) => bench.server(A).lost(),
    all: { calls: 1, measured: 1, ECONNRESET: 1 },
    A: { calls: 1, measured: 1, ECONNRESET: 1 },
    told: ['A first 1', 'A lost'],
  },
  'is lost, and answered elsewhere': {
    ends: (bench) => {
      bench.asked(A);
      bench.server(A).lost();
      bench.answer(B);
    },
    all: { calls: 1, measured: 1, retried: 1 },
    A: { calls: 1, measured: 1, ECONNRESET: 1 },
    B: { calls: 1, measured: 1, retried: 1 },
    told: ['A first 1', 'A lost', 'B retry 2', 'B completed'],
  },
  'breaks after its first value': {
    ends: (bench) => {
      bench.server(A).reply(bench.asked(A), 1, 'next').lost();
    },
    all: { calls: 1, measured: 1, STREAM_BROKEN: 1 },
    A: { calls: 1, measured: 1, ECONNRESET: 1 },
    told: ['A first 1', 'A lost'],
  },
  'is refused, and answered elsewhere': {
    ends: (bench) => {
      bench.answer(A, 'refused', { reason: 'draining' });
      bench.answer(B);
    },
    all: { calls: 1, measured: 1, moved: 1 },
    A: { calls: 1, refused: 1 },
    B: { calls: 1, measured: 1, moved: 1 },
    told: ['A first 1', 'A refused', 'B move 1', 'B completed'],
  },
  'is refused by all, twice': {
    bench: alone,
    ends: (bench) => {
      bench.answer(A, 'refused', { reason: 'busy' });
      bench.beat(110, A);
      bench.answer(A, 'refused', { reason: 'busy' });
    },
    all: { calls: 1, measured: 1, moved: 1, OVERLOADED: 1 },
    A: { calls: 2, refused: 2, moved: 1 },
    told: ['A first 1', 'A refused', 'A move 1', 'A refused'],
  },
  'does not leave, and is answered elsewhere': {
    bench: () => {
      const bench = up();
      bench.server(A).connection.takes = false;
      return bench;
    },
    ends: (bench) => {
      bench.turns.end();
      bench.server(A).connection.undelivered();
      bench.answer(B);
    },
    all: { calls: 1, measured: 1, moved: 1 },
    A: { calls: 1, refused: 1 },
    B: { calls: 1, measured: 1, moved: 1 },
    told: ['A first 1', 'A undelivered', 'B move 1', 'B completed'],
  },
  'has no answer in time, and nowhere else to go': {
    bench: alone,
    options: { requestTimeout: 300 },
    ends: (bench) => bench.beat(1000, A),
    all: { calls: 1, measured: 1, ETIMEDOUT: 1 },
    A: { calls: 1, measured: 1, ETIMEDOUT: 1 },
    told: ['A first 1', 'A timed-out'],
  },
  'has no answer in time, and is answered elsewhere': {
    options: { requestTimeout: 300 },
    ends: (bench) => {
      bench.beat(310, A, B);
      bench.answer(B);
    },
    all: { calls: 1, measured: 1, retried: 1 },
    A: { calls: 1, measured: 1, ETIMEDOUT: 1 },
    B: { calls: 1, measured: 1, retried: 1 },
    told: ['A first 1', 'B retry 2', 'A timed-out', 'B completed'],
  },
  'is answered late': {
    bench: alone,
    options: { requestTimeout: 300 },
    ends: (bench) => {
      bench.beat(310, A);
      bench.answer(A);
    },
    all: { calls: 1, measured: 1 },
    A: { calls: 1, measured: 1 },
    told: ['A first 1', 'A completed'],
  },
  'is hedged, and the hedge is faster': {
    options: { hedge: { after: 50, max: 1 } },
    ends: (bench) => {
      bench.clock.advance(50);
      bench.answer(B);
    },
    all: { calls: 1, measured: 1, hedged: 1 },
    A: { calls: 1, cancelled: 1 },
    B: { calls: 1, measured: 1, hedged: 1 },
    told: ['A first 1', 'B hedge 2', 'A outrun', 'B completed'],
  },
  'is hedged, and the hedge is slower': {
    options: { hedge: { after: 50, max: 1 } },
    ends: (bench) => {
      bench.clock.advance(50);
      bench.answer(A, 'error');
    },
    all: { calls: 1, measured: 1, hedged: 1, HANDLER: 1 },
    A: { calls: 1, measured: 1, HANDLER: 1 },
    B: { calls: 1, cancelled: 1, hedged: 1 },
    told: ['A first 1', 'B hedge 2', 'B outrun', 'A failed'],
  },
  'is hedged, and both are lost': {
    options: { hedge: { after: 50, max: 1 }, maxAttempts: 2 },
    ends: (bench) => {
      bench.clock.advance(50);
      bench.server(A).lost();
      bench.server(B).lost();
    },
    all: { calls: 1, measured: 1, hedged: 1, ECONNRESET: 1 },
    A: { calls: 1, measured: 1, ECONNRESET: 1 },
    B: { calls: 1, measured: 1, hedged: 1, ECONNRESET: 1 },
    told: ['A first 1', 'B hedge 2', 'A lost', 'B lost'],
  },
  'is cancelled': {
    ends: (_bench, call) => call.cancel(),
    all: { calls: 1, cancelled: 1 },
    A: { calls: 1, cancelled: 1 },
    told: ['A first 1', 'A abandoned'],
  },
  'is cancelled twice, and once more after its end': {
    ends: (bench, call) => {
      call.cancel();
      call.cancel();
      bench.answer(A);
      call.cancel();
    },
    all: { calls: 1, cancelled: 1 },
    A: { calls: 1, cancelled: 1 },
    told: ['A first 1', 'A abandoned'],
  },
  'has its deadline pass': {
    options: { timeout: 200 },
    ends: (bench) => bench.clock.advance(200),
    all: { calls: 1, measured: 1, ETIMEDOUT: 1 },
    A: { calls: 1, measured: 1, ETIMEDOUT: 1 },
    told: ['A first 1', 'A timed-out'],
  },
  'has its deadline pass while it waits for a server': {
    bench: () => new Counted(),
    options: { timeout: 200 },
    ends: (bench) => bench.clock.advance(200),
    all: { calls: 1, measured: 1, ETIMEDOUT: 1 },
  },
  'finds no server': {
    bench: () => new Counted(),
    ends: (bench) => bench.clock.advance(6000),
    all: { calls: 1, measured: 1, ECONNREFUSED: 1 },
  },
  'is cancelled while it waits for a server': {
    bench: () => new Counted(),
    ends: (_bench, call) => call.cancel(),
    all: { calls: 1, cancelled: 1 },
  },
  'ends with its client': {
    ends: (bench) => bench.agent.close(),
    all: { calls: 1, measured: 1, CLOSED: 1 },
    A: { calls: 1, cancelled: 1 },
    told: ['A first 1', 'A abandoned'],
  },
  'begins after its client was closed': {
    bench: () => {
      const bench = up();
      bench.agent.close();
      return bench;
    },
    all: { calls: 1, measured: 1, CLOSED: 1 },
  },
  'is one more than maxPending allows': {
    bench: () => up({ maxPending: 0 }),
    all: { calls: 1, measured: 1, OVERLOADED: 1 },
  },
  'has a balancer that throws': {
    bench: () =>
      up({
        balancer: {
          pick: () => {
            throw new Error('of the user');
          },
        },
      }),
    all: { calls: 1, measured: 1, BALANCER: 1 },
  },
};

describe('a call is counted once, in all and at each server that had it, which', () => {
  test.each(Object.entries(ENDINGS))(
    '%s',
    (_, { bench: make = up, options, ends, ...expected }) => {
      const bench = make();
      const call = bench.watched(options);
      ends?.(bench, call);
      const { all, A: atA = {}, B: atB = {}, told = [] } = expected;
      expect(bench.counts).toEqual({
        all,
        A: atA,
        B: bench.counts.B && atB,
      });
      expect(bench.told).toEqual(told);
      const { patterns } = bench.agent.stats();
      expect(Object.keys(patterns)).toEqual(['echo']);
      expect(patterns['echo'] && counted(patterns['echo'])).toEqual(all);
    },
  );
});

test('a call in flight is pending, in all, by pattern and at its server', () => {
  const bench = up();
  bench.watched();
  const one = { calls: 1, pending: 1 };
  expect(bench.counts).toEqual({ all: one, A: one, B: {} });
  expect(bench.agent.stats().patterns).toMatchObject({ echo: one });
});

test('a broadcast is a call for each server', () => {
  const bench = up();
  bench.agent.broadcast(callRequest(), { next: () => {}, done: () => {}, error: () => {} });
  bench.answer(A);
  bench.server(B).lost();
  expect(bench.counts).toEqual({
    all: { calls: 2, measured: 2, ECONNRESET: 1 },
    A: { calls: 1, measured: 1 },
    B: { calls: 1, measured: 1, ECONNRESET: 1 },
  });
});

test('a call that goes elsewhere because its server fell silent is hedged', () => {
  const bench = up();
  bench.watched();
  bench.beat(2010, B);
  bench.answer(B);
  expect(bench.counts).toEqual({
    all: { calls: 1, measured: 1, hedged: 1 },
    A: { calls: 1, cancelled: 1 },
    B: { calls: 1, measured: 1, hedged: 1 },
  });
});

test('a server that was removed still counts in all, and so do its bytes', () => {
  const bench = up();
  bench.watched();
  bench.answer(A);
  const { bytesSent, bytesReceived } = bench.agent.stats();
  bench.remove(A);
  const after = bench.agent.stats();
  expect(Object.keys(after.endpoints)).toEqual([B]);
  expect(counted(after)).toEqual({ calls: 1, measured: 1 });
  expect(after.bytesSent).toBeGreaterThanOrEqual(bytesSent);
  expect(after.bytesReceived).toBe(bytesReceived);
});

test('bytes add up over the connections of a server, and over the servers', () => {
  const bench = up();
  bench.watched({ data: 'x'.repeat(1000) });
  bench.answer(A, 'last', 'y'.repeat(2000));
  const before = bench.agent.stats();
  expect(before.endpoints[A]?.bytesSent).toBeGreaterThan(1000);
  expect(before.endpoints[A]?.bytesReceived).toBeGreaterThan(2000);
  expect(before.endpoints[B]?.bytesReceived).toBeLessThan(1000);
  bench.server(A).lost();
  bench.clock.advance(200);
  bench.up(A);
  const { endpoints, bytesSent, bytesReceived } = bench.agent.stats();
  const atBoth = [endpoints[A], endpoints[B]].map((at) => [at?.bytesSent, at?.bytesReceived]);
  expect(atBoth[0]?.[0]).toBeGreaterThan(before.endpoints[A]?.bytesSent ?? NaN);
  expect([bytesSent, bytesReceived]).toEqual(
    [0, 1].map((way) => atBoth.reduce((sum, at) => sum + (at[way] ?? NaN), 0)),
  );
});

test('failovers tell where a call was, and why it went', () => {
  const bench = up();
  bench.watched();
  bench.asked(A);
  bench.server(A).lost('the connection was reset');
  expect(bench.failovers).toEqual([
    {
      pattern: 'echo',
      reason: 'retry',
      endpoint: B,
      from: A,
      outcome: 'the connection was reset',
    },
  ]);
});

describe('an observer of attempts', () => {
  test.each(['attemptSent', 'attemptEnded'] as const)('may close the client in %s', (when) => {
    const bench = up();
    const observer = { attemptSent: () => {}, attemptEnded: () => {} };
    observer[when] = () => bench.agent.close();
    const call = bench.call({ attemptObserver: observer });
    if (when === 'attemptEnded') bench.answer(A);
    expect(call.ends).toHaveLength(1);
    expect(bench.counts.all).toMatchObject({ calls: 1, measured: 1 });
    expect(bench.counts.all).not.toHaveProperty('pending');
  });

  test('may call again, without end', () => {
    const bench = up();
    let more = 3;
    const observer: AttemptObserver = {
      attemptSent: () => {
        if (more-- > 0) bench.call({ attemptObserver: observer });
      },
      attemptEnded: () => {},
    };
    bench.call({ attemptObserver: observer });
    expect(bench.counts.all).toEqual({ calls: 4, pending: 4 });
  });

  test('that throws harms no other call, and not its own', () => {
    const bench = up();
    const observer: AttemptObserver = {
      attemptSent: () => {
        throw new Error('of the observer');
      },
      attemptEnded: () => {
        throw new Error('of the observer');
      },
    };
    const other = bench.call();
    const [first] = bench.server(A).requests();
    expect(() => bench.call({ attemptObserver: observer })).toThrow('of the observer');
    expect(() => bench.answer(A)).toThrow('of the observer');
    if (first) bench.server(A).reply(first, 'x');
    expect(other).toMatchObject({ values: ['x'], ends: ['complete'] });
    expect(bench.counts.all).toEqual({ calls: 2, measured: 2 });
  });
});

test('the figures for gauges are those of the statistics', () => {
  const bench = new Counted();
  const figures = () => {
    const { pending, endpoints, zone, priorities, discovery } = bench.agent.stats();
    const states = Object.values(endpoints).map(({ state }) => state);
    return { pending, states, zone, priorities, discovery };
  };
  bench.up(A);
  bench.call();
  bench.call();
  expect(bench.agent.figures()).toMatchObject({ pending: 2, states: ['alive', 'connecting'] });
  expect(bench.agent.figures()).toEqual(figures());
  const held = bench.agent.hold('serializer', 1000, () => {});
  bench.agent.replaceServers([{ endpoint: A }]);
  expect(bench.agent.figures()).toMatchObject({ pending: 3, states: ['alive'] });
  expect(bench.agent.figures()).toEqual(figures());
  held.release();
  bench.agent.close();
  expect(bench.agent.figures()).toEqual(figures());
});
