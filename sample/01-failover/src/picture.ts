import type { EndpointStats } from 'nestjs-freelance';
import { Chart } from './chart.js';
import { type Line, type Span, span, type Style } from './line.js';
import { counted, duration, latency, moment } from './numbers.js';
import type { Run, RunEvent } from './run.js';
import { toneStyle } from './tone-style.js';

/** The mark of each state; they differ without colours, too. */
const MARKS: Record<EndpointStats['state'], readonly [mark: string, style: Style]> = {
  connecting: ['○', 'gray'],
  alive: ['●', 'green'],
  suspect: ['◐', 'yellow'],
  draining: ['◌', 'yellow'],
  dead: ['×', 'red'],
};

/** The widths of the columns around the chart. */
const LEFT = { margin: 1, mark: 2, name: 11, state: 11, latency: 8, gap: 2 };
const RIGHT = { rate: 7, open: 7 };

const LEFT_WIDTH = widthOf(LEFT);
const RIGHT_WIDTH = widthOf(RIGHT);
const CHART_WIDTH = { least: 8, most: 60 };

/** The run as it stands, for a terminal of that width. */
export function picture(run: Run, width: number): Line[] {
  const room = width - LEFT_WIDTH - RIGHT_WIDTH;
  const chartWidth = Math.min(Math.max(room, CHART_WIDTH.least), CHART_WIDTH.most);
  const chart = new Chart(run, chartWidth);
  const beside = (text: string) => span(text.padEnd(LEFT_WIDTH), 'dim');

  return [
    [],
    title(run, LEFT_WIDTH + chartWidth + RIGHT_WIDTH),
    ...(run.page === undefined ? [] : [[span(`   ${run.page}`, 'cyan')]]),
    [],
    headings(chartWidth),
    ...[...run.servers.keys()].map((server) => serverRow(run, server, chart.answers(server))),
    [beside(''), ...chart.deeds()],
    [beside('   longest wait of a caller'), ...chart.longestWaits(), longestWaitNow(run)],
    [],
    totals(run),
    [],
  ];
}

/** An event, as a line. */
export function eventLine({ at, text, tone }: RunEvent): Line {
  return [span(` ${moment(at)}  `, 'dim'), span(text, toneStyle(tone))];
}

function title(run: Run, width: number): Line {
  const name = '   nestjs-freelance   ';
  const subject = 'three servers, one client, a kill, a freeze';
  const when = run.hasStarted ? moment(run.age) : 'starting';
  return [
    span(name, 'bold'),
    span(subject, 'dim'),
    span(when.padStart(width - name.length - subject.length), 'bold'),
  ];
}

function headings(chartWidth: number): Line {
  return [
    span(' '.repeat(LEFT.margin + LEFT.mark)),
    span('server'.padEnd(LEFT.name), 'dim'),
    span('seen as'.padEnd(LEFT.state), 'dim'),
    span('latency'.padStart(LEFT.latency), 'dim'),
    span(' '.repeat(LEFT.gap)),
    span('answers'.padEnd(chartWidth), 'dim'),
    span('per s'.padStart(RIGHT.rate), 'dim'),
    span('open'.padStart(RIGHT.open), 'dim'),
  ];
}

function serverRow(run: Run, server: string, answers: readonly Span[]): Line {
  const seen = run.seen(server);
  const [mark, style] = MARKS[seen?.state ?? 'connecting'];
  return [
    span(' '.repeat(LEFT.margin)),
    span(mark.padEnd(LEFT.mark), style),
    span(server.padEnd(LEFT.name), 'bold'),
    span((seen?.state ?? '').padEnd(LEFT.state), style),
    span(latency(seen?.latencyMs).padStart(LEFT.latency)),
    span(' '.repeat(LEFT.gap)),
    ...answers,
    span(String(run.rate(server)).padStart(RIGHT.rate)),
    span(String(seen?.pending ?? 0).padStart(RIGHT.open)),
  ];
}

function longestWaitNow(run: Run): Span {
  const ms = run.tally.longestWaits[run.completeSlots - 1];
  return span((ms === undefined ? '' : duration(ms)).padStart(RIGHT.rate), 'dim');
}

function totals({ tally, stats }: Run): Line {
  const { answered, failed, moved } = tally;
  return [
    span(`   ${counted(answered)} answered`, 'bold'),
    span('   '),
    span(`${counted(failed)} failed`, ['bold', failed === 0 ? 'green' : 'red']),
    span(`   ${counted(moved)} moved to another server   ${stats.pending} open`),
  ];
}

function widthOf(columns: Record<string, number>): number {
  return Object.values(columns).reduce((sum, width) => sum + width, 0);
}
