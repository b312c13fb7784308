import type { LatencyStats } from '../agents/call-stats.js';

export type Labels = Readonly<Record<string, string>>;

/** One value, or one histogram, and what tells it from the others of its metric. */
export type Reading = readonly [labels: Labels, value: number | LatencyStats];

/** A metric, and how it is read from the statistics of a client or a server. */
export interface Metric<Stats> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What the metric of several processes of a cluster is, where prom-client puts them together. */
  readonly aggregator: 'sum' | 'average' | 'max';
  readonly read: (stats: Stats) => readonly Reading[];
}

type Read<Stats> = Metric<Stats>['read'];

/** @param name ends with `_total` */
export function counter<Stats>(name: string, help: string, read: Read<Stats>): Metric<Stats> {
  return { name, help, type: 'counter', aggregator: 'sum', read };
}

export function gauge<Stats>(
  name: string,
  help: string,
  read: Read<Stats>,
  aggregator: Metric<Stats>['aggregator'] = 'sum',
): Metric<Stats> {
  return { name, help, type: 'gauge', aggregator, read };
}

/** @param name ends with `_seconds` */
export function histogram<Stats>(name: string, help: string, read: Read<Stats>): Metric<Stats> {
  return { name, help, type: 'histogram', aggregator: 'sum', read };
}

/** Of a metric without further labels. */
export function single<Stats>(read: (stats: Stats) => number): Read<Stats> {
  return (stats) => [[NO_LABELS, read(stats)]];
}

/** One value, or none where it has no meaning. */
export function optional<Stats>(read: (stats: Stats) => number | undefined): Read<Stats> {
  return (stats) => {
    const value = read(stats);
    return value === undefined ? [] : [[NO_LABELS, value]];
  };
}

/** One value for each member, such as each reason. */
export function byMember<Stats>(
  label: string,
  read: (stats: Stats) => Readonly<Record<string, number>>,
): Read<Stats> {
  return (stats) =>
    Object.entries(read(stats)).map(([member, value]) => [{ [label]: member }, value]);
}

const NO_LABELS: Labels = {};
