import { type Line, span } from './line.js';
import { counted, duration } from './numbers.js';
import type { Run } from './run.js';
import { longest, median } from './waits.js';

/** The outcome of the run. */
export function summary({ tally, faults }: Run): Line[] {
  const { answered, failed, moved, failures, usualWaits } = tally;
  return [
    [
      span(`${counted(answered)} calls answered, `, 'bold'),
      span(`${counted(failed)} failed`, ['bold', failed === 0 ? 'green' : 'red']),
      span(`, ${counted(moved)} moved to another server.`, 'bold'),
    ],
    ...[...failures].map(([code, { count, message }]) => [
      span(`  ${count} with ${code}, the first: ${message}`, 'red'),
    ]),
    [span('How long callers waited for their answers:')],
    waited('calls that did not move', usualWaits),
    ...faults.map(({ signal, server, waits }) =>
      waited(`calls moved by ${signal} of ${server}`, waits),
    ),
  ];
}

function waited(which: string, waits: readonly number[]): Line {
  const label = `  ${which.padEnd(36)}${counted(waits.length).padStart(7)}`;
  if (waits.length === 0) return [span(label)];
  return [
    span(label),
    span(`   median ${duration(median(waits)).padStart(7)}`),
    span(`   worst ${duration(longest(waits)).padStart(7)}`),
  ];
}
