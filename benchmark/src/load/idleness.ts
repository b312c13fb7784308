import type { Load } from './load.js';

/** Nothing to do: what is measured is what a client costs by being there. */
export const idleness: Load = { open: 0, stop() {} };
