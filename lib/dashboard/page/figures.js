/** @import { Totals } from './derive.js' */

import { element, setAttribute, setText } from './dom.js';
import { amount, duration, NOTHING, percent } from './format.js';

/** The few numbers that say whether all is well. @param {HTMLElement} list */
export function createFigures(list) {
  const servers = figure('Servers alive');
  const calls = figure('Calls per second');
  const errors = figure('Calls that fail');
  const p50 = figure('p50');
  const p99 = figure('p99');
  const work = figure('Running, and in queues');

  /** @param {Totals} totals */
  return (totals) => {
    const isWhole = totals.alive === totals.servers;
    servers.show(String(totals.alive), `of ${totals.servers}`, isWhole ? undefined : 'bad');
    calls.show(totals.areRatesKnown ? amount(totals.callsPerSecond) : NOTHING);
    const isFailing = totals.errorsPerSecond > 0;
    errors.show(
      percent(totals.errorsPerSecond, totals.callsPerSecond),
      isFailing ? `${amount(totals.errorsPerSecond)}/s` : '',
      isFailing ? 'bad' : undefined,
    );
    p50.show(duration(totals.p50Ms));
    p99.show(duration(totals.p99Ms));
    work.show(amount(totals.running), `+ ${amount(totals.queued)}`);
  };

  /** @param {string} name */
  function figure(name) {
    const number = document.createTextNode(NOTHING);
    const beside = element('small');
    const value = element('dd', {}, number, beside);
    list.append(element('div', {}, element('dt', {}, name), value));
    return {
      /** @param {string} text @param {string} [small] @param {string} [tone] */
      show(text, small = '', tone) {
        setText(number, text);
        // With a space: what is read aloud is "2 of 3", not "2of 3".
        setText(beside, small === '' ? '' : ` ${small}`);
        setAttribute(value, 'data-tone', tone);
      },
    };
  }
}
