import { jsonLine } from '../json-line.js';
import { tableLines } from '../table.js';
import type { LatencySummary } from './measurement.js';
import type { BenchPlan, BenchResult, LoadShape } from './run-bench.js';
import type { ServerShare } from './server-shares.js';

/** What was asked for, and what came of it. */
export interface BenchReport {
  /** As it is shown. */
  readonly pattern: string;
  readonly plan: BenchPlan;
  readonly result: BenchResult;
}

/** For people. */
export function benchText({ pattern, plan, result }: BenchReport): string {
  const lines = [
    `${pattern}: ${shownLoad(plan.load)}, for ${shownS(result.elapsedMs)} after ${shownS(plan.warmUpMs)} of warm-up`,
    '',
    `answered   ${count(result.answered)} (${count(Math.round(result.perSecond))}/s)`,
    `failed     ${count(result.failed)}${percent(result.failed, result.calls)}`,
    ...Object.entries(result.errors).map(
      ([kind, error]) => `           ${kind} ${count(error.count)}: ${error.example}`,
    ),
    ...(result.unfinished > 0 ? [`unfinished ${count(result.unfinished)}`] : []),
    `latency    ${quantiles(result.latency)}`,
    `attempts   ${count(result.retried)} retried, ${count(result.moved)} moved, ${count(result.hedged)} hedged`,
    '',
    ...serverTable(result.servers),
    ...warningsOn(result).map((warning) => `\n${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** For programs. */
export function benchJson({ pattern, plan, result }: BenchReport): string {
  const { load, warmUpMs, durationMs } = plan;
  return jsonLine({ pattern, load, warmUpMs, durationMs, ...result });
}

/** A line of names, and one of values: those of several runs make one table. Source: RFC 4180. */
export function benchCsv({ pattern, plan, result }: BenchReport): string {
  const { latency } = result;
  const errors = Object.entries(result.errors).map(([kind, error]) => `${kind}=${error.count}`);
  const columns: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ['pattern', pattern],
    ['concurrency', plan.load.type === 'closed' ? plan.load.concurrency : undefined],
    ['rate', plan.load.type === 'open' ? plan.load.rate : undefined],
    ['seconds', rounded(result.elapsedMs / 1000)],
    ['calls', result.calls],
    ['answered', result.answered],
    ['failed', result.failed],
    ['unfinished', result.unfinished],
    ['not_begun', result.notBegun],
    ['per_second', rounded(result.perSecond)],
    ['mean_ms', rounded(latency.meanMs)],
    ['p50_ms', rounded(latency.p50Ms)],
    ['p90_ms', rounded(latency.p90Ms)],
    ['p99_ms', rounded(latency.p99Ms)],
    ['p999_ms', rounded(latency.p999Ms)],
    ['max_ms', rounded(latency.maxMs)],
    ['retried', result.retried],
    ['moved', result.moved],
    ['hedged', result.hedged],
    ['errors', errors.join(' ')],
    [
      'servers',
      result.servers.map(({ endpoint, attempts }) => `${endpoint}=${attempts}`).join(' '),
    ],
  ];
  return csvLine(columns.map(([name]) => name)) + csvLine(columns.map(([, value]) => value ?? ''));
}

/** Whatever deserves attention before anybody believes the figures. */
function warningsOn(result: BenchResult): string[] {
  const warnings: string[] = [];
  if (result.isInterrupted) warnings.push('Interrupted: these are the calls until then.');
  if (result.notBegun > 0) {
    warnings.push(
      `${count(result.notBegun)} calls that were due did not begin: the rate is more than the servers, or this process, can take. ` +
        'The latencies of those calls are missing above, and are the longest.',
    );
  }
  if (result.answered === 0) warnings.push('No call was answered in the measured time.');
  return warnings;
}

export function shownLoad(load: LoadShape): string {
  return load.type === 'closed'
    ? `${count(load.concurrency)} at a time`
    : `${load.rate.toLocaleString('en')} calls/s, measured from when each was due`;
}

export function quantiles({ p50Ms, p90Ms, p99Ms, p999Ms, maxMs }: LatencySummary): string {
  return `p50 ${ms(p50Ms)}  p90 ${ms(p90Ms)}  p99 ${ms(p99Ms)}  p99.9 ${ms(p999Ms)}  max ${ms(maxMs)}`;
}

export function ms(value: number | undefined): string {
  if (value === undefined) return '-';
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)} ms`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

function shownS(value: number): string {
  return `${Number((value / 1000).toFixed(1))} s`;
}

function percent(part: number, whole: number): string {
  return part === 0 || whole === 0 ? '' : ` (${((100 * part) / whole).toFixed(2)} %)`;
}

function serverTable(servers: readonly ServerShare[]): string[] {
  const rows = [
    ['server', 'id', 'attempts', 'share', 'failed', 'state'],
    ...servers.map(({ endpoint, serverId = '-', attempts, share, failed, state }) => [
      endpoint,
      serverId,
      count(attempts),
      `${(100 * share).toFixed(1)} %`,
      count(failed),
      state,
    ]),
  ];
  return tableLines(rows, isNumeric);
}

/** Attempts, share and failed. */
function isNumeric(column: number): boolean {
  return column >= 2 && column <= 4;
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toFixed(3));
}

function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(value: unknown): string {
  const text = String(value);
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
