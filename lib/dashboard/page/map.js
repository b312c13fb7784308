/**
 * @import { ServerSnapshot } from '../../fleet/snapshot.js'
 * @import { Caller, CallerLink, ServerGroup } from './derive.js'
 * @import { PageSnapshot } from '../page-snapshot.js'
 */

import { callersOf, groupsOf, hasRates, localShareOf, nameOf, TONE_OF_STATE } from './derive.js';
import { element, setAttribute, svg } from './dom.js';
import { amount, counted, duration, percent } from './format.js';
import { stateShape } from './state-mark.js';

/** Of each side; the table has them all. */
const SHOWN = 24;

/** With more lines, only those of the chosen server are labelled. */
const LABELLED = 12;

const ROW = 58;
const BOX = 44;
const TOP = 6;

/** The title of a zone, above its servers. */
const TITLE = 22;

/**
 * Clients at the left, servers at the right, and what goes between them. For the eyes: the table of servers has the same
 * for the keyboard and screen readers.
 *
 * @param {HTMLElement} place
 * @param {(endpoint: string) => void} choose
 */
export function createMap(place, choose) {
  const drawing = svg('svg', { role: 'img' });
  const more = element('p', { class: 'muted' });
  place.append(drawing, more);
  // The press, not the click: the drawing may be another one until the button is released.
  drawing.addEventListener('pointerdown', ({ target }) => {
    const box = target instanceof Element ? target.closest('[data-endpoint]') : null;
    const endpoint = box?.getAttribute('data-endpoint');
    if (endpoint) choose(endpoint);
  });

  /** @param {PageSnapshot} snapshot @param {string | undefined} current */
  return (snapshot, current) => {
    const groups = groupsOf(snapshot.servers.slice(0, SHOWN));
    const servers = groups.flatMap((group) => group.servers);
    const callers = callersOf(snapshot);
    const clients = callers.slice(0, SHOWN);
    const layout = layoutOf(place.clientWidth, clients.length, groups);
    const lines = clients.flatMap((client, index) =>
      client.links.flatMap((link) => {
        const to = servers.findIndex(({ endpoint }) => endpoint === link.endpoint);
        return to < 0 ? [] : [{ link, from: layout.client(index), to: layout.server(to) }];
      }),
    );
    const hasRoom = lines.length <= LABELLED;
    setAttribute(drawing, 'viewBox', `0 0 ${layout.width} ${layout.height}`);
    setAttribute(drawing, 'height', layout.height);
    setAttribute(drawing, 'aria-label', inWords(snapshot, callers.length));
    drawing.replaceChildren(
      ...lines.map(line),
      ...lines
        .filter(({ link }) => link.callsPerSecond > 0 && (hasRoom || link.endpoint === current))
        .map(label),
      ...groups.map(({ title }, index) => groupTitle(title, layout.title(index))),
      ...clients.map((client, index) => clientBox(client, layout.client(index))),
      ...servers.map((server, index) =>
        serverBox(server, layout.server(index), server.endpoint === current),
      ),
    );
    more.textContent = omitted(snapshot, callers.length);
    more.hidden = more.textContent === '';
  };
}

/** @typedef {{ readonly x: number, readonly y: number, readonly width: number }} Box */

/** @param {number} given @param {number} clients @param {readonly ServerGroup[]} groups */
function layoutOf(given, clients, groups) {
  const servers = groups.reduce((count, group) => count + group.servers.length, 0);
  const titles = groups.filter(({ title }) => title !== '').length;
  const width = Math.max(320, given);
  const boxWidth = Math.min(250, Math.max(130, Math.round(width * 0.34)));
  const height = TOP + Math.max(ROW * Math.max(1, clients), ROW * servers + TITLE * titles);
  // Spread over the height, where clients need more of it.
  const space = servers === 0 ? 0 : (height - TITLE * titles) / servers;
  const right = clients === 0 ? 1 : width - boxWidth - 1;
  const at = placed(groups, space);
  /** @param {number} x @param {number} index @param {number} count @returns {Box} */
  const box = (x, index, count) => ({
    x,
    y: (height / count) * (index + 0.5) - BOX / 2,
    width: boxWidth,
  });
  return {
    width,
    height,
    client: (/** @type {number} */ index) => box(1, index, clients),
    // Without clients, the servers have it all.
    server: (/** @type {number} */ index) => ({
      x: right,
      y: at.servers[index] ?? 0,
      width: boxWidth,
    }),
    title: (/** @type {number} */ index) => ({
      x: right,
      y: at.titles[index] ?? 0,
      width: boxWidth,
    }),
  };
}

