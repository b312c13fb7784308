import { rounded } from '../../../benchmark/src/report/format.js';
import { table } from '../../../benchmark/src/report/table.js';
import { type Line, lines, type LinePanel } from './lines.js';
import { type Figures, SLICE_MS, sum } from './measure.js';
import { LARGE_MOMENTS, type Moments, MOMENTS } from './study.js';
import type { WindowFigures } from './windows.js';

/** The report of a study: a Markdown table and a picture. */
export interface Report {
  readonly table: string;
  readonly picture: string;
}

type Found = ReadonlyMap<string, Figures>;

const PER_SECOND = 1000 / SLICE_MS;

/** The slices of these seconds. */
export function between<T>(list: readonly T[], from: number, to = Infinity): readonly T[] {
  return list.slice(from * PER_SECOND, to * PER_SECOND);
}

/** When the zone dies, and when it is back, in s. */
const DIES = 2;
const RETURNS = 4;

export const reports: Readonly<Record<string, (found: Found) => Report>> = {
  zone: zoneReport,
  large: zoneReport,
  region: (found) => regionReport(found, MOMENTS),
  'region-large': (found) => regionReport(found, LARGE_MOMENTS),
  uneven: unevenReport,
  comeback: (found) => ({
    table: tableOf(found, 'the library', {
      'at one server in 10 ms': ({ largestBurst }) => most(between(largestBurst, RETURNS)),
      'share of the zone, % of runs, second 1': (figures) => shareOfZone(figures, RETURNS),
      'second 2': (figures) => shareOfZone(figures, RETURNS + 1),
      'second 4': (figures) => shareOfZone(figures, RETURNS + 3),
      'p99 of second 1, ms': ({ p99 }) => most(between(p99, RETURNS, RETURNS + 1)),
      'longest wait, ms': ({ longest }) => most(between(longest, RETURNS)),
      calls: ({ calls }) => calls,
      failed: ({ failed }) => failed,
    }),
    picture: pictureOf(
      found,
      'A quarter of 12 servers comes back with cold caches, ten times as slow: 400 clients',
      [
        ['Most connections to one server within 10 ms', ({ largestBurst }) => largestBurst],
        ['Share of the calls that the zone runs, %', zoneShares],
        ['Wait of a call, 99th percentile, ms', ({ p99 }) => smooth(p99)],
        ['Answers per second', ({ answered }) => smooth(answered, PER_SECOND)],
      ],
      [DIES, RETURNS, 8],
    ),
  }),
  storm: (found) => ({
    table: tableOf(found, 'retries', {
      calls: ({ calls }) => calls,
      'failed, %': ({ calls, failed }) => (100 * failed) / calls,
      'runs per call': ({ runsPerCall }) => runsPerCall,
      'runs/s in overload': ({ runs }) => sum(between(runs, 6, 10)) / 4,
      'answers/s in overload': ({ answered }) => sum(between(answered, 6, 10)) / 4,
      'well again after, s': ({ asked, answered }) => recoveredAfter(asked, answered, 10),
    }),
    picture: pictureOf(
      found,
      'All servers are three times as slow for 5 s: 10 clients, 5 servers',
      [
        ['Answers per second', ({ answered }) => smooth(answered, PER_SECOND)],
        ['Runs of handlers per second', ({ runs }) => smooth(runs, PER_SECOND)],
      ],
      [5, 10],
    ),
  }),
};

function zoneReport(found: Found): Report {
  return {
    table: tableOf(found, 'watched', {
      'messages/s before': ({ messages }) => sum(between(messages, 1, DIES)),
      'MB/s before': ({ bytes }) => sum(between(bytes, 1, DIES)) / 1e6,
      'connections at the start': ({ connects }) => sum(between(connects, 0, 1)),
      'connections while dead': ({ connects }) => sum(between(connects, DIES, RETURNS)),
      'at one server in 10 ms': ({ largestBurst }) => most(between(largestBurst, RETURNS)),
      calls: ({ calls }) => calls,
      failed: ({ failed }) => failed,
      'longest wait, ms': ({ longest }) => most(between(longest, DIES - 0.5)),
    }),
    picture: pictureOf(
      found,
      'A quarter of the servers dies, and comes back',
      [
        ['Messages per second', ({ messages }) => smooth(messages, PER_SECOND)],
        ['Connections asked for, per second', ({ connects }) => smooth(connects, PER_SECOND)],
        ['Wait of a call, 99th percentile, ms', ({ p99 }) => smooth(p99)],
        ['Answers per second', ({ answered }) => smooth(answered, PER_SECOND)],
      ],
      [DIES, RETURNS],
    ),
  };
}

