/** @import { Moments } from './moments.js' */

import { setAttribute, setText } from './dom.js';
import { clock, span } from './format.js';

/** How far back still counts as now: the thumb at the right end, in ms. */
const NOW_MS = 500;

/**
 * Which moment the page shows: the newest one, or, once the slider is moved, that of the slider, which stays in place while
 * time goes on.
 *
 * @param {{ live: HTMLElement, moment: HTMLElement, scrubber: HTMLInputElement }} controls
 * @param {Moments} moments
 * @param {() => void} changed
 */
export function createTravel({ live, moment: words, scrubber }, moments, changed) {
  /** In ms since 1970; undefined: live. @type {number | undefined} */
  let shownAt;

  live.addEventListener('click', () => goTo(undefined));
  scrubber.addEventListener('input', () => {
    const newest = moments.newest?.snapshot.at;
    const back = -Number(scrubber.value) * 1000;
    if (newest !== undefined) goTo(back < NOW_MS ? undefined : newest - back);
  });

  return { goTo, moment, show, isLive: () => shownAt === undefined };

  /** @param {number | undefined} at */
  function goTo(at) {
    shownAt = at;
    changed();
  }

  function moment() {
    return shownAt === undefined ? moments.newest : moments.at(shownAt);
  }

  /** Brings the controls in line with the moment. */
  function show() {
    const { newest, oldest, keepMs } = moments;
    const shown = moment();
    if (!newest || !oldest || !shown) return;
    const isLive = shownAt === undefined;
    const back = newest.snapshot.at - Math.max(shownAt ?? newest.snapshot.at, oldest.snapshot.at);
    const told = isLive
      ? `${clock(shown.snapshot.at)}, live`
      : `${clock(shown.snapshot.at)}, ${span(back)} ago`;
    setAttribute(scrubber, 'min', -Math.round(keepMs / 1000));
    const value = String(-Math.round(back / 1000));
    if (scrubber.value !== value) scrubber.value = value;
    setAttribute(scrubber, 'aria-valuetext', told);
    setAttribute(live, 'aria-pressed', isLive);
    setText(words, told);
  }
}
