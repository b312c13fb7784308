import { expect, test } from 'vitest';
import { timesOf } from '../../benchmark/src/run/pace.js';
import { plan, rotated, subjectsOf } from '../../benchmark/src/run/plan.js';
import { calls } from '../../benchmark/src/scenarios/calls.js';
import { idle } from '../../benchmark/src/scenarios/idle.js';
import { payloads } from '../../benchmark/src/scenarios/payloads.js';
import { findScenario, SCENARIOS } from '../../benchmark/src/scenarios/registry.js';

test('cells share processes only if they have the identical setup', () => {
  const blocks = plan([calls, idle], () => true);
  expect(blocks.map(({ scenario, cells }) => [scenario.name, cells.length])).toEqual([
    ['calls', 4],
    ['idle', 1],
    ['idle', 1],
    ['idle', 1],
  ]);
});

test('a scenario without a selected subject is skipped', () => {
  const blocks = plan([payloads, idle], (subject) => subject === 'tcp');
  expect(subjectsOf(blocks)).toEqual(['tcp']);
  expect(blocks.map(({ scenario }) => scenario.name)).toEqual(['payloads']);
  expect(plan([idle], (subject) => subject === 'tcp')).toEqual([]);
});

test('every round starts with another subject', () => {
  const rounds = [0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''));
  expect(rounds).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(rotated([], 1)).toEqual([]);
});

test('new processes have a longer warm-up', () => {
  const pace = { rounds: 1, seconds: 2 };
  const [cell] = calls.cells;
  expect(cell && timesOf(calls, cell, pace, true)).toEqual({ warmUp: 2, measured: 2 });
  expect(cell && timesOf(calls, cell, pace, false)).toEqual({ warmUp: 0.5, measured: 2 });
});

test('cells with few operations per second have a longer warm-up', () => {
  const pace = { rounds: 1, seconds: 2 };
  const warmUpOf = (name: string) => {
    const cell = payloads.cells.find((one) => one.name === name);
    return cell && timesOf(payloads, cell, pace, false).warmUp;
  };
  expect(warmUpOf('64 KB JSON')).toBe(4);
  expect(warmUpOf('64 KB bytes')).toBe(0.5);
});

test('a scenario may override the duration', () => {
  const [idleCell] = idle.cells;
  const [payloadCell] = payloads.cells;
  expect(idleCell && timesOf(idle, idleCell, { rounds: 1, seconds: 0.2 }, false).measured).toBe(2);
  expect(
    payloadCell && timesOf(payloads, payloadCell, { rounds: 1, seconds: 2 }, false).measured,
  ).toBe(1);
});

test('the name of a cell is unique within its scenario', () => {
  for (const { name, cells } of SCENARIOS) {
    expect(findScenario(name).name).toBe(name);
    expect(new Set(cells.map((cell) => cell.name)).size).toBe(cells.length);
  }
});