function regionReport(found: Found, { deployment, loss }: Moments): Report {
  const moments = [deployment.from, deployment.to, loss.from, loss.to].map((ms) => ms / 1000);
  const [begun = NaN, , lost = NaN, back = NaN] = moments;
  const windows = ['before', 'deployment', 'lost', 'back'];
  const traffic = tableOf(found, 'watched', {
    'connections at the start': ({ connects }) => sum(between(connects, 0, 1)),
    'heartbeats/s': ({ heartbeats }) => sum(between(heartbeats, begun - 6, begun - 1)) / 5,
    'connections/s, deployment': ({ connects }) =>
      sum(between(connects, begun, lost)) / (lost - begun),
    lost: ({ connects }) => sum(between(connects, lost, back)) / (back - lost),
    'at one server in 10 ms, back': ({ largestBurst }) => most(between(largestBurst, back)),
    calls: ({ calls }) => calls,
    failed: ({ failed }) => failed,
  });
  const calls = tableOf(found, 'watched', {
    ...perWindow('load, max/mean', windows, ({ mostLoaded }) => mostLoaded),
    ...perWindow('leave their zone, %', windows, ({ away }) => 100 * away),
    ...perWindow('p99, ms', windows, ({ p99 }) => p99),
  });
  return {
    table: `${traffic}\n\n${calls}`,
    picture: pictureOf(
      inZones(found),
      'All servers are replaced; a zone is lost, and comes back',
      [
        ['Calls that leave their zone, %', ({ away }) => smooth(away, 100)],
        ['Connections asked for, per second', ({ connects }) => smooth(connects, PER_SECOND)],
        ['Wait of a call, 99th percentile, ms', ({ p99 }) => smooth(p99)],
        ['Calls that fail, per second', ({ failures }) => smooth(failures, PER_SECOND)],
      ],
      moments,
    ),
  };
}

function unevenReport(found: Found): Report {
  const windows = ['at first', 'later'];
  return {
    table: tableOf(found, 'watched', {
      ...perWindow('load, max/mean', windows, ({ mostLoaded }) => mostLoaded),
      ...perWindow('leave their zone, %', windows, ({ away }) => 100 * away),
      ...perWindow('p99, ms', windows, ({ p99 }) => p99),
      calls: ({ calls }) => calls,
      failed: ({ failed }) => failed,
    }),
    picture: pictureOf(
      inZones(found),
      'Half of the clients are in one of four zones',
      [
        ['Calls that leave their zone, %', ({ away }) => smooth(away, 100)],
        ['Wait of a call, 99th percentile, ms', ({ p99 }) => smooth(p99)],
      ],
      [],
    ),
  };
}

/** The variants whose clients know their zone, as many as a picture can tell apart. */
function inZones(found: Found): Found {
  return new Map([...found].filter(([name]) => /(zones|own zone only)$/.test(name)));
}

/** One column for each window. */
function perWindow(
  what: string,
  windows: readonly string[],
  of: (figures: WindowFigures) => number,
): Record<string, (figures: Figures) => number> {
  return Object.fromEntries(
    windows.map((window) => [
      `${what}, ${window}`,
      ({ windows: found }: Figures) => (found[window] ? of(found[window]) : NaN),
    ]),
  );
}

function tableOf(
  found: Found,
  what: string,
  columns: Readonly<Record<string, (figures: Figures) => number>>,
): string {
  return table(
    [
      { heading: what, align: 'left' },
      ...Object.keys(columns).map((heading) => ({ heading, align: 'right' as const })),
    ],
    Array.from(found, ([name, figures]) => [
      name,
      ...Object.values(columns).map((of) => shown(of(figures))),
    ]),
  );
}

function shown(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : rounded(value);
}

const TONES = ['ours', 'theirs', 'other'] as const;

function pictureOf(
  found: Found,
  title: string,
  panels: readonly (readonly [title: string, of: (figures: Figures) => readonly number[]])[],
  marks: readonly number[],
): string {
  const drawn = panels.map(([heading, of]): LinePanel => {
    const one = Array.from(found, ([label, figures], place): Line => ({
      label,
      tone: TONES[place % TONES.length] ?? 'ours',
      values: of(figures),
    }));
    return { title: heading, lines: one, marks: marks.map((second) => second * PER_SECOND) };
  });
  const note =
    'In virtual time, from one seed. The dotted lines: what goes wrong begins, and ends.';
  return lines({ title, note, sliceSeconds: SLICE_MS / 1000, panels: drawn });
}

/** The mean of three slices, times a factor. */
function smooth(list: readonly number[], by = 1): number[] {
  return list.map((_, n) => {
    const near = list.slice(Math.max(n - 1, 0), n + 2);
    return (by * sum(near)) / near.length;
  });
}

function zoneShares({ runs, zoneRuns }: Figures): number[] {
  const all = smooth(runs);
  return smooth(zoneRuns).map((of, slice) => (100 * of) / Math.max(all[slice] ?? 0, 1));
}

function shareOfZone({ runs, zoneRuns }: Figures, second: number): number {
  return (
    (100 * sum(between(zoneRuns, second, second + 1))) / sum(between(runs, second, second + 1))
  );
}

/** From when on as many calls are answered as are made, for a second, in s. */
function recoveredAfter(
  asked: readonly number[],
  answered: readonly number[],
  from: number,
): number {
  for (let slice = from * PER_SECOND; slice + PER_SECOND <= asked.length; slice++) {
    const second = (list: readonly number[]) => sum(list.slice(slice, slice + PER_SECOND));
    if (second(answered) >= 0.97 * second(asked)) return slice / PER_SECOND - from;
  }
  return Infinity;
}

function most(list: readonly number[]): number {
  return Math.max(...list, 0);
}
