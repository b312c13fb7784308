/**
 * @import { PatternSnapshot, ServerSnapshot } from '../../fleet/snapshot.js'
 * @import { KeyedEvent } from './moments.js'
 */

import { hasRates, nameOf, TONE_OF_STATE } from './derive.js';
import { element, setAttribute, setText } from './dom.js';
import { createEventList } from './event-list.js';
import { amount, duration, NOTHING, percent, span } from './format.js';
import { mark, stateShape } from './state-mark.js';
import { createTable } from './table.js';

/** Patterns of one server that are shown. */
const SHOWN = 12;

/**
 * One server: what it does, its patterns, and what has happened to it.
 *
 * @param {HTMLElement} place
 * @param {(at: number) => void} goTo
 */
export function createDetail(place, goTo) {
  const name = element('h3');
  const shape = element('span');
  const word = document.createTextNode('');
  const state = element('p', { class: 'state' }, shape, word);
  const note = element('p', { class: 'muted' });
  const facts = element('dl', { class: 'facts' });
  const calls = fact('Calls/s');
  const errors = fact('Errors');
  const p50 = fact('p50');
  const p99 = fact('p99');
  const running = fact('Running');
  const queued = fact('Queued');
  const refused = fact('Refused/s');
  const clients = fact('Clients');
  const heartbeat = fact('Heartbeat');
  const zone = fact('Zone');
  const priority = fact('Priority');
  const weight = fact('Weight');
  const service = fact('Service', 'wide');
  const foundAs = fact('Found as', 'wide');
  const patternsPlace = element('div', { class: 'part scroll' });
  const eventsPlace = element(
    'div',
    { class: 'part' },
    element('p', { class: 'muted' }, 'What happened to it'),
  );
  place.append(
    element('div', { class: 'detail-head' }, name, state, note),
    facts,
    patternsPlace,
    eventsPlace,
  );

  const showPatterns = createTable(patternsPlace, {
    caption: 'Its patterns, the busiest first',
    empty: 'No patterns are known.',
    keyOf: (/** @type {PatternSnapshot} */ { pattern }) => pattern,
    columns: [
      { title: 'Pattern', kind: 'long', text: ({ pattern }) => pattern },
      { title: 'Calls/s', text: ({ callsPerSecond }) => amount(callsPerSecond) },
      { title: 'p99', text: ({ p99Ms }) => duration(p99Ms) },
      { title: 'Open', text: ({ pending }) => amount(pending) },
      {
        title: 'Errors',
        text: ({ errors: count, calls: all }) => (count === 0 ? '0' : percent(count, all)),
        tone: ({ errorsPerSecond }) => (errorsPerSecond > 0 ? 'bad' : undefined),
      },
    ],
  });
  const showEvents = createEventList(eventsPlace, 'Nothing, as far back as this page goes.', goTo);

  /** @param {ServerSnapshot | undefined} server @param {readonly KeyedEvent[]} events of this server */
  return (server, events) => {
    place.hidden = server === undefined;
    if (!server) return;
    const tells = server.noStats === undefined;
    /** @param {number} value */
    const own = (value) => (tells ? amount(value) : NOTHING);
    setText(name, nameOf(server));
    showState(server);
    calls(hasRates(server) ? amount(server.callsPerSecond) : NOTHING);
    errors(percent(server.errorsPerSecond, server.callsPerSecond));
    p50(duration(server.p50Ms));
    p99(duration(server.p99Ms));
    running(own(server.running));
    queued(own(server.queued));
    refused(hasRates(server) ? own(server.refusedPerSecond) : NOTHING);
    clients(own(server.clients));
    heartbeat(duration(server.heartbeatMs));
    showPlace(server);
    showPatterns(busiest(server.patterns));
    showEvents(events);
  };

  /** @param {ServerSnapshot} server */
  function showState(server) {
    const isNew = state.dataset['tone'] !== TONE_OF_STATE[server.state];
    setAttribute(state, 'data-tone', TONE_OF_STATE[server.state]);
    if (isNew) shape.replaceChildren(mark(stateShape(server.state)));
    setText(word, server.reason === '' ? server.state : `${server.state}: ${server.reason}`);
    const where = server.id === undefined ? '' : server.endpoint;
    const silent =
      server.noStats === undefined ? '' : `No statistics of its own: ${server.noStats}.`;
    const stale =
      server.staleMs === undefined ? '' : `Its statistics are ${span(server.staleMs)} old.`;
    setText(note, [where, silent, stale].filter((text) => text !== '').join(' · '));
  }

  /** Nothing of a server that stands for itself alone. @param {ServerSnapshot} server */
  function showPlace({ name: found, service: of, zone: where, weight: share, priority: level }) {
    const isPlaced =
      [found, of, where].some((told) => told !== undefined) || share !== 1 || level > 0;
    zone(where);
    priority(isPlaced ? String(level) : undefined);
    weight(isPlaced ? String(share) : undefined);
    service(of);
    foundAs(found);
  }

  /** @param {string} title @param {'wide'} [kind] has a line for itself @returns {(text: string | undefined) => void} */
  function fact(title, kind) {
    const value = element('dd');
    const whole = element('div', { class: kind }, element('dt', {}, title), value);
    facts.append(whole);
    return (text) => {
      whole.hidden = text === undefined;
      setText(value, text ?? '');
    };
  }
}

/** @param {readonly PatternSnapshot[]} patterns */
function busiest(patterns) {
  return patterns
    .toSorted((a, b) => b.callsPerSecond - a.callsPerSecond || b.calls - a.calls)
    .slice(0, SHOWN);
}
