import { expect, test } from 'vitest';
import { Gate } from '../../../lib/testing/faults/gate.js';
import { ProcessClock } from '../../../lib/testing/faults/process-clock.js';
import { nextTurn } from '../../../lib/testing/time/event-loop.js';
import { ManualClock } from '../../support/manual-clock.js';

function processClock() {
  const system = new ManualClock();
  const gate = new Gate();
  return { system, gate, clock: new ProcessClock(system, gate) };
}

test('a timer that falls due while the process is frozen fires once it runs again', async () => {
  const { system, gate, clock } = processClock();
  const fired: number[] = [];
  clock.after(100, () => fired.push(clock.now()));
  gate.close();
  system.advance(500);
  expect(fired).toEqual([]);
  gate.open();
  await nextTurn();
  expect(fired).toEqual([1500]);
});

test('a timer that is cancelled before the process runs again does not fire', async () => {
  const { system, gate, clock } = processClock();
  const fired: number[] = [];
  const cancel = clock.after(100, () => fired.push(1));
  gate.close();
  system.advance(500);
  cancel();
  gate.open();
  await nextTurn();
  expect(fired).toEqual([]);
});

test('a timer that is cancelled leaves none of the system behind', () => {
  const { system, clock } = processClock();
  clock.after(100, () => {})();
  expect(system.timers).toBe(0);
});
