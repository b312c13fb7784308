/** @import { FleetEvent, ServerSnapshot } from '../../fleet/snapshot.js' */

import { svg } from './dom.js';

/*
 * Shapes in a box of 12: whoever does not tell the colours apart tells these apart. `solid` is filled, `line` is drawn.
 */

/** @type {Record<string, readonly [part: 'solid' | 'line', path: string][]>} */
const SHAPES = {
  circle: [['solid', 'M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10z']],
  ring: [['line', 'M6 2a4 4 0 1 1 0 8a4 4 0 1 1 0-8z']],
  triangle: [['solid', 'M6 1l5.500 10h-11z']],
  diamond: [['solid', 'M6 .5l5.500 5.500-5.500 5.500-5.500-5.500z']],
  cross: [['line', 'M2 2l8 8M10 2l-8 8']],
  barred: [['line', 'M1.500 1.500h9v9h-9zM2 10l8-8']],
  plus: [['line', 'M6 1v10M1 6h10']],
  minus: [['line', 'M1 6h10']],
  arrow: [['line', 'M1 6h9M6.500 2l4 4-4 4']],
};

/** @type {Record<ServerSnapshot['state'], string>} */
const OF_STATE = {
  alive: 'circle',
  suspect: 'triangle',
  draining: 'diamond',
  dead: 'cross',
  connecting: 'ring',
};

/** @type {Record<FleetEvent['kind'], string>} */
const OF_EVENT = {
  up: 'circle',
  down: 'cross',
  suspect: 'triangle',
  ejected: 'barred',
  draining: 'diamond',
  failover: 'arrow',
  added: 'plus',
  removed: 'minus',
};

/** @param {ServerSnapshot['state']} state */
export function stateShape(state) {
  return shape(OF_STATE[state]);
}

/** @param {FleetEvent['kind']} kind */
export function eventShape(kind) {
  return shape(OF_EVENT[kind]);
}

/** The shape as an image of its own, beside text that says the same. @param {SVGGElement} content */
export function mark(content) {
  return svg('svg', { class: 'mark', viewBox: '0 0 12 12', 'aria-hidden': true }, content);
}

/** @param {string} name */
function shape(name) {
  const parts = SHAPES[name] ?? [];
  return svg('g', {}, ...parts.map(([part, d]) => svg('path', { d, 'data-part': part })));
}
