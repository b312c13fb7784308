import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTrialDue } from '../../lib/core/ejection.js';
import {
  dueAt,
  type Health,
  type HealthEvent,
  initialHealth,
  isFailing,
  isSound,
  reasonOf,
  stateOf,
  transition,
} from '../../lib/core/health.js';
import { Member } from '../../lib/core/member.js';
import { fixSeed } from '../support/fix-seed.js';
import {
  policy,
  NOW,
  ready,
  unready,
  drains,
  heard,
  lost,
  reset,
  overdue,
  silent,
  timedOut,
  timedOutAndDropped,
  answered,
  trialEnded,
  due,
  happens,
  after,
  shown,
  connecting,
  alive,
  silentSuspect,
  failingSuspect,
  unreadySuspect,
  draining,
  dead,
  everyEvent,
  everyState,
  everyStateBut,
} from '../support/health-events.js';
import { seededRandom } from '../support/random.js';

fixSeed(17);

describe('from every state', () => {
  test.each(everyState)('%s: a lost connection is death, with a probe to come', (_, health) => {
    expect(happens(health, lost)).toEqual({
      health: {
        connectivity: {
          state: 'dead',
          because: 'connection refused',
          since: NOW,
          probeAt: NOW + 50,
          isProbing: false,
          probes: 0,
          refuses: false,
          hasLeft: stateOf(health) === 'draining',
        },
        ejection: { state: 'closed', timeouts: 0, ejections: health.ejection.ejections },
      },
      reconnect: false,
    });
  });

  test.each(everyStateBut('dead'))('%s: silence is death, and a fresh connection', (_, health) => {
    expect(happens(health, silent)).toEqual({
      health: {
        connectivity: {
          state: 'dead',
          because: 'it fell silent',
          since: NOW,
          probeAt: NOW + policy.probeTimeout + 50,
          isProbing: true,
          probes: 1,
          refuses: false,
          hasLeft: stateOf(health) === 'draining',
        },
        ejection: { state: 'closed', timeouts: 0, ejections: health.ejection.ejections },
      },
      reconnect: true,
    });
  });

  test.each(everyState)('%s: a reset starts over with a fresh connection', (_, health) => {
    expect(happens(health, reset)).toEqual({
      health: {
        connectivity: { state: 'connecting', probeAt: NOW + policy.probeTimeout, probes: 0 },
        ejection: health.ejection,
      },
      reconnect: true,
    });
  });

  test.each(everyState)('%s: a timeout may cost the connection, and is counted', (_, health) => {
    const { health: now, reconnect } = happens(health, timedOutAndDropped);
    const timeouts = health.ejection.timeouts + 1;
    const probeAt = NOW + policy.probeTimeout;
    expect(now.connectivity).toMatchObject({ state: 'connecting', probeAt });
    expect(now.ejection).toMatchObject({ timeouts });
    expect(reconnect).toBe(true);
  });

  test.each(everyState)('%s: a PONG that says draining is heeded', (_, health) => {
    const { health: now, reconnect } = happens(health, drains);
    expect(stateOf(now)).toBe('draining');
    expect(reconnect).toBe(false);
  });

  test.each(everyState)('%s: a PONG that says unready is heeded', (_, health) => {
    const { health: now, reconnect } = happens(health, unready);
    expect(shown(now)).toMatchObject({ state: 'suspect', reason: 'unready' });
    expect(dueAt(now)).toBe(Infinity);
    expect(reconnect).toBe(false);
  });

  test.each(everyStateBut('suspect, for it is failing'))(
    '%s: a PONG that says ready is life',
    (_, health) => {
      const { health: now, reconnect } = happens(health, ready);
      expect(shown(now)).toMatchObject({ state: 'alive', ejections: health.ejection.ejections });
      expect(dueAt(now)).toBe(Infinity);
      expect(reconnect).toBe(false);
    },
  );

  test.each(everyState)('%s: the moment that it waits for is not before its time', (_, health) => {
    expect(happens(health, due, Math.min(dueAt(health), 1e9) - 1).health).toBe(health);
  });
});

