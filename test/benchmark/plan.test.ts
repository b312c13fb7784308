import { expect, test } from 'vitest';
import { timesOf } from '../../benchmark/src/run/pace.js';
import { plan, rotated, subjectsOf } from '../../benchmark/src/run/plan.js';
import { calls } from '../../benchmark/src/scenarios/calls.js';
import { idle } from '../../benchmark/src/scenarios/idle.js';
import { payloads } from '../../benchmark/src/scenarios/payloads.js';
import { findScenario, SCENARIOS } from '../../benchmark/src/scenarios/registry.js';

test('cells of one setup share their processes; those of another have their own', () => {
  const blocks = plan([calls, idle], () => true);
  expect(blocks.map(({ scenario, cells }) => [scenario.name, cells.length])).toEqual([
    ['calls', 4],
    ['idle', 1],
    ['idle', 1],
    ['idle', 1],
  ]);
});

test('what has no wanted subject is left out', () => {
  const blocks = plan([payloads, idle], (subject) => subject === 'tcp');
  expect(subjectsOf(blocks)).toEqual(['tcp']);
  expect(blocks.map(({ scenario }) => scenario.name)).toEqual(['payloads']);
  expect(plan([idle], (subject) => subject === 'tcp')).toEqual([]);
});

test('every round begins with another one', () => {
  const rounds = [0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''));
  expect(rounds).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(rotated([], 1)).toEqual([]);
});

test('new processes have a longer warm-up', () => {
  const pace = { rounds: 1, seconds: 2 };
  expect(timesOf(calls, pace, true)).toEqual({ warmUp: 2, measured: 2 });
  expect(timesOf(calls, pace, false)).toEqual({ warmUp: 0.5, measured: 2 });
});

test('a scenario may take another time than the usual', () => {
  expect(timesOf(idle, { rounds: 1, seconds: 0.2 }, false).measured).toBe(2);
  expect(timesOf(payloads, { rounds: 1, seconds: 2 }, false).measured).toBe(1);
});

test('within a scenario a name stands for one cell', () => {
  for (const { name, cells } of SCENARIOS) {
    expect(findScenario(name).name).toBe(name);
    expect(new Set(cells.map((cell) => cell.name)).size).toBe(cells.length);
  }
});
