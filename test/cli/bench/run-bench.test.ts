import { describe, expect, test } from 'vitest';
import { noClientStats, type ClientStats } from '../../../lib/agents/client/client-stats.js';
import { type BenchPlan, type BenchProgress, runBench } from '../../../lib/cli/bench/run-bench.js';
import { ManualLoadClock, ManualServer } from './manual-load.js';

const CLOSED: BenchPlan = {
  load: { type: 'closed', concurrency: 2 },
  warmUpMs: 1000,
  durationMs: 5000,
  graceMs: 1000,
};

/** Lets promises settle between steps of the clock. */
async function advance(clock: ManualLoadClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10);
    await new Promise(setImmediate);
  }
}

function bench(plan: BenchPlan, { answerMs = 10, stats = noClientStats } = {}) {
  const clock = new ManualLoadClock();
  const server = new ManualServer(clock, answerMs);
  const interruption = new AbortController();
  const progress: BenchProgress['phase'][] = [];
  const running = runBench(
    plan,
    { begin: server.begin, stats },
    { clock, interrupted: interruption.signal, progress: ({ phase }) => progress.push(phase) },
  );
  return { clock, server, running, interruption, progress };
}

describe('a bench', () => {
  test('measures the calls that began after the warm-up, and no others', async () => {
    const { clock, running, progress } = bench(CLOSED);
    await advance(clock, 7000);
    const result = await running;
    // Two callers, with a call each 10 ms, for 5 s.
    expect(result).toMatchObject({
      calls: 1000,
      answered: 1000,
      failed: 0,
      unfinished: 0,
      isInterrupted: false,
    });
    expect(result.perSecond).toBeCloseTo(200, 0);
    expect(result.latency.p50Ms).toBeGreaterThan(9.8);
    expect(result.latency.maxMs).toBeCloseTo(10);
    expect(new Set(progress)).toEqual(new Set(['warming up', 'measuring']));
  });

  test('waits for answers that come after its time, and counts that time', async () => {
    const { clock, running } = bench({ ...CLOSED, graceMs: 10_000 }, { answerMs: 4000 });
    await advance(clock, 13_000);
    // Measuring begins after 4 s, when the calls of the warm-up have ended. The last ones begin 4 s later, and take 4 s.
    expect(await running).toMatchObject({ calls: 4, answered: 4, unfinished: 0, elapsedMs: 8000 });
  });

  test('cancels calls that never end', async () => {
    const { clock, server, running } = bench({ ...CLOSED, warmUpMs: 0 }, { answerMs: 1_000_000 });
    await advance(clock, 7000);
    expect(await running).toMatchObject({ calls: 2, answered: 0, unfinished: 2 });
    expect(server.cancelled).toBe(2);
  });

  test('that is interrupted has what was measured so far', async () => {
    const { clock, running, interruption } = bench(CLOSED);
    await advance(clock, 3000);
    interruption.abort('SIGINT');
    const result = await running;
    expect(result.isInterrupted).toBe(true);
    expect(result.answered).toBeGreaterThan(390);
    expect(result.elapsedMs).toBeCloseTo(2000);
    expect(result.perSecond).toBeCloseTo(200, -1);
  });

  test('that is interrupted while it warms up has measured nothing', async () => {
    const { clock, running, interruption } = bench(CLOSED);
    await advance(clock, 500);
    interruption.abort('SIGINT');
    expect(await running).toMatchObject({ calls: 0, answered: 0, notBegun: 0, perSecond: 0 });
  });

  test('with a rate that is too much tells how many calls did not begin', async () => {
    const load = { type: 'open', rate: 100, mostInFlight: 1 } as const;
    const { clock, running } = bench({ ...CLOSED, load, warmUpMs: 0 }, { answerMs: 20 });
    await advance(clock, 7000);
    const { answered, notBegun, latency } = await running;
    // It can take 50 a second. The last one to begin was due 2.5 s before.
    expect(answered).toBeGreaterThan(240);
    expect(answered + notBegun).toBe(500);
    expect(latency.maxMs).toBeGreaterThan(2400);
  });

  test('measures nothing that was overdue from the warm-up', async () => {
    const load = { type: 'open', rate: 100, mostInFlight: 1 } as const;
    const { clock, running } = bench({ ...CLOSED, load, warmUpMs: 5000 }, { answerMs: 20 });
    await advance(clock, 12_000);
    // At the end of the warm-up, calls that were due 2.5 s before would still have to begin.
    const { answered, notBegun, latency } = await running;
    expect(answered).toBeGreaterThan(240);
    expect(answered + notBegun).toBeLessThanOrEqual(501);
    expect(latency.maxMs).toBeLessThan(2600);
  });

  test.each(['closed', 'open'] as const)(
    'attributes to servers what it measures, and no call of the warm-up: %s loop',
    async (type) => {
      const load =
        type === 'closed'
          ? ({ type, concurrency: 7 } as const)
          : ({ type, rate: 300, mostInFlight: 100 } as const);
      let begun = 0;
      let ended = 0;
      const stats = () => {
        const endpoint = { calls: begun, errors: { HANDLER: ended }, state: 'alive' };
        return {
          ...noClientStats(),
          endpoints: { 'tcp://a:1': endpoint },
        } as unknown as ClientStats;
      };
      const { clock, server, running } = bench({ ...CLOSED, load }, { answerMs: 37, stats });
      server.begins = () => begun++;
      server.ends = () => ended++;
      // Timers are late: it ends after its time.
      await advance(clock, 1000);
      clock.advance(23);
      await advance(clock, 4990);
      clock.advance(31);
      await advance(clock, 1000);
      const { calls, answered, servers } = await running;
      expect(calls).toBeGreaterThan(900);
      expect(answered).toBe(calls);
      expect(servers).toMatchObject([{ attempts: calls, failed: calls }]);
    },
  );

  test("tells each server's share of what happened while it measured", async () => {
    let looks = 0;
    const endpoint = (calls: number, failed: number) => ({
      calls,
      errors: { HANDLER: failed },
      serverId: 'one',
      state: 'alive',
    });
    const stats = () => {
      const isFirst = looks++ === 0;
      const endpoints = {
        'tcp://a:1': isFirst ? endpoint(10, 1) : endpoint(40, 3),
        'tcp://b:1': isFirst ? endpoint(10, 0) : endpoint(20, 0),
      };
      return { ...noClientStats(), retried: isFirst ? 5 : 7, endpoints } as unknown as ClientStats;
    };
    const { clock, running } = bench(CLOSED, { stats });
    await advance(clock, 7000);
    const { servers, retried } = await running;
    expect(retried).toBe(2);
    expect(servers).toEqual([
      {
        endpoint: 'tcp://a:1',
        serverId: 'one',
        attempts: 30,
        share: 0.75,
        failed: 2,
        state: 'alive',
      },
      {
        endpoint: 'tcp://b:1',
        serverId: 'one',
        attempts: 10,
        share: 0.25,
        failed: 0,
        state: 'alive',
      },
    ]);
  });
});
