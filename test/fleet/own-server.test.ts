import { describe, expect, test } from 'vitest';
import { CallMeter } from '../../lib/agents/call-meter.js';
import { ClientCallMeter } from '../../lib/agents/client/client-call-meter.js';
import { type EndpointStats, noClientStats } from '../../lib/agents/client/client-stats.js';
import { noServerStats, type ServerStats } from '../../lib/agents/server/server-stats.js';
import { FleetWatch } from '../../lib/fleet/fleet-watch.js';
import type { FleetSnapshot } from '../../lib/fleet/snapshot.js';
import type { NamedClient } from '../../lib/fleet/watched-client.js';
import { eventually } from '../support/eventually.js';
import { ManualClock } from '../support/manual-clock.js';

/** A server of this process, played by the test. */
class PlayedServer {
  endpoints: string[] = ['tcp://127.0.0.1:7'];
  readonly meter = new CallMeter<'HANDLER'>();
  readonly caller = new CallMeter<'HANDLER'>();
  change: Partial<ServerStats> = {};
  ready = true;

  isReady(): Promise<boolean> {
    return Promise.resolve(this.ready);
  }

  stats(): ServerStats {
    const own = this.meter.stats();
    const callers = { shop: this.caller.stats() };
    return { ...noServerStats(), ...own, patterns: { sum: own }, callers, ...this.change };
  }

  serves(calls: number, failed = 0): void {
    for (let call = 0; call < calls; call++) {
      for (const meter of [this.meter, this.caller]) {
        meter.began();
        if (call < failed) meter.failed('HANDLER', 4);
        else meter.answered(4);
      }
    }
  }
}

/** A client of this process that calls one server, and sees it alive. */
class PlayedClient {
  readonly id = 'client-1';
  readonly meter = new ClientCallMeter();
  readonly listeners = new Map<string, (endpoint: string, reason: string) => void>();

  constructor(
    readonly endpoint: string,
    readonly pattern: string,
  ) {}

  stats(): ReturnType<NamedClient['client']['stats']> {
    const calls = this.meter.stats();
    const endpoint = { ...calls, state: 'alive', refused: 0 } as EndpointStats;
    return {
      ...noClientStats(),
      ...calls,
      patterns: { [this.pattern]: calls },
      endpoints: { [this.endpoint]: endpoint },
    };
  }

  on(event: string, listener: (endpoint: string, reason: string) => void): () => void {
    this.listeners.set(event, listener);
    return () => void this.listeners.delete(event);
  }

  calls(count: number, end: 'answered' | 'HANDLER' | 'ETIMEDOUT' = 'answered'): void {
    for (let call = 0; call < count; call++) {
      this.meter.began();
      if (end === 'answered') this.meter.answered(4);
      else this.meter.failed(end, 4);
    }
  }
}

function bench(clients: Record<string, PlayedClient> = {}) {
  const played = new PlayedServer();
  const clock = new ManualClock();
  const watch = new FleetWatch(
    {
      servers: [{ name: 'own', server: played }],
      clients: Object.entries(clients).map(([name, client]) => ({ name, client })),
    },
    {
      now: () => clock.now(),
      after: (ms, run) => clock.after(ms, run),
      date: () => clock.now(),
    },
  );
  const told: FleetSnapshot[] = [];
  watch.start((snapshot) => void told.push(snapshot));
  // From the middle of one interval to that of the next: what a test does is read, and told, in between.
  clock.advance(500);
  /** What is told after so many more intervals. */
  const later = (seconds = 1): FleetSnapshot => {
    clock.advance(seconds * 1000);
    const snapshot = told.at(-1);
    if (!snapshot) throw new Error('nothing was told');
    return snapshot;
  };
  return { played, later };
}

