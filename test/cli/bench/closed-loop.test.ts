import { describe, expect, test } from 'vitest';
import { ClosedLoop } from '../../../lib/cli/bench/closed-loop.js';
import type { BeginCall, CallOutcome } from '../../../lib/cli/bench/load.js';
import { ANSWERED, ManualLoadClock, ManualServer } from './manual-load.js';

const FAILED: CallOutcome = { type: 'failed', kind: 'OVERLOADED', message: 'too much' };
const listener = () => () => {};

describe('a closed loop', () => {
  test('has so many calls in flight, each of which follows an answer', () => {
    const clock = new ManualLoadClock();
    const server = new ManualServer(clock, 10);
    const load = new ClosedLoop(3, server.begin, clock, listener);
    load.start(Infinity);
    expect(load.inFlight).toBe(3);
    clock.advance(95);
    expect(server.calls).toHaveLength(30);
    expect(load.inFlight).toBe(3);
  });

  test('pauses after a failure, so that what fails at once does not keep the event loop busy', () => {
    const clock = new ManualLoadClock();
    let calls = 0;
    const begin: BeginCall = (ended) => {
      calls++;
      ended(FAILED);
      return () => {};
    };
    new ClosedLoop(2, begin, clock, listener).start(Infinity);
    clock.advance(100);
    expect(calls).toBe(202);
  });

  test('does not recurse if a call is answered before it has returned', () => {
    const clock = new ManualLoadClock();
    let calls = 0;
    const begin: BeginCall = (ended) => {
      calls++;
      ended(ANSWERED);
      return () => {};
    };
    new ClosedLoop(1, begin, clock, listener).start(Infinity);
    expect(calls).toBe(1);
    clock.advance(1000);
    expect(calls).toBeGreaterThan(15_000);
  });

  test('begins nothing after it was stopped', () => {
    const clock = new ManualLoadClock();
    const server = new ManualServer(clock, 10);
    const load = new ClosedLoop(3, server.begin, clock, listener);
    load.start(Infinity);
    load.stop();
    clock.advance(1000);
    expect(server.calls).toHaveLength(3);
    expect(load.inFlight).toBe(0);
  });
});
