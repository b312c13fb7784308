/** @import { ServerSnapshot } from '../../fleet/snapshot.js' */

import { hasRates, nameOf, TONE_OF_STATE } from './derive.js';
import { amount, duration, NOTHING, percent } from './format.js';
import { mark, stateShape } from './state-mark.js';
import { createTable } from './table.js';

/**
 * @param {HTMLElement} place
 * @param {{ choose: (endpoint: string) => void, isCurrent: (endpoint: string) => boolean }} selection
 */
export function createServerTable(place, { choose, isCurrent }) {
  return createTable(place, {
    caption: 'Each server. Its name leads to its details.',
    empty: 'No servers are known yet.',
    keyOf: (/** @type {ServerSnapshot} */ { endpoint }) => endpoint,
    choose: ({ endpoint }) => choose(endpoint),
    isCurrent: ({ endpoint }) => isCurrent(endpoint),
    columns: [
      { title: 'Server', text: nameOf, kind: 'long' },
      {
        title: 'State',
        kind: 'words',
        text: ({ state }) => state,
        tone: ({ state }) => TONE_OF_STATE[state],
        mark: ({ state }) => mark(stateShape(state)),
      },
      {
        title: 'Calls/s',
        text: (server) => (hasRates(server) ? amount(server.callsPerSecond) : NOTHING),
      },
      {
        title: 'Errors',
        text: ({ errorsPerSecond, callsPerSecond }) => percent(errorsPerSecond, callsPerSecond),
        tone: ({ errorsPerSecond }) => (errorsPerSecond > 0 ? 'bad' : undefined),
      },
      {
        title: 'p50',
        explained: 'Half of the calls took no longer',
        text: ({ p50Ms }) => duration(p50Ms),
      },
      {
        title: 'p99',
        explained: '99 of 100 calls took no longer',
        text: ({ p99Ms }) => duration(p99Ms),
      },
      { title: 'Running', text: own(({ running }) => amount(running)) },
      { title: 'Queued', text: own(({ queued }) => amount(queued)) },
      {
        title: 'Refused/s',
        text: own((server) => (hasRates(server) ? amount(server.refusedPerSecond) : NOTHING)),
        tone: ({ refusedPerSecond }) => (refusedPerSecond > 0 ? 'doubtful' : undefined),
      },
      {
        title: 'Heartbeat',
        explained: 'Round-trip time',
        text: ({ heartbeatMs }) => duration(heartbeatMs),
      },
      {
        title: 'Zone',
        kind: 'words',
        text: ({ zone }) => zone ?? NOTHING,
        isTelling: (servers) => servers.some(({ zone }) => zone !== undefined),
      },
      {
        title: 'Priority',
        explained: 'The lowest number is used first',
        text: ({ priority }) => String(priority),
        isTelling: (servers) => servers.some(({ priority }) => priority !== servers[0]?.priority),
      },
    ],
  });
}

/** What only the server itself knows. @param {(server: ServerSnapshot) => string} text */
function own(text) {
  return (/** @type {ServerSnapshot} */ server) =>
    server.noStats === undefined ? text(server) : NOTHING;
}
