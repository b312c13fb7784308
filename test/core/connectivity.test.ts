import { describe, expect, test } from 'vitest';
import { isLeaving, isRefusing } from '../../lib/core/connectivity.js';
import {
  dueAt,
  type Health,
  type HealthEvent,
  type HealthPolicy,
  isFailing,
  isInUse,
  stateOf,
  transition,
} from '../../lib/core/health.js';
import {
  policy,
  NOW,
  ready,
  heard,
  lost,
  silent,
  timedOut,
  answered,
  poolExhausted,
  peerRecovered,
  due,
  happens,
  after,
  shown,
  but,
  happensAll,
  connecting,
  alive,
  failingSuspect,
  draining,
  dead,
  everyState,
  everyStateBut,
} from '../support/health-events.js';

describe('connecting', () => {
  test('a new connection has its time to show a living server', () => {
    expect(connecting).toEqual({
      connectivity: { state: 'connecting', probeAt: 5000, probes: 0 },
      ejection: { state: 'closed', timeouts: 0, ejections: 0 },
    });
    expect(dueAt(connecting)).toBe(5000);
  });

  test('if it does not, the server is dead and a fresh connection probes it', () => {
    expect(happens(connecting, due, 5000)).toEqual({
      health: {
        connectivity: {
          state: 'dead',
          because: 'it does not answer',
          since: 5000,
          probeAt: 5000 + policy.probeTimeout + 50,
          isProbing: true,
          probes: 1,
          refuses: false,
          hasLeft: false,
        },
        ejection: { state: 'closed', timeouts: 0, ejections: 0 },
      },
      reconnect: true,
    });
  });
});

describe('draining', () => {
  test('timeouts of its last calls do not bring it back among those in use', () => {
    expect(stateOf(after(draining, timedOut, timedOut, timedOut, timedOut))).toBe('draining');
  });

  test('has no moment of its own', () => {
    expect(dueAt(draining)).toBe(Infinity);
  });
});

describe('a server that drained, and is gone', () => {
  const hasLeft = ({ connectivity }: Health) => isLeaving(connectivity);

  test('has left, however it went, and whatever its probes find, until it answers', () => {
    for (const end of [lost, silent]) {
      const gone = after(draining, end);
      expect(stateOf(gone)).toBe('dead');
      for (const event of [due, lost, silent, poolExhausted, peerRecovered])
        expect(hasLeft(happens(gone, event, NOW + 60_000).health)).toBe(true);
      expect(hasLeft(after(gone, ready))).toBe(false);
      expect(hasLeft(after(gone, ready, end))).toBe(false);
    }
  });

  test('is told from one that was lost', () => {
    for (const end of [lost, silent]) expect(hasLeft(after(alive, end))).toBe(false);
    expect(hasLeft(connecting)).toBe(false);
  });
});

describe('dead', () => {
  /** The health after so many probes, each begun when it was due and left unanswered. */
  function probed(times: number, chance: number): { health: Health; pauses: number[] } {
    let health = happens(alive, lost, 0, chance).health;
    const pauses = [dueAt(health)];
    for (let n = 0; n < times; n++) {
      const now = dueAt(health);
      const step = happens(health, due, now, chance);
      expect(step.reconnect).toBe(true);
      health = step.health;
      pauses.push(dueAt(health) - now - policy.probeTimeout);
    }
    return { health, pauses };
  }

  test('each probe is a fresh connection, and remembers why the server died', () => {
    const { health } = probed(5, 0.5);
    expect(shown(health)).toMatchObject({
      state: 'dead',
      reason: 'connection refused',
      probes: 5,
    });
  });

  test('the pause between probes doubles up to a heartbeat interval, and after a minute to its bound', () => {
    const { pauses } = probed(20, 1);
    expect(pauses.slice(0, 7)).toEqual([100, 100, 200, 400, 800, 1000, 1000]);
    const long = pauses.indexOf(10_000);
    const early = pauses.slice(0, long);
    expect(Math.max(...early)).toBe(1000);
    const began = early.reduce((sum, pause) => sum + pause, policy.probeTimeout * (long - 1));
    expect(began).toBeGreaterThanOrEqual(60_000);
    expect(began - policy.probeTimeout - 1000).toBeLessThan(60_000);
    expect(new Set(pauses.slice(long))).toEqual(new Set([10_000]));
  });

  test('of a server that refuses this client, it doubles up to its bound at once', () => {
    const refuses: HealthEvent = { type: 'lost', reason: 'refused', cause: 'unauthorized' };
    const pausesAfter = (event: HealthEvent) =>
      [1, 4, 9].map((probes) => dueAt(happens(but(dead, { probes }), event, NOW, 1).health) - NOW);
    expect(pausesAfter(refuses)).toEqual([200, 1600, 10_000]);
    expect(pausesAfter(lost)).toEqual([200, 1000, 1000]);
  });

  test('for a minute less one millisecond after its loss it is probed early', () => {
    const pauseAfter = (since: number) =>
      dueAt(after(but(dead, { since, probes: 20 }), lost)) - NOW;
    expect([pauseAfter(NOW - 59_999), pauseAfter(NOW - 60_000)]).toEqual([500, 5000]);
  });

  test('the pause is drawn by chance, so that clients do not return together', () => {
    expect(probed(3, 0).pauses).toEqual([0, 0, 0, 0]);
    expect(probed(3, 0.25).pauses).toEqual([25, 25, 50, 100]);
  });

  test('a probe that is refused makes way for the next after the pause alone', () => {
    const { health } = probed(3, 1);
    const refused = happens(health, lost, 100_000, 1);
    expect(dueAt(refused.health)).toBe(100_800);
    expect(refused.reconnect).toBe(false);
    expect(shown(refused.health)).toMatchObject({ probes: 3 });
  });

  test('a probe that finds it alive starts the pauses anew', () => {
    const back = after(probed(6, 1).health, ready);
    expect(stateOf(back)).toBe('alive');
    expect(dueAt(happens(back, lost, NOW, 1).health)).toBe(NOW + 100);
  });

  test.each(['silent', 'failing'])('is not suspect, though lost for the reason "%s"', (reason) => {
    const health = after(failingSuspect, { type: 'lost', reason });
    expect(stateOf(after(health, heard, answered))).toBe('dead');
    expect([isInUse(health), isFailing(health)]).toEqual([false, false]);
    expect(stateOf(after(health, ready))).toBe('alive');
  });

  test('a timeout that comes late does not put the probe off', () => {
    expect(dueAt(after(dead, timedOut))).toBe(dueAt(dead));
  });
});

