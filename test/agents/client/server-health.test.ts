import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ServerHealth } from '../../../lib/agents/client/server-health.js';
import type { ServerView } from '../../../lib/core/balancer.js';
import { type HealthEvent, initialHealth } from '../../../lib/core/health.js';
import { Member } from '../../../lib/core/member.js';
import { Pool } from '../../../lib/core/pool.js';
import { fixSeed } from '../../support/fix-seed.js';
import { everyEvent, overdue, policy, ready, timedOut } from '../../support/health-events.js';
import { ManualClock } from '../../support/manual-clock.js';
import { seededRandom } from '../../support/random.js';

fixSeed(58);

const TARGETS = [
  { endpoint: 'a', zone: 'here' },
  { endpoint: 'b', zone: 'there' },
  { endpoint: 'c', zone: 'here', priority: 1 },
  { endpoint: 'd', zone: 'there', priority: 1 },
];

type Happening = HealthEvent | 'leaves';

/** A pool that tells whom its balancer was offered. */
class WatchedPool extends Pool<Member> {
  readonly #offers: (readonly string[])[];

  constructor() {
    const offers: (readonly string[])[] = [];
    const pick = <T extends ServerView>(servers: readonly [T, ...T[]]): T => {
      offers.push(servers.map(({ endpoint }) => endpoint));
      return servers[0];
    };
    super({ pick }, () => 0, 'here');
    this.#offers = offers;
  }

  /** Everything that a pool keeps from one call to the next. */
  seen(now: number) {
    const { usableCount, isUsable, usable, panics } = this;
    const picked = this.pick(undefined, now)?.endpoint;
    const offers = this.#offers.splice(0);
    const names = usable.map(({ endpoint }) => endpoint);
    return { usableCount, isUsable, names, picked, offers, isPanic: this.panics > panics };
  }
}

test('what a pool keeps of its servers is what it would make of them anew, whatever happens to them', () => {
  const step = fc.record({
    server: fc.nat(TARGETS.length - 1),
    what: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom<Happening>(...everyEvent) },
      { weight: 9, arbitrary: fc.constantFrom<Happening>(ready, overdue, timedOut) },
      { weight: 1, arbitrary: fc.constant<Happening>('leaves') },
    ),
    // Timeouts in a row count.
    times: fc.integer({ min: 1, max: policy.maxFailures }),
    pause: fc.nat(3000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), fc.nat(), (steps, seed) => {
      const clock = new ManualClock();
      const environment = { clock, random: seededRandom(seed), atTurnEnd: () => {} };
      const pool = new WatchedPool();
      const ofServers = new Map<string, ServerHealth>();
      for (const { server, what, times, pause } of steps) {
        clock.advance(pause);
        const target = TARGETS[server] ?? { endpoint: '' };
        const known = pool.get(target.endpoint);
        if (!known) {
          const member = new Member(target.endpoint, initialHealth(clock.now(), policy));
          member.target = target;
          pool.add(member);
          const healthPolicy = () => ({ ...policy, mayEject: () => pool.mayEject() });
          const health = new ServerHealth(
            member,
            { environment, healthPolicy },
            {
              stateChanged: () => pool.healthChanged(),
              tierChanged: () => pool.healthChanged(),
              recovered: () => {},
              unreachable: () => {},
              reconnect: () => {},
              rescheduled: () => {},
            },
          );
          ofServers.set(target.endpoint, health);
        } else if (what === 'leaves') pool.remove(known);
        else for (let n = 0; n < times; n++) ofServers.get(target.endpoint)?.happened(what);
        const anew = new WatchedPool();
        for (const member of pool.members) anew.add(member);
        expect(pool.seen(clock.now())).toEqual(anew.seen(clock.now()));
      }
    }),
  );
});
