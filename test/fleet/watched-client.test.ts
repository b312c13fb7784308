import { expect, test } from 'vitest';
import { ClientCallMeter } from '../../lib/agents/client/client-call-meter.js';
import { noClientStats } from '../../lib/agents/client/client-stats.js';
import { PatternMeters } from '../../lib/agents/pattern-meters.js';
import { WatchedClient } from '../../lib/fleet/watched-client.js';

/** A client of this process, whose patterns are counted as a real one counts them. */
function bench() {
  const meters = new PatternMeters(() => new ClientCallMeter());
  const client = {
    id: 'client-1',
    on: () => () => undefined,
    stats: () => ({
      ...noClientStats(),
      ...meters.sum().stats(),
      ...meters.stats((meter) => meter.stats()),
    }),
  };
  let now = 0;
  const watched = new WatchedClient({ name: 'shop', client }, () => now);
  return {
    watched,
    meters,
    /** Reads it after one more second. */
    read: () => {
      now += 1000;
      watched.read();
      return watched.snapshot((endpoint) => endpoint);
    },
  };
}

test.each(['constructor', 'toString', '__proto__'])(
  'a pattern %s, which every object has as a member, is one that was not called before',
  (pattern) => {
    const { watched, meters, read } = bench();
    for (let call = 0; call < 3; call++) {
      meters.of(pattern).began();
      meters.of(pattern).failed('ETIMEDOUT', 1);
    }
    expect(read().patterns).toMatchObject([{ pattern, callsPerSecond: 3, errorsPerSecond: 3 }]);
    expect(watched.unanswered).toMatchObject([{ pattern, errors: 3 }]);
    expect(read().patterns).toMatchObject([{ pattern, callsPerSecond: 0, errorsPerSecond: 0 }]);
  },
);
