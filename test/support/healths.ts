import type { Connectivity } from '../../lib/core/connectivity.js';
import { type Ejection, SOUND } from '../../lib/core/ejection.js';
import type { Health } from '../../lib/core/health.js';

const alive: Connectivity = { state: 'alive' };
const open: Ejection = { state: 'open', timeouts: 3, ejections: 1, until: 9, isOutlier: false };
const halfOpen = { state: 'half-open', timeouts: 0, ejections: 1, isOutlier: false } as const;

const reached = (state: 'alive' | 'silent' | 'unready' | 'draining'): Health => ({
  connectivity: { state },
  ejection: SOUND,
});

/** A server in each of its states. */
export const healths = {
  connecting: { connectivity: { state: 'connecting', probeAt: 0, probes: 0 }, ejection: SOUND },
  alive: reached('alive'),
  silent: reached('silent'),
  unready: reached('unready'),
  draining: reached('draining'),
  failing: { connectivity: alive, ejection: open },
  failingAndSilent: { connectivity: { state: 'silent' }, ejection: open },
  failingAndUnready: { connectivity: { state: 'unready' }, ejection: open },
  trialDue: { connectivity: alive, ejection: { ...halfOpen, waitsFor: 'trial' } },
  onTrial: { connectivity: alive, ejection: { ...halfOpen, waitsFor: 'answer' } },
  dead: {
    connectivity: {
      state: 'dead',
      because: 'lost',
      since: 0,
      probeAt: 0,
      probes: 1,
      isProbing: true,
      refuses: false,
      hasLeft: false,
    },
    ejection: SOUND,
  },
  left: {
    connectivity: {
      state: 'dead',
      because: 'it closed the connection',
      since: 0,
      probeAt: 0,
      probes: 0,
      isProbing: false,
      refuses: false,
      hasLeft: true,
    },
    ejection: SOUND,
  },
} as const satisfies Record<string, Health>;