describe('servers of this process', () => {
  test('are told with what they did in the last interval', () => {
    const { played, later } = bench();
    // Read once, when the watch was started.
    expect(later(0.2).servers[0]?.ratesOverMs).toBeUndefined();
    expect(later(0.8).servers[0]?.ratesOverMs).toBe(1000);
    played.serves(10, 2);
    const rates = { callsPerSecond: 10, errorsPerSecond: 2 };
    expect(later()).toMatchObject({
      totals: rates,
      patterns: [{ pattern: 'sum', calls: 10, errors: 2, ...rates }],
      servers: [
        {
          id: 'own',
          endpoint: 'tcp://127.0.0.1:7',
          state: 'alive',
          callers: [{ client: 'shop', callsPerSecond: 10 }],
          ...rates,
        },
      ],
    });
    expect(later().servers[0]).toMatchObject({ callsPerSecond: 0, errorsPerSecond: 0 });
  });

  test('tell the patterns beyond the first 200 together', () => {
    const { played, later } = bench();
    const rest = new CallMeter<'HANDLER'>();
    rest.began();
    played.change = { otherPatterns: rest.stats() };
    expect(later().patterns).toMatchObject([
      { pattern: '(other patterns)', calls: 1, pending: 1 },
      { pattern: 'sum' },
    ]);
  });

  test('are draining, or dead while they do not listen', () => {
    const { played, later } = bench();
    played.change = { isDraining: true };
    expect(later().servers[0]?.state).toBe('draining');
    played.endpoints = [];
    expect(later().servers[0]).toMatchObject({
      state: 'dead',
      reason: 'it does not listen',
      noStats: 'it does not listen',
      endpoint: 'own',
    });
  });

  test('are suspect while they are not ready, as clients see them', async () => {
    const { played, later } = bench();
    played.ready = false;
    await eventually(() => {
      expect(later().servers[0]).toMatchObject({ state: 'suspect', reason: 'it is not ready' });
    });
    played.ready = true;
    await eventually(() => expect(later().servers[0]?.state).toBe('alive'));
  });

  test.each(['tcp://127.0.0.1:7', 'tcp://0.0.0.0:7'])(
    'bound to %s, stand for what a client of this process sees of them: its calls count once',
    (bound) => {
      const inner = new PlayedClient('tcp://127.0.0.1:7', 'sum');
      const outer = new PlayedClient('tcp://10.0.0.1:8', 'pay');
      const { played, later } = bench({ inner, outer });
      played.endpoints = [bound];
      later();
      played.serves(10, 1);
      inner.calls(9);
      inner.calls(1, 'HANDLER');
      outer.calls(4);
      outer.calls(1, 'HANDLER');
      const snapshot = later();
      expect(snapshot.servers).toMatchObject([
        { endpoint: bound, id: 'own', callsPerSecond: 10 },
        { endpoint: 'tcp://10.0.0.1:8', callsPerSecond: 5 },
      ]);
      expect(snapshot.totals).toMatchObject({ callsPerSecond: 15, errorsPerSecond: 2 });
      expect(snapshot.patterns).toMatchObject([
        { pattern: 'sum', calls: 10, errors: 1, callsPerSecond: 10 },
        { pattern: 'pay', calls: 5, errors: 1, callsPerSecond: 5 },
      ]);
      // The lines from that client lead to the server, under the address that it is shown with.
      expect(snapshot.clients[0]?.links).toMatchObject([{ endpoint: bound, callsPerSecond: 10 }]);
    },
  );

  test('what a client sees happen to them is told of them, whatever address it calls them by', () => {
    const inner = new PlayedClient('tcp://127.0.0.1:7', 'sum');
    const { played, later } = bench({ inner });
    played.endpoints = ['tcp://0.0.0.0:7'];
    later();
    inner.listeners.get('down')?.('tcp://127.0.0.1:7', 'the connection was closed');
    expect(later(0.1).events).toMatchObject([
      {
        endpoint: 'tcp://0.0.0.0:7',
        serverId: 'own',
        text: 'is down: the connection was closed, as inner sees it',
      },
    ]);
  });
});

describe('calls that failed without an answer', () => {
  test('are among the errors of their pattern, although its server counts them as none', () => {
    const inner = new PlayedClient('tcp://127.0.0.1:7', 'sum');
    const { played, later } = bench({ inner });
    later();
    played.serves(10, 2);
    inner.calls(8);
    inner.calls(2, 'HANDLER');
    inner.calls(3, 'ETIMEDOUT');
    expect(later()).toMatchObject({
      totals: { callsPerSecond: 10, errorsPerSecond: 5 },
      patterns: [{ pattern: 'sum', calls: 10, errors: 5, callsPerSecond: 10, errorsPerSecond: 5 }],
      // The server answered all that it counts.
      servers: [{ errorsPerSecond: 2 }],
    });
    expect(later()).toMatchObject({
      totals: { errorsPerSecond: 0 },
      patterns: [{ errors: 5, errorsPerSecond: 0 }],
    });
  });

  test('are told of a pattern that no server was called by', () => {
    const inner = new PlayedClient('tcp://127.0.0.1:7', 'pay');
    const { later } = bench({ inner });
    later();
    inner.calls(3, 'ETIMEDOUT');
    expect(later().patterns).toMatchObject([
      { pattern: 'sum', errors: 0 },
      { pattern: 'pay', calls: 0, errors: 3, errorsPerSecond: 3, p99Ms: undefined },
    ]);
  });

  test('of a client that calls no server that tells its patterns count once', () => {
    const outer = new PlayedClient('tcp://10.0.0.1:8', 'pay');
    const { later } = bench({ outer });
    later();
    outer.calls(1);
    outer.calls(3, 'ETIMEDOUT');
    const snapshot = later();
    expect(snapshot.totals).toMatchObject({ callsPerSecond: 4, errorsPerSecond: 3 });
    expect(snapshot.patterns[0]).toMatchObject({ pattern: 'pay', calls: 4, errors: 3 });
  });
});
