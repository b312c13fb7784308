/** @import { ClientSnapshot } from '../../fleet/snapshot.js' */

import { localShareOf } from './derive.js';
import { setAttribute } from './dom.js';
import { amount, NOTHING, percent, span } from './format.js';
import { createTable } from './table.js';

/** @typedef {ClientSnapshot & { discovery: NonNullable<ClientSnapshot['discovery']> }} FollowingClient */

/**
 * How the clients of this process share their calls by zone and priority, and how they find their servers. Hidden where
 * there is nothing of it.
 *
 * @param {HTMLElement} section
 * @param {{ zones: HTMLElement, discoveries: HTMLElement }} places
 */
export function createClients(section, { zones, discoveries }) {
  const showZones = createTable(zones, {
    caption: 'How calls are shared by zone and priority',
    empty: '',
    keyOf: (/** @type {ClientSnapshot} */ { name }) => name,
    columns: [
      { title: 'Client', text: ({ name }) => name, kind: 'long' },
      { title: 'Zone', text: ({ zone }) => zone ?? NOTHING, kind: 'words' },
      { title: 'Stay in it', text: (client) => shareShown(localShareOf(client)) },
      {
        title: 'By priority',
        kind: 'words',
        text: ({ priorities }) =>
          priorities.length < 2
            ? NOTHING
            : priorities
                .map(({ priority, share }) => `${priority}: ${shareShown(share)}`)
                .join(', '),
      },
    ],
  });
  const showDiscoveries = createTable(discoveries, {
    caption: 'How clients find their servers',
    empty: '',
    keyOf: (/** @type {FollowingClient} */ { name }) => name,
    columns: [
      { title: 'Client', text: ({ name }) => name, kind: 'long' },
      { title: 'Discovery', text: ({ discovery }) => discovery.name, kind: 'long words' },
      { title: 'Servers', text: ({ discovery }) => amount(discovery.servers) },
      { title: 'Changed', text: ({ discovery }) => ago(discovery.lastChangeMs) },
      {
        title: 'Last error',
        kind: 'long words',
        text: ({ discovery }) => errorShown(discovery),
        tone: ({ discovery }) => (discovery.isFailing ? 'bad' : undefined),
      },
    ],
  });

  /** @param {readonly ClientSnapshot[]} clients */
  return (clients) => {
    const choosing = clients.filter(({ priorities }) => priorities.length > 0);
    const following = clients.flatMap((client) =>
      client.discovery ? [{ ...client, discovery: client.discovery }] : [],
    );
    showZones(choosing);
    showDiscoveries(following);
    setAttribute(zones, 'hidden', choosing.length === 0 ? '' : undefined);
    setAttribute(discoveries, 'hidden', following.length === 0 ? '' : undefined);
    section.hidden = choosing.length + following.length === 0;
  };
}

/** @param {number | undefined} share from 0 to 1 */
function shareShown(share) {
  return share === undefined ? NOTHING : percent(share, 1);
}

/** @param {number | undefined} ms */
function ago(ms) {
  return ms === undefined ? NOTHING : `${span(ms)} ago`;
}

/** @param {FollowingClient['discovery']} discovery */
function errorShown({ isFailing, lastError, lastErrorMs }) {
  if (lastErrorMs === undefined) return NOTHING;
  // The text comes last: it may be cut.
  return `${isFailing ? 'fails, ' : ''}${ago(lastErrorMs)}: ${lastError ?? ''}`;
}
