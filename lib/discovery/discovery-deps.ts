import type { Environment } from '../agents/clock.js';
import { refreshDelay, retryDelay } from '../core/discovery-schedule.js';
import type { Files } from './files.js';
import type { Names } from './names.js';
import type { WatchPace } from './shared-watch.js';
import { SharedWatches } from './shared-watches.js';

/** What the discoveries of this package are made of: the system's, or a test's. */
export interface DiscoveryDeps {
  readonly environment: Pick<Environment, 'clock' | 'random'>;
  /** @param servers undefined for the system's own name servers */
  readonly names: (servers?: readonly string[]) => Names;
  readonly files: Files;
  readonly watches: SharedWatches;
}

/** In ms, from the start of one look-up to that of the next, at least. */
const LOOKUP_GAP_MS = 1000;

/** While look-ups fail, there is one each 4 to 8 s in the end: a name server that is back is found soon. */
const MOST_FAILURES = 3;

/** The pace of look-ups at name servers. */
export function lookupPace(random: () => number): WatchPace {
  return {
    gapMs: LOOKUP_GAP_MS,
    afterAnswer: (ttlMs) => refreshDelay(ttlMs, random),
    afterFailure: (failures) => retryDelay(Math.min(failures, MOST_FAILURES), random),
  };
}