describe('no server is usable any more', () => {
  const urgent: HealthPolicy = { ...policy, backoff: policy.earlyBackoff };
  const whenExhausted = (health: Health, chance: number) =>
    transition(health, poolExhausted, NOW, urgent, () => chance);

  /** Dead for so long, and after so many probes, that the pause is at its longest. */
  const resting = after(but(dead, { since: NOW - 60_000, probes: 20 }), lost);

  test('a dead server rests no longer than the policy of this moment says', () => {
    expect(dueAt(resting)).toBe(NOW + 5000);
    expect(whenExhausted(resting, 0.5)).toEqual({
      health: but(resting, { probeAt: NOW + 500 }),
      reconnect: false,
    });
  });

  test('one that was lost a moment ago rests as those do that were lost a moment ago', () => {
    const late = but(dead, { probes: 20, probeAt: NOW + 9000 });
    expect(dueAt(after(late, poolExhausted))).toBe(NOW + 500);
  });

  test('a probe that comes sooner is not put off', () => {
    expect(dueAt(dead)).toBe(NOW + 50);
    expect(dueAt(whenExhausted(dead, 0.9).health)).toBe(NOW + 50);
  });

  test('a probe that is under way keeps its time to answer', () => {
    const probing = after(alive, silent);
    expect(whenExhausted(probing, 0).health).toBe(probing);
    const probingAgain = happens(resting, due, dueAt(resting)).health;
    expect(whenExhausted(probingAgain, 0).health).toBe(probingAgain);
  });

  test('a pause that is short enough is not drawn anew: all would return at the sooner of two moments', () => {
    const refused = after(alive, silent, lost);
    expect(dueAt(refused)).toBe(NOW + 100);
    expect(whenExhausted(refused, 0).health).toBe(refused);
  });

  test.each(everyStateBut('dead'))('%s: goes on as it is', (_, health) => {
    expect(whenExhausted(health, 0)).toEqual({ health, reconnect: false });
  });
});

describe('another server is usable when none was', () => {
  const resting = after(but(dead, { since: NOW - 60_000, probes: 20 }), lost);

  test('a dead server is probed as if it had just been lost', () => {
    const { health, reconnect } = happens(resting, peerRecovered);
    expect(shown(health)).toMatchObject({ since: NOW });
    expect([dueAt(health), reconnect]).toEqual([NOW + 50, false]);
    const again = happensAll(health, [due, lost], NOW + 50);
    expect(dueAt(again) - NOW - 50).toBeLessThanOrEqual(200);
  });

  test('a probe that comes sooner is not put off', () => {
    expect(dueAt(happens(dead, peerRecovered, NOW, 0.9).health)).toBe(NOW + 50);
  });

  test('a probe that is under way keeps its time to answer; if it is refused, the next one comes soon', () => {
    const probing = happens(resting, due, dueAt(resting)).health;
    const hoped = happens(probing, peerRecovered).health;
    expect(dueAt(hoped)).toBe(dueAt(probing));
    expect(dueAt(happens(hoped, lost).health)).toBe(NOW + 50);
  });

  test.each(everyStateBut('dead'))('%s: goes on as it is', (_, health) => {
    expect(happens(health, peerRecovered)).toEqual({ health, reconnect: false });
  });
});

describe('a server that refuses this client', () => {
  const refused: HealthEvent = { type: 'lost', reason: 'not authorized', cause: 'unauthorized' };
  const unexplained: HealthEvent = { type: 'lost', reason: 'closed', cause: 'unexplained' };
  const refusing = after(alive, refused);

  test.each(everyState)('%s: is dead, and known to refuse', (_, health) => {
    const now = after(health, refused);
    expect(shown(now)).toMatchObject({ state: 'dead', reason: 'not authorized' });
    expect(isRefusing(now.connectivity)).toBe(true);
  });

  test.each(everyState)('%s: no other state is', (_, health) => {
    expect(isRefusing(health.connectivity)).toBe(false);
  });

  test('is probed as every dead one is, and refuses until it is heard otherwise', () => {
    const { health: probed, reconnect } = happens(refusing, due, dueAt(refusing));
    expect(reconnect).toBe(true);
    expect(isRefusing(probed.connectivity)).toBe(true);
    expect(isRefusing(after(probed, ready).connectivity)).toBe(false);
    expect(isRefusing(after(probed, lost).connectivity)).toBe(false);
  });

  test('may have done so again if it says nothing, but only then', () => {
    expect(isRefusing(after(refusing, unexplained).connectivity)).toBe(true);
    expect(isRefusing(after(dead, unexplained).connectivity)).toBe(false);
  });

  test('is not asked more often because no other server is left', () => {
    expect(after(refusing, poolExhausted)).toBe(refusing);
  });
});