describe('what tells nothing new leaves the state alone', () => {
  test.each([
    ['connecting', 'another message than a PONG', connecting, heard],
    ['connecting', 'an overdue PING', connecting, overdue],
    ['connecting', 'an answer', connecting, answered],
    ['alive', 'another message than a PONG', alive, heard],
    ['alive', 'an answer', alive, answered],
    ['silent', 'an overdue PING', silentSuspect, overdue],
    ['failing', 'another message than a PONG', failingSuspect, heard],
    ['failing', 'a PONG that says ready', failingSuspect, ready],
    ['unready', 'another message than a PONG', unreadySuspect, heard],
    ['unready', 'an overdue PING', unreadySuspect, overdue],
    ['unready', 'an answer', unreadySuspect, answered],
    ['draining', 'another message than a PONG', draining, heard],
    ['draining', 'an overdue PING', draining, overdue],
    ['draining', 'an answer', draining, answered],
    ['dead', 'another message than a PONG', dead, heard],
    ['dead', 'an overdue PING', dead, overdue],
    ['dead', 'silence', dead, silent],
    ['dead', 'an answer', dead, answered],
  ])('%s: %s', (_, __, health, event) => {
    // The very same: its owner takes that for "nothing happened".
    const { health: now, reconnect } = happens(health, event);
    expect(now).toBe(health);
    expect(reconnect).toBe(false);
  });
});

describe('alive', () => {
  test('a PING that is overdue makes it suspect, without an end but by what is heard', () => {
    expect(shown(silentSuspect)).toMatchObject({ state: 'suspect', reason: 'silent' });
    expect(dueAt(silentSuspect)).toBe(Infinity);
  });

  test('as many timeouts in a row as are allowed make it suspect, no fewer', () => {
    expect(shown(after(alive, timedOut, timedOut))).toMatchObject({ state: 'alive', timeouts: 2 });
    expect(failingSuspect).toEqual({
      connectivity: { state: 'alive' },
      ejection: {
        state: 'open',
        timeouts: 3,
        ejections: 1,
        until: NOW + policy.baseEjectionTime,
        isOutlier: false,
      },
    });
    expect(shown(failingSuspect)).toMatchObject({ state: 'suspect', reason: 'failing' });
  });

  test('an answer in between starts the count anew, a PONG does not', () => {
    expect(shown(after(alive, timedOut, timedOut, answered, timedOut, timedOut))).toMatchObject({
      state: 'alive',
      timeouts: 2,
    });
    expect(stateOf(after(alive, timedOut, timedOut, ready, heard, timedOut))).toBe('suspect');
  });

  test('without a bound on failures it takes any number of them', () => {
    const lenient = { ...policy, maxFailures: Infinity };
    let health = alive;
    for (let n = 0; n < 1000; n++) {
      ({ health } = transition(health, timedOut, NOW, lenient, () => 0));
    }
    expect(stateOf(health)).toBe('alive');
  });
});

