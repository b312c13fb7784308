/** @import { KeyedEvent } from './moments.js' */

import { nameOf, TONE_OF_EVENT } from './derive.js';
import { element } from './dom.js';
import { clock } from './format.js';
import { Rows } from './rows.js';
import { eventShape, mark } from './state-mark.js';

/** More are not read; the timeline shows them all. */
const SHOWN = 100;

/**
 * What has happened, the newest first. The time of each leads to that moment.
 *
 * @param {HTMLElement} place
 * @param {string} empty what it says without events
 * @param {(at: number) => void} goTo
 */
export function createEventList(place, empty, goTo) {
  const list = element('ol', { class: 'events', reversed: true });
  const nothing = element('p', { class: 'empty' }, empty);
  place.append(list, nothing);
  const rows = new Rows(
    list,
    (/** @type {KeyedEvent} */ event) => ({ element: entry(event, goTo) }),
    () => {},
  );

  /** @param {readonly KeyedEvent[]} events the oldest first */
  return (events) => {
    rows.show(events.slice(-SHOWN).toReversed(), ({ key }) => key);
    nothing.hidden = events.length > 0;
  };
}

/** @param {KeyedEvent} event @param {(at: number) => void} goTo */
function entry({ at, toldAt, kind, endpoint, serverId, text }, goTo) {
  const time = element('time', { datetime: new Date(at).toISOString() }, clock(at));
  const button = element(
    'button',
    { type: 'button', class: 'link', title: 'Show that moment' },
    time,
  );
  button.addEventListener('click', () => goTo(toldAt));
  const name = nameOf({ id: serverId, endpoint });
  return element(
    'li',
    { 'data-tone': TONE_OF_EVENT[kind] },
    button,
    element('span', { class: 'state' }, mark(eventShape(kind))),
    element('span', { class: 'what' }, element('span', { class: 'kind' }, name), ` ${text}`),
  );
}