/** Where the servers and the titles of their groups are, from top to bottom. @param {readonly ServerGroup[]} groups @param {number} space of each server */
function placed(groups, space) {
  /** @type {number[]} */
  const servers = [];
  /** @type {number[]} */
  const titles = [];
  let y = 0;
  for (const { title, servers: its } of groups) {
    titles.push(y);
    if (title !== '') y += TITLE;
    for (let count = 0; count < its.length; count++, y += space)
      servers.push(y + (space - BOX) / 2);
  }
  return { servers, titles };
}

/** @param {{ link: CallerLink, from: Box, to: Box }} line */
function line({ link, from, to }) {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + BOX / 2, to.x, to.y + BOX / 2];
  const bend = (x2 - x1) / 2;
  return svg('path', {
    class: 'link',
    'data-tone': TONE_OF_STATE[link.state],
    'data-idle': link.callsPerSecond === 0,
    'stroke-width': Math.min(8, 1.25 + Math.log10(1 + link.callsPerSecond)),
    d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
  });
}

/** @param {{ link: CallerLink, from: Box, to: Box }} line */
function label({ link, from, to }) {
  const start = from.x + from.width;
  // Where the curve is at three quarters of its way: t = 0.75 of a cubic Bézier with level ends.
  const x = start + (to.x - start) * 0.703;
  const y = from.y + (to.y - from.y) * 0.844 + BOX / 2;
  return svg(
    'text',
    { class: 'rate', x, y: y - 5, 'text-anchor': 'middle' },
    `${amount(link.callsPerSecond)}/s`,
  );
}

/** @param {string} title @param {Box} box */
function groupTitle(title, { x, y, width }) {
  return svg(
    'g',
    { transform: `translate(${x} ${y})` },
    ...(title === '' ? [] : [text('group', 0, 16, title, width)]),
  );
}

/** @param {Caller} client @param {Box} box */
function clientBox({ name, callsPerSecond, pending, zone, priorities = [] }, box) {
  const local = localShareOf({ zone, priorities });
  const stays = local === undefined ? '' : `, ${percent(local, 1)} in ${zone}`;
  return svg(
    'g',
    { transform: `translate(${box.x} ${box.y})` },
    frame(box),
    text('name', 12, 19, name, box.width - 20),
    text(
      '',
      12,
      35,
      `${amount(callsPerSecond)}/s, ${amount(pending)} open${stays}`,
      box.width - 20,
    ),
  );
}

/** @param {ServerSnapshot} server @param {Box} box @param {boolean} isCurrent */
function serverBox(server, box, isCurrent) {
  const { state, p99Ms, endpoint } = server;
  const shape = stateShape(state);
  setAttribute(shape, 'transform', 'translate(11 8.500)');
  const rest = state === 'alive' && p99Ms !== undefined ? `, p99 ${duration(p99Ms)}` : '';
  return svg(
    'g',
    {
      class: 'server',
      transform: `translate(${box.x} ${box.y})`,
      'data-tone': TONE_OF_STATE[state],
      'data-endpoint': endpoint,
      'data-current': isCurrent,
    },
    frame(box),
    shape,
    text('name', 30, 19, nameOf(server), box.width - 38),
    text('state-word', 30, 35, `${state}${rest}`, box.width - 38),
  );
}

/** @param {Box} box */
function frame({ width }) {
  return svg('rect', { class: 'box', width, height: BOX, rx: 8 });
}

/** @param {string} kind @param {number} x @param {number} y @param {string} content @param {number} width */
function text(kind, x, y, content, width) {
  // About the width of a character: SVG cuts no text by itself.
  const most = Math.max(4, Math.floor(width / (kind === 'name' ? 8.2 : 6.2)));
  const shown = content.length > most ? `${content.slice(0, most - 1)}…` : content;
  return svg('text', { class: kind, x, y }, shown, svg('title', {}, content));
}

/** @param {PageSnapshot} snapshot @param {number} callers */
function inWords({ servers }, callers) {
  const named = servers
    .slice(0, 10)
    .map(
      (server) =>
        `${nameOf(server)} ${server.state}${server.zone === undefined ? '' : ` in zone ${server.zone}`}${hasRates(server) ? `, ${amount(server.callsPerSecond)} calls a second` : ''}`,
    );
  return `${counted(callers, 'client', 'clients')} and ${counted(servers.length, 'server', 'servers')}. ${named.join('; ')}`;
}

/** @param {PageSnapshot} snapshot @param {number} callers */
function omitted({ servers, left }, callers) {
  const more = {
    servers: Math.max(0, servers.length - SHOWN) + left.servers,
    clients: Math.max(0, callers - SHOWN) + left.clients,
  };
  const out = [
    ...(more.servers > 0 ? [counted(more.servers, 'server', 'servers')] : []),
    ...(more.clients > 0 ? [counted(more.clients, 'client', 'clients')] : []),
  ];
  return out.length === 0 ? '' : `Not drawn: ${out.join(' and ')}.`;
}
