import { expect, test } from 'vitest';
import { CallMeter } from '../../lib/agents/call-meter.js';
import { PatternMeters } from '../../lib/agents/pattern-meters.js';

const metersFor = (isKnown?: (name: string) => boolean) =>
  new PatternMeters(() => new CallMeter(), isKnown);

const callsBy = (meters: PatternMeters<CallMeter>) => {
  const { patterns, otherPatterns } = meters.stats((meter) => meter.stats().calls);
  return { ...patterns, others: otherPatterns };
};

test('patterns that reach the same handler are one', () => {
  const meters = metersFor();
  for (const pattern of [{ b: 1, a: 2 }, { a: 2, b: 1 }, '{"b": 1, "a": 2}', '{"a":2,"b":1}'])
    meters.of(pattern).began();
  meters.of('plain').began();
  expect(callsBy(meters)).toEqual({ '{"a":2,"b":1}': 4, plain: 1, others: 0 });
});

test('patterns that are not known are counted together', () => {
  const meters = metersFor((name) => name === 'known');
  for (const pattern of ['known', 'made up', { made: 'up' }]) meters.of(pattern).began();
  expect(callsBy(meters)).toEqual({ known: 1, others: 2 });
});

test('a pattern named like a member of every object is a pattern', () => {
  const meters = metersFor();
  meters.of('__proto__').began();
  meters.of('constructor').began();
  const { patterns } = meters.stats((meter) => meter.stats().calls);
  expect(Object.entries(patterns)).toEqual([
    ['__proto__', 1],
    ['constructor', 1],
  ]);
});

test('however many patterns there are, 200 have a meter of their own', () => {
  const meters = metersFor();
  for (let n = 0; n < 5000; n++) meters.of(`orders.${n}`).began();
  const { patterns, otherPatterns } = meters.stats((meter) => meter.stats().calls);
  expect(Object.keys(patterns)).toHaveLength(200);
  expect(otherPatterns).toBe(4800);
  expect(meters.sum().stats().calls).toBe(5000);
});
