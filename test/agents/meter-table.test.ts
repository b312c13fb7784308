import { expect, test } from 'vitest';
import { CallMeter } from '../../lib/agents/call-meter.js';
import { MeterTable } from '../../lib/agents/meter-table.js';

const MOST = 200;

/** A table in which so many names have begun one call each. */
function tableOf(names: number, forgets: boolean) {
  const table = new MeterTable(() => new CallMeter(), forgets);
  for (let n = 0; n < names; n++) table.of(`name ${n}`).began();
  return table;
}

const callsOf = (meter: CallMeter) => meter.stats().calls;
const namesOf = (table: MeterTable<CallMeter>) => Object.keys(table.list(({ pending }) => pending));

test('a name has the same meter each time', () => {
  const table = tableOf(1, false);
  table.of('name 0').began();
  expect(callsOf(table.of('name 0'))).toBe(2);
});

test('200 names have one of their own, the further ones share one', () => {
  const table = tableOf(MOST + 50, false);
  expect(namesOf(table)).toHaveLength(MOST);
  expect(callsOf(table.others)).toBe(50);
  expect(callsOf(table.sum())).toBe(MOST + 50);
  expect(table.of('name 249')).toBe(table.others);
});

test('a table that forgets gives the place of an idle name to a new one, and keeps its counts', () => {
  const table = tableOf(MOST, true);
  table.of('name 3').answered(1);
  table.of('name 5').answered(1);
  table.of('new').began();
  expect(namesOf(table)).not.toContain('name 3');
  expect(namesOf(table)).toContain('name 5');
  expect(namesOf(table)).toContain('new');
  expect(table.others.stats()).toMatchObject({ calls: 1, pending: 0 });
  expect(callsOf(table.sum())).toBe(MOST + 1);
});

test('of the idle names the least recently used one is forgotten, so that many new ones do not displace one that calls', () => {
  const table = new MeterTable(() => new CallMeter(), true);
  const callOnce = (name: string) => {
    const meter = table.of(name);
    meter.began();
    meter.answered(1);
  };
  callOnce('faithful');
  for (let n = 0; n < 3 * MOST; n++) {
    callOnce(`passing ${n}`);
    callOnce('faithful');
  }
  expect(callsOf(table.of('faithful'))).toBe(3 * MOST + 1);
  expect(namesOf(table)).not.toContain('passing 0');
});

test('a name with open calls is not forgotten: its calls still have to end somewhere', () => {
  const table = tableOf(MOST, true);
  table.of('new').began();
  expect(namesOf(table)).not.toContain('new');
  expect(table.of('new')).toBe(table.others);
  expect(namesOf(table)).toHaveLength(MOST);
});

test('the sum does not change with what is counted afterwards', () => {
  const table = tableOf(1, false);
  const sum = table.sum();
  table.of('name 0').began();
  expect(callsOf(sum)).toBe(1);
});
