import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heartbeat, type HeartbeatPolicy, type Pulse } from '../../lib/core/heartbeat.js';
import { seededRandom } from '../support/random.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(14);

const policy = { interval: 1000, timeout: 3000 };
const started = () => new Heartbeat(policy, 0);

/** A heartbeat whose PINGs went out at these times, with their ids. */
function pinged(...times: number[]): [heartbeat: Heartbeat, ...ids: string[]] {
  const heartbeat = started();
  return [heartbeat, ...times.map((time) => heartbeat.ping(time))];
}

describe('PINGs', () => {
  test('the first is due at once, the next an interval after it', () => {
    const heartbeat = started();
    expect(heartbeat.isPingDue(0)).toBe(true);
    heartbeat.ping(20);
    expect(heartbeat.isPingDue(1019)).toBe(false);
    expect(heartbeat.isPingDue(1020)).toBe(true);
  });

  test('are due whether or not the earlier ones were answered', () => {
    const [heartbeat, id = ''] = pinged(0);
    heartbeat.pong(id, 10);
    expect(heartbeat.isPingDue(999)).toBe(false);
    expect(heartbeat.isPingDue(1000)).toBe(true);
  });

  test('that were missed while the client stood still are not made up for', () => {
    const [heartbeat] = pinged(0);
    expect(heartbeat.isPingDue(60_000)).toBe(true);
    heartbeat.ping(60_000);
    expect(heartbeat.isPingDue(60_000)).toBe(false);
  });

  test('each has an id of its own', () => {
    const [, ...ids] = pinged(0, 1000, 2000);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('the round trip of a PONG', () => {
  test('is that of the PING whose id it carries, in any order', () => {
    const [heartbeat, first = '', second = ''] = pinged(0, 1000);
    expect(heartbeat.pong(second, 1030)).toBe(30);
    expect(heartbeat.pong(first, 1100)).toBe(1100);
  });

  test('may be nothing', () => {
    const [heartbeat, id = ''] = pinged(500);
    expect(heartbeat.pong(id, 500)).toBe(0);
  });

  test.each(['', '0', '2', '01', 'toString', '__proto__'])(
    'is unknown for the id %j, which no PING had',
    (id) => {
      const [heartbeat] = pinged(0);
      expect(heartbeat.pong(id, 10)).toBeUndefined();
    },
  );

  test('is measured once: a PONG that comes twice is the second time a repeated one', () => {
    const [heartbeat, id = ''] = pinged(0);
    heartbeat.pong(id, 10);
    expect(heartbeat.pong(id, 20)).toBe('repeated');
    expect(heartbeat.pulse(2900)).toBe('fresh');
  });

  test.each(['0', '2', '01', '-1', '1.0', '', 'x'])(
    'of an id that was never sent is foreign: %j',
    (id) => {
      const [heartbeat] = pinged(0);
      expect(heartbeat.pong(id, 20)).toBeUndefined();
    },
  );

  test('is still known for the latest PINGs of a silent server, and forgotten for old ones', () => {
    const heartbeat = started();
    const ids = Array.from({ length: 1000 }, (_, second) => heartbeat.ping(second * 1000));
    const known = ids.filter((id) => typeof heartbeat.pong(id, 999_000) === 'number');
    expect(known).toEqual(ids.slice(-known.length));
    // Those of one timeout, and not many more: what is kept must not grow with the silence.
    expect(known.length).toBeGreaterThanOrEqual(3);
    expect(known.length).toBeLessThanOrEqual(5);
  });
});

describe('a PONG without an id', () => {
  test('to the only PING that is out measures its round trip', () => {
    const [heartbeat] = pinged(0);
    expect(heartbeat.pongWithoutId(40)).toBe(40);
    heartbeat.ping(1000);
    expect(heartbeat.pongWithoutId(1050)).toBe(50);
  });

  test('proves life and measures nothing with several PINGs out', () => {
    const [heartbeat] = pinged(0, 1000);
    expect(heartbeat.pulse(1500)).toBe('overdue');
    expect(heartbeat.pongWithoutId(1500)).toBeUndefined();
    expect(heartbeat.pulse(1500)).toBe('fresh');
    expect(heartbeat.pulse(4499)).toBe('fresh');
  });

  test('proves life and measures nothing with no PING out', () => {
    const heartbeat = started();
    expect(heartbeat.pongWithoutId(2500)).toBeUndefined();
    heartbeat.ping(2500);
    expect(heartbeat.pulse(5499)).toBe('overdue');
    expect(heartbeat.pulse(5500)).toBe('silent');
  });
});

describe('the pulse', () => {
  test('is fresh before the first PING, however long that takes', () => {
    expect(started().pulse(1e9)).toBe('fresh');
  });

  test('of a server that answers nothing: overdue after a PING had its time, then silent', () => {
    const [heartbeat] = pinged(0, 1000, 2000);
    expect(heartbeat.pulse(999)).toBe('fresh');
    expect(heartbeat.pulse(1000)).toBe('overdue');
    expect(heartbeat.pulse(2999)).toBe('overdue');
    expect(heartbeat.pulse(3000)).toBe('silent');
  });

  test('is fresh again with a PONG', () => {
    const [heartbeat, id = ''] = pinged(0);
    heartbeat.pong(id, 1500);
    expect(heartbeat.pulse(1500)).toBe('fresh');
  });

  test('is fresh again with anything else that the server says', () => {
    const [heartbeat] = pinged(0, 1000, 2000);
    heartbeat.heard(2900);
    expect(heartbeat.pulse(3000)).toBe('fresh');
    heartbeat.ping(3000);
    expect(heartbeat.pulse(5899)).toBe('overdue');
    expect(heartbeat.pulse(5900)).toBe('silent');
  });

  test('does not care for a PONG to no PING: whether that proves life is the caller to say', () => {
    const [heartbeat] = pinged(0);
    heartbeat.pong('nonsense', 900);
    expect(heartbeat.pulse(1000)).toBe('overdue');
  });

  test('a timeout of little more than an interval leaves a PING little time', () => {
    const heartbeat = new Heartbeat({ interval: 1000, timeout: 1200 }, 0);
    const id = heartbeat.ping(0);
    heartbeat.pong(id, 10);
    heartbeat.ping(1000);
    expect(heartbeat.pulse(1199)).toBe('fresh');
    expect(heartbeat.pulse(1200)).toBe('overdue');
    expect(heartbeat.pulse(1210)).toBe('silent');
  });
});

describe('a client whose own event loop stood still', () => {
  test('does not take its servers for dead: none was asked', () => {
    const [heartbeat, id = ''] = pinged(0);
    heartbeat.pong(id, 10);
    expect(heartbeat.pulse(60_000)).toBe('fresh');
  });

  test('gives them the time of a PING to answer, and only then counts the silence', () => {
    const [heartbeat, id = ''] = pinged(0);
    heartbeat.pong(id, 10);
    heartbeat.ping(60_000);
    expect(heartbeat.pulse(60_999)).toBe('fresh');
    expect(heartbeat.pulse(61_000)).toBe('silent');
  });
});

describe('the next thing to do', () => {
  test('is the first PING, at once', () => {
    expect(started().nextDueAt(0)).toBe(0);
  });

  test('is the next PING while the server answers', () => {
    const [heartbeat, id = ''] = pinged(0);
    heartbeat.pong(id, 10);
    expect(heartbeat.nextDueAt(10)).toBe(1000);
  });

  test('is to notice what is overdue, then what is silent, where these come before a PING', () => {
    const heartbeat = new Heartbeat({ interval: 1000, timeout: 1200 }, 0);
    heartbeat.ping(0);
    expect(heartbeat.nextDueAt(0)).toBe(200);
    expect(heartbeat.nextDueAt(200)).toBe(1000);
    heartbeat.ping(1000);
    expect(heartbeat.nextDueAt(1000)).toBe(1200);
    expect(heartbeat.nextDueAt(1200)).toBe(2000);
  });
});

describe('whatever the policy and the pauses of the network', () => {
  const policies: fc.Arbitrary<HeartbeatPolicy> = fc
    .tuple(fc.integer({ min: 10, max: 5000 }), fc.integer({ min: 1, max: 60 }))
    .map(([interval, tenths]) => ({ interval, timeout: interval + (interval * tenths) / 10 }));

  /** Does what an agent does at each moment that `nextDueAt` names, and lists these moments. */
  function drive(heartbeat: Heartbeat, until: number, act: (now: number, id?: string) => void) {
    const moments = [0];
    for (let now = 0; now < until && moments.length < 1000;) {
      const id = heartbeat.isPingDue(now) ? heartbeat.ping(now) : undefined;
      act(now, id);
      now = heartbeat.nextDueAt(now);
      moments.push(now);
    }
    return moments;
  }

  test('there is always a next moment, and it is never one that has passed', () => {
    fc.assert(
      fc.property(policies, fc.nat(), (given, seed) => {
        const random = seededRandom(seed);
        const heartbeat = new Heartbeat(given, 0);
        const moments = drive(heartbeat, given.timeout * 10, (now, id) => {
          const dice = random();
          if (id !== undefined && dice < 0.3) heartbeat.pong(id, now);
          else if (dice < 0.4) heartbeat.pongWithoutId(now);
          else if (dice < 0.5) heartbeat.heard(now);
        });
        expect(moments).toEqual([...new Set(moments)].toSorted((a, b) => a - b));
        const next = moments.at(-1);
        expect(next).toBeGreaterThanOrEqual(given.timeout * 10);
        expect(next).toBeLessThanOrEqual(given.timeout * 10 + given.interval);
      }),
      { numRuns: 50 },
    );
  });

  test('a server that falls silent is noticed exactly at the timeout', () => {
    fc.assert(
      fc.property(policies, fc.nat(5), (given, answered) => {
        const heartbeat = new Heartbeat(given, 0);
        const noticed = new Map<Pulse, number>();
        let lastHeardAt = 0;
        let pings = 0;
        drive(heartbeat, given.interval * answered + given.timeout * 2, (now, id) => {
          if (id !== undefined && pings++ < answered) {
            heartbeat.pong(id, now);
            lastHeardAt = now;
          }
          const pulse = heartbeat.pulse(now);
          if (!noticed.has(pulse)) noticed.set(pulse, now);
        });
        expect(noticed.get('silent')).toBeCloseTo(lastHeardAt + given.timeout);
        expect(noticed.get('overdue') ?? 0).toBeLessThan(lastHeardAt + given.timeout);
      }),
      { numRuns: 50 },
    );
  });

  test('a server that answers each PING in its time is never more than fresh', () => {
    fc.assert(
      fc.property(policies, fc.double({ min: 0, max: 0.99, noNaN: true }), (given, share) => {
        const pongTimeout = Math.min(given.interval, given.timeout - given.interval);
        const heartbeat = new Heartbeat(given, 0);
        for (let beat = 0; beat < 20; beat++) {
          const sentAt = beat * given.interval;
          const id = heartbeat.ping(sentAt);
          const answeredAt = sentAt + share * pongTimeout;
          expect(heartbeat.pulse(answeredAt)).toBe('fresh');
          expect(heartbeat.pong(id, answeredAt)).toBeCloseTo(share * pongTimeout);
          expect(heartbeat.pulse(sentAt + given.interval)).toBe('fresh');
        }
      }),
      { numRuns: 50 },
    );
  });
});

test('a slow basic server is never measured as a quick one', () => {
  const heartbeat = new Heartbeat({ interval: 1000, timeout: 3000 }, 0);
  const measured: unknown[] = [];
  for (let now = 0; now <= 6000; now += 500) {
    if (now % 1000 === 0) heartbeat.ping(now);
    else if (now >= 1500) measured.push(heartbeat.pongWithoutId(now));
  }
  expect(measured.filter((ms) => ms !== undefined && ms !== 1500)).toEqual([]);
});

test('a PING is overdue once it had its time, until anything is heard', () => {
  const [heartbeat] = pinged(0);
  expect([heartbeat.isOverdue(999), heartbeat.isOverdue(1000)]).toEqual([false, true]);
  heartbeat.heard(1000);
  expect(heartbeat.isOverdue(5000)).toBe(false);
});

test('a PONG is measured as long as its PING is no older than the timeout', () => {
  const [heartbeat, first = ''] = pinged(0, 3000);
  expect(heartbeat.pong(first, 3000)).toBe(3000);
  const [late, old = ''] = pinged(0, 3001);
  expect(late.pong(old, 3001)).toBe('repeated');
});

test('ids of several digits are known again', () => {
  const heartbeat = started();
  for (let ping = 1; ping <= 12; ping++) heartbeat.ping(0);
  expect([heartbeat.pong('12', 5), heartbeat.pong('12', 6)]).toEqual([5, 'repeated']);
  expect([heartbeat.pong('13', 7), heartbeat.pong('1a', 7)]).toEqual([undefined, undefined]);
});
