import { calls } from '../../scenarios/calls.js';
import { events } from '../../scenarios/events.js';
import { idle } from '../../scenarios/idle.js';
import { payloads } from '../../scenarios/payloads.js';
import { scale } from '../../scenarios/scale.js';
import type { Scenario } from '../../scenarios/scenario.js';
import { servers } from '../../scenarios/servers.js';
import { streams } from '../../scenarios/streams.js';
import type { Metric } from '../metric.js';
import { p99 } from '../metrics.js';
import type { Row } from '../row.js';
import type { Chart, Panel } from './chart.js';
import { barOf, byCell, bySubject } from './panels.js';

const NOTE =
  'A bar is the median of the rounds, the line their spread. Each panel has its own scale.';

/** The charts of a run by file name, as far as it measured what they show. */
export function charts(rows: readonly Row[]): ReadonlyMap<string, Chart> {
  const all: Record<string, Chart> = {
    calls: chart('Calls per second: more is better', 2, cellsOf(calls, calls.metrics[0], rows)),
    p99: chart('99th percentile of a call, in ms: less is better', 2, cellsOf(calls, p99, rows)),
    payloads: chart('Payloads, MB/s both ways: more is better', 2, payloadPanels(rows)),
    'streams-and-events': chart('Streams and events: more is better', 2, [
      bySubject(streams, 'Observable', streams.metrics[0], rows),
      ...cellsOf(events, events.metrics[0], rows),
    ]),
    scale: chart('nestjs-freelance with many servers and clients', 2, [
      byCell(scale, rows),
      byCell(servers, rows),
      byCell(idle, rows),
    ]),
  };
  return new Map(Object.entries(all).filter(([, { panels }]) => panels.length > 0));
}

function chart(title: string, columns: number, panels: readonly Panel[]): Chart {
  return { title, note: NOTE, columns, panels: panels.filter(({ bars }) => bars.length > 0) };
}

function cellsOf(scenario: Scenario, metric: Metric, rows: readonly Row[]): Panel[] {
  return scenario.cells.map(({ name }) => bySubject(scenario, name, metric, rows));
}

/** Beside raw bytes: base64, the fastest way to send them over JSON. */
function payloadPanels(rows: readonly Row[]): Panel[] {
  const [metric] = payloads.metrics;
  return payloads.cells
    .filter(({ name }) => !name.endsWith('base64'))
    .map(({ name }) => {
      const { title, bars } = bySubject(payloads, name, metric, rows);
      const base64 = {
        scenario: payloads.name,
        cell: name.replace('bytes', 'base64'),
        subject: 'tcp',
        metric: metric.key,
      } as const;
      const more = base64.cell === name ? [] : barOf('TCP, base64', 'theirs', base64, rows);
      return { title, bars: [...bars, ...more] };
    });
}
