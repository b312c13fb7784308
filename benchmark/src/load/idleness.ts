import type { Load } from './load.js';

/** No work: measures what an idle client costs. */
export const idleness: Load = { open: 0, stop() {} };
