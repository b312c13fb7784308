import { describe, expect, test } from 'vitest';
import { type Figures, measure, sum } from './measure.js';
import { between } from './reports.js';
import { type RunOptions, runStudy } from './run.js';
import { spreadOf } from './spread.js';
import { type Study, studies } from './study.js';

const OPTIONS: RunOptions = { seed: 1, isQuick: true, progress: () => {} };

function studyNamed(name: string): Study {
  const study = studies(true).find((candidate) => candidate.name === name);
  if (!study) throw new Error(`there is no study ${name}`);
  return study;
}

async function figuresOf(name: string): Promise<(variant: string) => Figures> {
  const found = await runStudy(studyNamed(name), OPTIONS);
  for (const { violations } of found.values()) expect(violations).toEqual([]);
  return (variant) => {
    const figures = found.get(variant);
    if (!figures) throw new Error(`there is no variant ${variant}`);
    return figures;
  };
}

describe('a zone that dies and returns', () => {
  test('fails no call, with or without a subset, and a subset saves its share of the messages', async () => {
    const figures = await figuresOf('zone');
    const [all, drawn, numbered] = ['all 16', '4, drawn', '4, numbered'].map(figures);
    if (!all || !drawn || !numbered) throw new Error('a variant is missing');
    for (const { calls, failed } of [all, drawn, numbered]) {
      expect(calls).toBeGreaterThan(500);
      expect(failed).toBe(0);
    }
    // 40 clients send a PING per second, each is answered, and each of 80 calls is two messages as well.
    const before = ({ messages }: Figures) => sum(between(messages, 1, 2));
    expect(before(all)).toBeGreaterThan(2 * 40 * 16);
    expect(before(all)).toBeLessThan(2 * 40 * 16 + 2 * 150);
    expect(before(drawn)).toBeLessThan(2 * 40 * 4 + 2 * 150);
    expect(sum(between(numbered.connects, 0, 1))).toBe(40 * 4);
  });
});

describe('zones, a deployment, and a discovery that lags', () => {
  test('calls stay in the zone of their clients, also with a subset; a pool for each zone fails with its zone', async () => {
    const { variants } = studyNamed('region');
    const wanted = ['all 12, zones', '4, zones', 'own zone only'];
    const found = await runStudy(
      { name: 'region', variants: variants.filter(({ name }) => wanted.includes(name)) },
      OPTIONS,
    );
    const [all, subset, apart] = wanted.map((name) => found.get(name));
    if (!all || !subset || !apart) throw new Error('a variant is missing');
    for (const { violations } of [all, subset, apart]) expect(violations).toEqual([]);
    const away = ({ windows }: Figures, window: string) => windows[window]?.away ?? NaN;
    // By chance, three of four calls would leave it.
    expect(away(all, 'before')).toBeLessThan(0.25);
    expect(away(subset, 'before')).toBeLessThan(0.35);
    // Those of a quarter of the clients have to.
    expect(away(all, 'lost')).toBeGreaterThan(0.2);
    expect(away(apart, 'lost')).toBe(0);
    expect(apart.windows['lost']?.failed).toBeGreaterThan(100);
    for (const { failed } of [all, subset]) expect(failed).toBe(0);
    const perSecond = ({ heartbeats }: Figures) => sum(between(heartbeats, 6, 11)) / 5;
    expect(perSecond(all) / perSecond(subset)).toBeCloseTo(3, 0);
  });
});

describe('returning servers', () => {
  test('get few clients at a time, thanks to jitter, and few calls at first', async () => {
    const figures = await figuresOf('comeback');
    const burst = (variant: string) => Math.max(...between(figures(variant).largestBurst, 4));
    // Of 60 clients.
    expect(burst('as it is')).toBeLessThan(15);
    expect(burst('without jitter')).toBeGreaterThan(45);
    const share = (variant: string) => sum(between(figures(variant).zoneRuns, 4.5, 5.5));
    expect(share('as it is')).toBeLessThan(share('without slow start') * 0.8);
  });
});

test('the retry budget bounds the load that callers add to an overload', async () => {
  const figures = await figuresOf('storm');
  const again = (variant: string) => {
    const { runs, asked } = figures(variant);
    return sum(between(runs, 5, 10)) - sum(between(asked, 5, 10));
  };
  // A fifth of the calls of these 5 s, and of the 5 s before.
  const { asked } = figures('a ratio alone');
  expect(again('a ratio alone')).toBeLessThan(0.2 * sum(between(asked, 0, 10)));
  expect(again('without a budget')).toBeGreaterThan(2 * again('a ratio alone'));
});

test('the same seed gives the same figures', async () => {
  const [variant] = studyNamed('zone').variants;
  if (!variant) throw new Error('a study has variants');
  const one = await measure(variant, 7, () => {});
  const other = await measure(variant, 7, () => {});
  expect({ ...other, cpuSeconds: 0 }).toEqual({ ...one, cpuSeconds: 0 });
});

test('numbered clients are spread more evenly than clients that draw their servers', () => {
  const size = { clients: 300, servers: 60, size: 6 };
  const drawn = spreadOf({ ...size, isNumbered: false }, 1);
  const numbered = spreadOf({ ...size, isNumbered: true }, 1);
  expect(drawn.mean).toBe(30);
  expect(numbered.most - numbered.least).toBeLessThanOrEqual(5);
  expect(numbered.most - numbered.least).toBeLessThan(drawn.most - drawn.least);
  expect(drawn.changes).toBeLessThan(numbered.changes);
});
