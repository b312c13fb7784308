import { describe, expect, test } from 'vitest';
import { OpenLoop } from '../../../lib/cli/bench/open-loop.js';
import { ManualLoadClock, ManualServer } from './manual-load.js';

function openLoop(rate: number, { mostInFlight = 1000, answerMs = 1 } = {}) {
  const clock = new ManualLoadClock();
  const server = new ManualServer(clock, answerMs);
  const begun: number[] = [];
  const latencies: number[] = [];
  const load = new OpenLoop(rate, mostInFlight, server.begin, clock, (at) => {
    begun.push(at);
    return () => latencies.push(clock.now() - at);
  });
  return { clock, server, load, begun, latencies };
}

describe('an open loop', () => {
  test('begins calls at its rate, whatever their answers do', () => {
    const { clock, load, server } = openLoop(100, { answerMs: 5000 });
    load.start(Infinity);
    clock.advance(1001);
    // One at the beginning, then one each 10 ms.
    expect(server.calls).toHaveLength(101);
    expect(load.inFlight).toBe(101);
  });

  test('begins several in one turn, if the rate is more than turns', () => {
    const { clock, load, server } = openLoop(100_000);
    load.start(Infinity);
    clock.advance(100);
    expect(server.calls.length).toBeGreaterThanOrEqual(9990);
  });

  test('begins each within a turn of when it is due', () => {
    const { clock, load, server, begun } = openLoop(37);
    load.start(Infinity);
    clock.advance(2000);
    for (const [at, call] of server.calls.entries()) {
      expect(call.begunAt - (begun[at] ?? 0)).toBeLessThanOrEqual(0.051);
    }
  });

  test('measures from when a call was due: a pause counts for all calls that it delayed', () => {
    // 2 calls at a time: during the pause, nothing can begin.
    const { clock, load, server, latencies } = openLoop(100, { mostInFlight: 2 });
    load.start(Infinity);
    clock.advance(500);
    server.standStill(1000);
    clock.advance(2000);
    const slow = latencies.filter((ms) => ms > 100);
    // 100 calls were due in that second. A load that waits for answers would have seen two of them.
    expect(slow.length).toBeGreaterThan(85);
    expect(Math.max(...latencies)).toBeGreaterThan(990);
  });

  test('has at most so many in flight, and tells how many have not begun', () => {
    const { clock, load } = openLoop(100, { mostInFlight: 5, answerMs: 100_000 });
    load.start(Infinity);
    clock.advance(1000);
    expect(load.inFlight).toBe(5);
    expect(load.overdue).toBe(95);
  });

  test('begins what is due when it is stopped, so that nothing is overdue where there was room', () => {
    const { clock, load } = openLoop(100, { answerMs: 100_000 });
    load.start(Infinity);
    clock.advance(95);
    // The turn that would have begun it came too late.
    clock.freeze(10);
    load.stop();
    expect(load.overdue).toBe(0);
    expect(load.inFlight).toBe(11);
  });

  test('begins nothing after it was stopped, and can cancel what is in flight', () => {
    const { clock, load, server } = openLoop(100, { answerMs: 100_000 });
    load.start(Infinity);
    clock.advance(100);
    load.stop();
    const { length } = server.calls;
    clock.advance(1000);
    expect(server.calls).toHaveLength(length);
    load.cancel();
    expect(server.cancelled).toBe(length);
    expect(load.inFlight).toBe(0);
  });
});
