import { comebacks } from './comeback.js';
import { blocks, freezes } from './hang.js';
import { kills } from './kill.js';
import { LINKS } from './links.js';
import { outage } from './outage.js';
import { overload } from './overload.js';
import { restarts } from './restart.js';
import { rollout } from './rollout.js';
import type { Scenario } from './scenario.js';
import { soak } from './soak.js';
import { streams } from './streams.js';

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  kills,
  comebacks,
  freezes,
  blocks,
  restarts,
  rollout,
  ...LINKS,
  outage,
  overload,
  streams,
  soak,
];
