/** @import { KeyedEvent, Moment, Moments } from './moments.js' */

import { nameOf, TONE_OF_EVENT } from './derive.js';
import { setAttribute, svg } from './dom.js';
import { amount, clock, counted, span } from './format.js';
import { eventShape } from './state-mark.js';

const HEIGHT = 104;
const MARKS = 7;
const MOVES = 21;
const TOP = 34;
const BOTTOM = 86;
const LABELS = 100;

/** The newest: older ones would only cover each other. */
const MARKS_SHOWN = 300;

/** What happens beside a change of state, and often at the same time. */
const BELOW = new Set(['failover', 'added', 'removed']);

const MINUTE_MS = 60_000;

/**
 * Calls and errors over the time that is kept, and marks for what has happened.
 *
 * @param {HTMLElement} place
 */
export function createTimeline(place) {
  const drawing = svg('svg', { role: 'img', height: HEIGHT });
  place.append(drawing);

  /** @param {Moments} moments @param {readonly KeyedEvent[]} events @param {number | undefined} shown when, unless live */
  return (moments, events, shown) => {
    const { newest, keepMs, all } = moments;
    if (!newest) return;
    const width = Math.max(200, place.clientWidth);
    const end = newest.snapshot.at;
    const x = (/** @type {number} */ at) => round(width * (1 - (end - at) / keepMs));
    const most = all.reduce((high, { totals }) => Math.max(high, totals.callsPerSecond), 1);
    const y = (/** @type {number} */ value) => round(BOTTOM - (BOTTOM - TOP) * (value / most));

    setAttribute(drawing, 'viewBox', `0 0 ${width} ${HEIGHT}`);
    setAttribute(drawing, 'aria-label', inWords(all, events, most, keepMs));
    drawing.replaceChildren(
      ...areas(all, x, y),
      svg('path', { class: 'axis', d: `M0 ${BOTTOM}H${width}` }),
      ...minutes(keepMs, width),
      svg('text', { x: 0, y: TOP - 3 }, `${amount(most)}/s`),
      ...events.slice(-MARKS_SHOWN).map((event) => eventMark(event, x(event.at))),
      ...(shown === undefined
        ? []
        : [svg('path', { class: 'cursor', d: `M${x(shown)} 0V${BOTTOM}` })]),
    );
  };
}

/** @param {readonly Moment[]} moments @param {(at: number) => number} x @param {(value: number) => number} y */
function areas(moments, x, y) {
  const first = moments[0];
  const last = moments.at(-1);
  if (!first || !last) return [];
  const calls = moments
    .map(({ snapshot, totals }) => `${x(snapshot.at)} ${y(totals.callsPerSecond)}`)
    .join('L');
  const errors = moments
    .map(({ snapshot, totals }) => `${x(snapshot.at)} ${y(totals.errorsPerSecond)}`)
    .join('L');
  const ends = [x(first.snapshot.at), x(last.snapshot.at)];
  return [
    svg('path', { class: 'area', d: `M${ends[0]} ${BOTTOM}L${calls}L${ends[1]} ${BOTTOM}z` }),
    svg('path', { class: 'calls', d: `M${calls}` }),
    svg('path', { class: 'errors', d: `M${ends[0]} ${BOTTOM}L${errors}L${ends[1]} ${BOTTOM}z` }),
  ];
}

/** @param {number} keepMs @param {number} width */
function minutes(keepMs, width) {
  const count = Math.round(keepMs / MINUTE_MS);
  // On a narrow screen, not all of them.
  const step = [1, 2, 5].find((every) => (width / count) * every >= 70) ?? count;
  /** @type {SVGElement[]} */
  const ticks = [];
  for (let minute = 0; minute <= count; minute += step) {
    const at = round(width * (1 - minute / count));
    const anchor = minute === 0 ? 'end' : minute === count ? 'start' : 'middle';
    const words = minute === 0 ? 'now' : `−${minute} min`;
    ticks.push(
      svg('path', { class: 'axis', d: `M${at} ${BOTTOM}v4` }),
      svg('text', { x: at, y: LABELS, 'text-anchor': anchor }, words),
    );
  }
  return ticks;
}

/** @param {KeyedEvent} event @param {number} x */
function eventMark(event, x) {
  const { at, kind, serverId, endpoint, text } = event;
  const shape = eventShape(kind);
  setAttribute(shape, 'data-tone', TONE_OF_EVENT[kind]);
  setAttribute(shape, 'transform', `translate(${x - 6} ${(BELOW.has(kind) ? MOVES : MARKS) - 6})`);
  shape.append(svg('title', {}, `${clock(at)} ${nameOf({ id: serverId, endpoint })} ${text}`));
  return shape;
}

/** @param {readonly Moment[]} moments @param {readonly KeyedEvent[]} events @param {number} most @param {number} keepMs */
function inWords(moments, events, most, keepMs) {
  const now = moments.at(-1)?.totals.callsPerSecond ?? 0;
  return `Calls per second in the last ${span(keepMs)}: now ${amount(now)}, at most ${amount(most)}. ${counted(events.length, 'event', 'events')}, listed under What happened.`;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
