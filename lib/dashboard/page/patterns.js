/** @import { PatternRow } from './derive.js' */

import { failing, patternRows, slowest } from './derive.js';
import { amount, duration, percent } from './format.js';
import { createTable } from './table.js';

const SHOWN = 8;

const keyOf = (/** @type {PatternRow} */ { pattern }) => pattern;

/** @param {HTMLElement} slowestPlace @param {HTMLElement} failingPlace */
export function createPatterns(slowestPlace, failingPlace) {
  /** @type {import('./table.js').Column<PatternRow>} */
  const name = { title: 'Pattern', kind: 'long', text: ({ pattern }) => pattern };

  const showSlowest = createTable(slowestPlace, {
    caption: 'The slowest, and the server where they are slowest',
    empty: 'No calls in the last second.',
    keyOf,
    columns: [
      name,
      { title: 'p99', text: ({ p99Ms }) => duration(p99Ms) },
      { title: 'p50', text: ({ p50Ms }) => duration(p50Ms) },
      { title: 'Calls/s', text: ({ callsPerSecond }) => amount(callsPerSecond) },
      { title: 'At', kind: 'long', text: ({ slowestAt }) => slowestAt },
    ],
  });
  const showFailing = createTable(failingPlace, {
    caption: 'Those that fail, or have failed',
    empty: 'None has failed.',
    keyOf,
    columns: [
      name,
      {
        title: 'Now',
        text: ({ errorsPerSecond, callsPerSecond }) => percent(errorsPerSecond, callsPerSecond),
        tone: ({ errorsPerSecond }) => (errorsPerSecond > 0 ? 'bad' : undefined),
      },
      { title: 'Errors/s', text: ({ errorsPerSecond }) => amount(errorsPerSecond) },
      { title: 'Errors so far', text: ({ errors }) => amount(errors) },
      { title: 'Of all', text: ({ errors, calls }) => percent(errors, calls) },
    ],
  });

  /** @param {import('../page-snapshot.js').PageSnapshot} snapshot */
  return (snapshot) => {
    const rows = patternRows(snapshot);
    showSlowest(slowest(rows, SHOWN));
    showFailing(failing(rows, SHOWN));
  };
}
