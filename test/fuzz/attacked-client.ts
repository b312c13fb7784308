import { setTimeout } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { FreelanceClientProxy, FreelanceRecordBuilder } from '../../lib/index.js';
import { HonestCaller } from './honest.js';
import { AWKWARD, PATTERNS } from './material.js';

/** Every call must have ended after this time, in ms. */
const DEADLINE_MS = 500;
const CALLERS = 8;

/**
 * One client calls a hostile server and an honest one, and must see each call end; another client calls the honest server
 * alone, and must get its answers. The arguments are their endpoints, and `guide` if the hostile one speaks that dialect.
 */
export function attackedClient([hostile = '', honest = '', dialect]: readonly string[]) {
  const options = { heartbeatInterval: 20, heartbeatTimeout: 1000, reconnectInterval: 10 };
  const client = new FreelanceClientProxy({
    ...options,
    endpoints: [dialect === 'guide' ? { endpoint: hostile, dialect } : hostile, honest],
    balancer: 'round-robin',
    maxFailures: Infinity,
    requestTimeout: 200,
  });
  const careful = new FreelanceClientProxy({
    endpoints: honest,
    // On a busy machine the honest server may be silent for seconds.
    heartbeatTimeout: 30_000,
    requestTimeout: 30_000,
    connectTimeout: 30_000,
  });
  const caller = new HonestCaller(careful);
  let ended = 0;
  let longest = 0;
  const done = new AbortController();
  const callOn = async (of: number) => {
    for (let n = of; !done.signal.aborted; n++) {
      const data = AWKWARD[n % AWKWARD.length];
      const record = new FreelanceRecordBuilder(data).setTimeout(DEADLINE_MS).build();
      const pattern = PATTERNS[n % PATTERNS.length] ?? '';
      const startedAt = performance.now();
      await (
        n % 5 === 0
          ? lastValueFrom(client.emit(pattern, record))
          : lastValueFrom(client.send(pattern, record))
      ).catch(() => {});
      longest = Math.max(longest, performance.now() - startedAt);
      ended++;
      await setTimeout(1);
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, (_, n) => callOn(n)));
  return {
    report: () => ({
      ended,
      longest: Math.round(longest),
      served: caller.served,
      failures: caller.failures.slice(0, 5),
      hostile: client.stats(),
    }),
    async close() {
      done.abort();
      await callers;
      await caller.stop();
      client.close();
      careful.close();
    },
  };
}