describe('whatever happens, in whatever order', () => {
  const event = fc.constantFrom(...everyEvent);
  const history = fc.array(fc.tuple(event, fc.oneof(fc.nat(200), fc.nat(20_000))), {
    maxLength: 120,
    size: 'max',
  });

  /** Lives through a history and shows each step. */
  function live(
    events: [HealthEvent, number][],
    seed: number,
    see: (health: Health, now: number, reconnect: boolean, event: HealthEvent) => void = () => {},
  ): { health: Health; now: number } {
    const random = seededRandom(seed);
    let now = 0;
    let health = initialHealth(now, policy);
    for (const [happening, pause] of events) {
      now += pause;
      const step = transition(health, happening, now, policy, random);
      health = step.health;
      see(health, now, step.reconnect, happening);
    }
    return { health, now };
  }

  const longestPause = policy.probeTimeout + policy.backoff.max;

  test('a dead server has a probe to come, a new connection an end, a failing server a trial', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        let before = initialHealth(0, policy);
        live(events, seed, (health, now) => {
          const isResting = isFailing(health) && health.ejection.state === 'open';
          const waits = ['dead', 'connecting'].includes(stateOf(health)) || isResting;
          expect(Number.isFinite(dueAt(health))).toBe(waits);
          const isNew = dueAt(health) !== dueAt(before);
          const longestRest = Math.min(
            policy.baseEjectionTime * Math.max(health.ejection.ejections, 2),
            300_000,
          );
          const latest = isResting ? longestRest : longestPause;
          expect(waits && isNew ? dueAt(health) - now : 0).toBeGreaterThanOrEqual(0);
          expect(waits && isNew ? dueAt(health) - now : 0).toBeLessThanOrEqual(latest);
          before = health;
        });
      }),
    );
  });

  test('what was due is done: the next moment is yet to come', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        const { health, now } = live(events, seed);
        const at = Math.max(now, dueAt(health));
        fc.pre(at < Infinity);
        expect(dueAt(happens(health, due, at).health)).toBeGreaterThan(at);
      }),
    );
  });

  test('only one that is alive, or suspect for another reason than unready, gets calls', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        live(events, seed, (health) => {
          const isUsable =
            stateOf(health) === 'alive' ||
            (stateOf(health) === 'suspect' && reasonOf(health) !== 'unready');
          expect(new Member('a', health).tier !== undefined).toBe(isUsable);
        });
      }),
    );
  });

  test('what a PONG says last is what holds, until the connection or the calls say otherwise', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        let says: string | undefined;
        live(events, seed, (health, _, __, happening) => {
          if (happening.type === 'pong') ({ says } = happening);
          if (['lost', 'reset', 'silent', 'due'].includes(happening.type)) says = undefined;
          const isUsable = new Member('a', health).tier !== undefined;
          expect(isUsable && (says === 'draining' || says === 'unready')).toBe(false);
        });
      }),
    );
  });

  test('a failing server is not alive before its rest is over', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        let restsUntil = 0;
        live(events, seed, (health, now, _, happening) => {
          if (isFailing(health)) restsUntil = dueAt(health);
          // It said that it can serve, or it is not the same server any more.
          if (happening.type === 'call answered' || stateOf(health) === 'dead') restsUntil = 0;
          expect(stateOf(health) === 'alive' && now < restsUntil).toBe(false);
        });
      }),
    );
  });

  test('a connection is replaced only where a new one is waited for', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        live(events, seed, (health, _, reconnect) => {
          expect(reconnect && !['dead', 'connecting'].includes(stateOf(health))).toBe(false);
        });
      }),
    );
  });

  test('what is counted are whole numbers from zero', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        live(events, seed, ({ connectivity, ejection }) => {
          const probes = 'probes' in connectivity ? connectivity.probes : 0;
          const counts = [ejection.timeouts, probes, ejection.ejections];
          expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
        });
      }),
    );
  });

  test('a server that answers its PINGs is in use again, at the latest after its rest', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        const { health, now } = live(events, seed);
        const ponged = happens(health, ready, now).health;
        const rested = happens(ponged, due, Math.max(now, Math.min(dueAt(ponged), 1e12))).health;
        expect(stateOf(rested) === 'alive' || isTrialDue(after(rested, trialEnded).ejection)).toBe(
          true,
        );
      }),
    );
  });
});

describe('found by review', () => {
  test('a PONG that ends the rest grants as many failures as the trial does', () => {
    const rested = happens(failingSuspect, ready, NOW + policy.baseEjectionTime).health;
    const onTrial = happens(failingSuspect, due, NOW + policy.baseEjectionTime).health;
    expect(rested).toEqual(onTrial);
  });

  test('one that is failing stays so, and used as such, while a PING is overdue', () => {
    const silentToo = after(failingSuspect, overdue);
    expect(shown(silentToo)).toMatchObject({ state: 'suspect', reason: 'failing' });
    expect(dueAt(silentToo)).toBe(dueAt(failingSuspect));
    expect(reasonOf(after(silentToo, answered))).toBe('silent');
  });

  test('the last failure that is allowed counts also while a PING is overdue', () => {
    const failing = after(alive, timedOut, timedOut, overdue, timedOut, heard);
    expect(shown(failing)).toMatchObject({ state: 'suspect', reason: 'failing' });
  });
});

describe('another answer would tell nothing new', () => {
  test.each(everyState)('%s: only of one that is alive, and has not failed', (name, health) => {
    expect(isSound(health)).toBe(name === 'alive');
  });

  test('but it would of one that has failed a call, or was ejected', () => {
    expect(isSound(after(alive, timedOut))).toBe(false);
    expect(isSound(after(failingSuspect, lost, ready))).toBe(false);
  });
});
