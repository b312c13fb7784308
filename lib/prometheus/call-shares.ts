import type { ClientStats } from '../agents/client/client-stats.js';
import { callShares } from '../core/call-shares.js';
import type { Reading } from './metric.js';
import { OTHER } from './pattern-readings.js';

/** What part of the calls goes where, by priority and zone. Of a client without a zone there is no label of it. */
export function callShareReadings({
  priorities,
  zone: own,
}: Pick<ClientStats, 'priorities' | 'zone'>): Reading[] {
  return callShares(priorities, own).map(({ priority, zone, share }): Reading => {
    const level = { priority: priority === undefined ? OTHER : String(priority) };
    return [zone === undefined ? level : { ...level, zone }, share];
  });
}
