import { block, freeze } from './hang.js';
import { kill } from './kill.js';
import { LINKS } from './links.js';
import { restart } from './restart.js';
import type { Scenario } from './scenario.js';

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [kill, freeze, block, restart, ...LINKS];
