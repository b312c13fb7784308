import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dueAt,
  hasRecovered,
  type Health,
  type HealthEvent,
  type HealthPolicy,
  initialHealth,
  isFailing,
  isInUse,
  isRefusing,
  isSound,
  isTrialDue,
  transition,
} from '../../lib/core/health.js';
import { Member } from '../../lib/core/member.js';
import { seededRandom } from '../support/random.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(17);

const policy: HealthPolicy = {
  maxFailures: 3,
  mayEject: () => true,
  patience: 5000,
  backoff: { initial: 100, max: 10_000 },
  earlyBackoff: { initial: 100, max: 1000 },
};

/** The moment of every event of a test that does not name another. */
const NOW = 1000;

const ready: HealthEvent = { type: 'pong', says: 'ready' };
const unready: HealthEvent = { type: 'pong', says: 'unready' };
const drains: HealthEvent = { type: 'pong', says: 'draining' };
const heard: HealthEvent = { type: 'heard' };
const lost: HealthEvent = { type: 'lost', reason: 'connection refused' };
const reset: HealthEvent = { type: 'reset' };
const overdue: HealthEvent = { type: 'overdue' };
const silent: HealthEvent = { type: 'silent' };
const timedOut: HealthEvent = { type: 'call timed out', drops: false };
const timedOutAndDropped: HealthEvent = { type: 'call timed out', drops: true };
const answered: HealthEvent = { type: 'call answered', isTrial: false };
const ejected: HealthEvent = { type: 'ejected', times: 2 };
const trialAnswered: HealthEvent = { type: 'call answered', isTrial: true };
const trialBegan: HealthEvent = { type: 'trial began' };
const trialEnded: HealthEvent = { type: 'trial ended' };
const needed: HealthEvent = { type: 'needed' };
const hopedFor: HealthEvent = { type: 'hoped for' };
const due: HealthEvent = { type: 'due' };

/** What one event does; the jitter is half of the back-off unless a test says otherwise. */
const happens = (health: Health, event: HealthEvent, now = NOW, chance = 0.5) =>
  transition(health, event, now, policy, () => chance);

/** The health after these events, all at one moment. */
const after = (health: Health, ...events: HealthEvent[]) =>
  events.reduce((before, event) => happens(before, event).health, health);

const happensAll = (health: Health, events: HealthEvent[], now: number) =>
  events.reduce((before, event) => happens(before, event, now).health, health);

const connecting = initialHealth(0, policy);
const alive = after(connecting, ready);
const silentSuspect = after(alive, overdue);
const failingSuspect = after(alive, timedOut, timedOut, timedOut);
const unreadySuspect = after(alive, unready);
const draining = after(alive, drains);
const dead = after(alive, lost);

const everyState: [string, Health][] = [
  ['connecting', connecting],
  ['alive', alive],
  ['suspect, for it is silent', silentSuspect],
  ['suspect, for it is failing', failingSuspect],
  ['suspect, for it is unready', unreadySuspect],
  ['draining', draining],
  ['dead', dead],
];
const everyStateBut = (name: string) => everyState.filter(([other]) => other !== name);

describe('from every state', () => {
  test.each(everyState)('%s: a lost connection is death, with a probe to come', (_, health) => {
    expect(happens(health, lost)).toEqual({
      health: {
        state: 'dead',
        because: 'connection refused',
        since: NOW,
        probeAt: NOW + 50,
        isProbing: false,
        failures: 0,
        probes: 0,
        ejections: health.ejections,
        restsUntil: 0,
        isOutlier: false,
      },
      reconnect: false,
    });
  });

  test.each(everyStateBut('dead'))('%s: silence is death, and a fresh connection', (_, health) => {
    expect(happens(health, silent)).toEqual({
      health: {
        state: 'dead',
        because: 'it fell silent',
        since: NOW,
        probeAt: NOW + policy.patience + 50,
        isProbing: true,
        failures: 0,
        probes: 1,
        ejections: health.ejections,
        restsUntil: 0,
        isOutlier: false,
      },
      reconnect: true,
    });
  });

  test.each(everyState)('%s: a reset starts over with a fresh connection', (_, health) => {
    const { failures, probes, ejections, restsUntil } = health;
    expect(happens(health, reset)).toEqual({
      health: {
        state: 'connecting',
        probeAt: NOW + policy.patience,
        failures,
        probes,
        ejections,
        restsUntil,
        isOutlier: false,
      },
      reconnect: true,
    });
  });

  test.each(everyState)('%s: a timeout may cost the connection, and is counted', (_, health) => {
    const { health: now, reconnect } = happens(health, timedOutAndDropped);
    const failures = health.failures + 1;
    expect(now).toMatchObject({ state: 'connecting', probeAt: NOW + policy.patience, failures });
    expect(reconnect).toBe(true);
  });

  test.each(everyState)('%s: a PONG that says draining is heeded', (_, health) => {
    const { health: now, reconnect } = happens(health, drains);
    expect(now).toMatchObject({ state: 'draining', probes: 0 });
    expect(reconnect).toBe(false);
  });

  test.each(everyState)('%s: a PONG that says unready is heeded', (_, health) => {
    const { health: now, reconnect } = happens(health, unready);
    expect(now).toMatchObject({ state: 'suspect', because: 'unready', probes: 0 });
    expect(dueAt(now)).toBe(Infinity);
    expect(reconnect).toBe(false);
  });

  test.each(everyStateBut('suspect, for it is failing'))(
    '%s: a PONG that says ready is life',
    (_, health) => {
      const { health: now, reconnect } = happens(health, ready);
      expect(now).toMatchObject({ state: 'alive', probes: 0, ejections: health.ejections });
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
    ['failing', 'an overdue PING', failingSuspect, overdue],
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

describe('connecting', () => {
  test('a new connection has its time to show a living server', () => {
    expect(connecting).toEqual({
      state: 'connecting',
      probeAt: 5000,
      failures: 0,
      probes: 0,
      ejections: 0,
      restsUntil: 0,
      isOutlier: false,
    });
    expect(dueAt(connecting)).toBe(5000);
  });

  test('if it does not, the server is dead and a fresh connection probes it', () => {
    expect(happens(connecting, due, 5000)).toEqual({
      health: {
        state: 'dead',
        because: 'it does not answer',
        since: 5000,
        probeAt: 5000 + policy.patience + 50,
        isProbing: true,
        failures: 0,
        probes: 1,
        ejections: 0,
        restsUntil: 0,
        isOutlier: false,
      },
      reconnect: true,
    });
  });
});

describe('alive', () => {
  test('a PING that is overdue makes it suspect, without an end but by what is heard', () => {
    expect(silentSuspect).toMatchObject({ state: 'suspect', because: 'silent' });
    expect(dueAt(silentSuspect)).toBe(Infinity);
  });

  test('as many timeouts in a row as are allowed make it suspect, no fewer', () => {
    expect(after(alive, timedOut, timedOut)).toMatchObject({ state: 'alive', failures: 2 });
    expect(failingSuspect).toEqual({
      state: 'suspect',
      because: 'failing',
      trialAt: NOW + policy.patience,
      failures: 3,
      probes: 0,
      ejections: 1,
      restsUntil: NOW + policy.patience,
      isOutlier: false,
    });
  });

  test('an answer in between starts the count anew, a PONG does not', () => {
    expect(after(alive, timedOut, timedOut, answered, timedOut, timedOut)).toMatchObject({
      state: 'alive',
      failures: 2,
    });
    expect(after(alive, timedOut, timedOut, ready, heard, timedOut).state).toBe('suspect');
  });

  test('without a bound on failures it takes any number of them', () => {
    const lenient = { ...policy, maxFailures: Infinity };
    let health = alive;
    for (let n = 0; n < 1000; n++) {
      ({ health } = transition(health, timedOut, NOW, lenient, () => 0));
    }
    expect(health.state).toBe('alive');
  });
});

describe('suspect', () => {
  test.each([
    ['silent', 'a PONG', silentSuspect, ready],
    ['silent', 'anything else that is heard', silentSuspect, heard],
    ['unready', 'a PONG that says ready', unreadySuspect, ready],
    ['failing', 'an answer to a call', failingSuspect, answered],
  ])('for it is %s: cleared by %s', (_, __, health, event) => {
    expect(after(health, event).state).toBe('alive');
  });

  test('for its calls time out: an answer makes as if they never had', () => {
    expect(after(failingSuspect, answered)).toEqual(alive);
  });

  test('for its calls time out: on trial once it has rested, with a clean count', () => {
    const trial = happens(failingSuspect, due, NOW + 5000);
    expect(trial.health).toMatchObject({ state: 'suspect', trial: 'due', failures: 0 });
    expect(trial.reconnect).toBe(false);
    expect(dueAt(trial.health)).toBe(Infinity);
    expect(isTrialDue(trial.health)).toBe(true);
  });

  const trialDue = happens(failingSuspect, due, NOW + 5000).health;

  test('on trial it is alive once that is answered, and rests for longer if not', () => {
    const onTrial = after(trialDue, trialBegan);
    expect(isTrialDue(onTrial)).toBe(false);
    expect(after(onTrial, answered)).toMatchObject({ state: 'alive', ejections: 0 });
    expect(after(onTrial, timedOut)).toMatchObject({ state: 'suspect', trialAt: NOW + 10_000 });
  });

  test('a trial that told nothing is due again', () => {
    expect(after(trialDue, trialBegan, trialEnded)).toEqual(trialDue);
  });

  test('calls from before its rest are no trial', () => {
    expect(isTrialDue(after(trialDue, timedOut, timedOut, timedOut))).toBe(true);
    expect(after(failingSuspect, trialBegan, trialEnded)).toEqual(failingSuspect);
    expect(after(alive, trialBegan)).toBe(alive);
  });

  test.each([
    ['a PONG', [ready]],
    ['a spell of not being ready', [unready, ready]],
    ['another connection', [reset, ready]],
  ])('%s does not stand for the trial', (_, events) => {
    expect(isTrialDue(happensAll(trialDue, events, NOW + 6000))).toBe(true);
    expect(happensAll(after(trialDue, trialBegan), events, NOW + 6000).state).toBe('suspect');
  });

  test('it does not rest where too many do', () => {
    const all = { ...policy, mayEject: () => false };
    const failed = [1, 2, 3, 4].reduce(
      (health) => transition(health, timedOut, NOW, all, () => 0.5).health,
      alive,
    );
    expect(failed).toMatchObject({ state: 'alive', failures: 4, ejections: 0 });
    const onTrial = after(trialDue, trialBegan);
    expect(transition(onTrial, timedOut, NOW, all, () => 0.5).health.ejections).toBe(2);
  });

  test.each([
    ['an answer of one that was failing', failingSuspect, answered, true],
    ['a PONG of one that was dead', dead, ready, true],
    ['a first PONG', connecting, ready, false],
    ['a word of one that was silent', silentSuspect, heard, false],
    ['the end of its rest', failingSuspect, { ...due }, false],
  ])('whether %s is a recovery: %#', (_, before, event, recovers) => {
    expect(hasRecovered(before, happens(before, event, NOW + 5000).health)).toBe(recovers);
  });

  test('further timeouts do not prolong its rest', () => {
    expect(after(failingSuspect, timedOut, timedOut)).toMatchObject({
      state: 'suspect',
      trialAt: NOW + 5000,
      failures: 5,
      ejections: 1,
    });
  });

  test('with each trial that fails it rests longer, until it answers', () => {
    const failAgain = (health: Health) => {
      const trial = happens(health, due, dueAt(health)).health;
      return after(trial, trialBegan, timedOut);
    };
    const second = failAgain(failingSuspect);
    const third = failAgain(second);
    const restOf = (health: Health) => dueAt(health) - NOW;
    expect([failingSuspect, second, third].map(restOf)).toEqual([5000, 10_000, 15_000]);
    const cleared = after(third, answered);
    expect(restOf(after(cleared, timedOut, timedOut, timedOut))).toBe(5000);
    const answersOnTrial = after(happens(third, due, dueAt(third)).health, trialBegan, answered);
    expect(restOf(after(answersOnTrial, timedOut, timedOut, timedOut))).toBe(5000);
  });

  test('a connection that is dropped, even with the last timeout, does not end the rest', () => {
    const dropped = happens(after(alive, timedOut, timedOut), timedOutAndDropped);
    expect(dropped).toMatchObject({
      health: { state: 'connecting', failures: 3, restsUntil: NOW + 5000 },
      reconnect: true,
    });
    for (const reconnecting of [dropped.health, after(failingSuspect, reset)]) {
      expect(after(reconnecting, ready)).toEqual(failingSuspect);
      expect(isTrialDue(happens(reconnecting, ready, NOW + 5000).health)).toBe(true);
    }
  });

  test('that a server died and came back does not shorten its next rest', () => {
    const back = after(failingSuspect, lost, ready);
    expect(back).toMatchObject({ state: 'alive', failures: 0 });
    expect(dueAt(after(back, timedOut, timedOut, timedOut))).toBe(NOW + 10_000);
  });

  test.each([
    ['silent', silentSuspect],
    ['unready', unreadySuspect],
  ])('for it is %s: a timeout is counted and changes nothing else', (_, health) => {
    const { failures } = health;
    expect(after(health, timedOut)).toEqual({ ...health, failures: failures + 1 });
  });

  test('a server that is not ready says so, even while it rests', () => {
    const notReady = after(failingSuspect, unready);
    expect(notReady).toMatchObject({ because: 'unready' });
    expect(after(notReady, ready)).toEqual(failingSuspect);
  });
});

describe('draining', () => {
  test('timeouts of its last calls do not bring it back among those in use', () => {
    expect(after(draining, timedOut, timedOut, timedOut, timedOut).state).toBe('draining');
  });

  test('has no moment of its own', () => {
    expect(dueAt(draining)).toBe(Infinity);
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
      pauses.push(dueAt(health) - now - policy.patience);
    }
    return { health, pauses };
  }

  test('each probe is a fresh connection, and remembers why the server died', () => {
    const { health } = probed(5, 0.5);
    expect(health).toMatchObject({ state: 'dead', because: 'connection refused', probes: 5 });
  });

  test('the pause between probes doubles up to a heartbeat interval, and after a minute to its bound', () => {
    const { pauses } = probed(20, 1);
    expect(pauses.slice(0, 7)).toEqual([100, 100, 200, 400, 800, 1000, 1000]);
    const long = pauses.indexOf(10_000);
    const early = pauses.slice(0, long);
    expect(Math.max(...early)).toBe(1000);
    const began = early.reduce((sum, pause) => sum + pause, policy.patience * (long - 1));
    expect(began).toBeGreaterThanOrEqual(60_000);
    expect(began - policy.patience - 1000).toBeLessThan(60_000);
    expect(new Set(pauses.slice(long))).toEqual(new Set([10_000]));
  });

  test('of a server that refuses this client, it doubles up to its bound at once', () => {
    const refuses: HealthEvent = { type: 'lost', reason: 'refused', cause: 'unauthorized' };
    const pausesAfter = (event: HealthEvent) =>
      [1, 4, 9].map((probes) => dueAt(happens({ ...alive, probes }, event, NOW, 1).health) - NOW);
    expect(pausesAfter(refuses)).toEqual([200, 1600, 10_000]);
    expect(pausesAfter(lost)).toEqual([200, 1000, 1000]);
  });

  test('for a minute less one millisecond after its loss it is probed early', () => {
    const pauseAfter = (since: number) =>
      dueAt(after({ ...dead, since, probes: 20 } as Health, lost)) - NOW;
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
    expect(refused.health.probes).toBe(3);
  });

  test('a probe that finds it alive starts the pauses anew', () => {
    const back = after(probed(6, 1).health, ready);
    expect(back).toMatchObject({ state: 'alive', probes: 0 });
    expect(dueAt(happens(back, lost, NOW, 1).health)).toBe(NOW + 100);
  });

  test.each(['silent', 'failing'])('is not suspect, though lost for the reason "%s"', (reason) => {
    const health = after(failingSuspect, { type: 'lost', reason });
    expect(after(health, heard, answered).state).toBe('dead');
    expect([isInUse(health), isFailing(health)]).toEqual([false, false]);
    expect(after(health, ready).state).toBe('alive');
  });

  test('a timeout that comes late does not put the probe off', () => {
    expect(dueAt(after(dead, timedOut))).toBe(dueAt(dead));
  });
});

describe('needed, for no other server is left', () => {
  const urgent: HealthPolicy = { ...policy, backoff: policy.earlyBackoff };
  const nowNeeded = (health: Health, chance: number) =>
    transition(health, needed, NOW, urgent, () => chance);

  /** Dead for so long, and after so many probes, that the pause is at its longest. */
  const resting = after({ ...dead, since: NOW - 60_000, probes: 20 } as Health, lost);

  test('a dead server rests no longer than the policy of this moment says', () => {
    expect(dueAt(resting)).toBe(NOW + 5000);
    expect(nowNeeded(resting, 0.5)).toEqual({
      health: { ...resting, probeAt: NOW + 500 },
      reconnect: false,
    });
  });

  test('one that was lost a moment ago rests as those do that were lost a moment ago', () => {
    const late = { ...dead, probes: 20, probeAt: NOW + 9000 } as Health;
    expect(dueAt(after(late, needed))).toBe(NOW + 500);
  });

  test('a probe that comes sooner is not put off', () => {
    expect(dueAt(dead)).toBe(NOW + 50);
    expect(dueAt(nowNeeded(dead, 0.9).health)).toBe(NOW + 50);
  });

  test('a probe that is under way keeps its time to answer', () => {
    const probing = after(alive, silent);
    expect(nowNeeded(probing, 0).health).toBe(probing);
    const probingAgain = happens(resting, due, dueAt(resting)).health;
    expect(nowNeeded(probingAgain, 0).health).toBe(probingAgain);
  });

  test('a pause that is short enough is not drawn anew: all would return at the sooner of two moments', () => {
    const refused = after(alive, silent, lost);
    expect(dueAt(refused)).toBe(NOW + 100);
    expect(nowNeeded(refused, 0).health).toBe(refused);
  });

  test.each(everyStateBut('dead'))('%s: goes on as it is', (_, health) => {
    expect(nowNeeded(health, 0)).toEqual({ health, reconnect: false });
  });
});

describe('hoped for, as another server is usable when none was', () => {
  const resting = after({ ...dead, since: NOW - 60_000, probes: 20 } as Health, lost);

  test('a dead server is probed as if it had just been lost', () => {
    const { health, reconnect } = happens(resting, hopedFor);
    expect(health).toMatchObject({ since: NOW });
    expect([dueAt(health), reconnect]).toEqual([NOW + 50, false]);
    const again = happensAll(health, [due, lost], NOW + 50);
    expect(dueAt(again) - NOW - 50).toBeLessThanOrEqual(200);
  });

  test('a probe that comes sooner is not put off', () => {
    expect(dueAt(happens(dead, hopedFor, NOW, 0.9).health)).toBe(NOW + 50);
  });

  test('a probe that is under way keeps its time to answer; if it is refused, the next one comes soon', () => {
    const probing = happens(resting, due, dueAt(resting)).health;
    const hoped = happens(probing, hopedFor).health;
    expect(dueAt(hoped)).toBe(dueAt(probing));
    expect(dueAt(happens(hoped, lost).health)).toBe(NOW + 50);
  });

  test.each(everyStateBut('dead'))('%s: goes on as it is', (_, health) => {
    expect(happens(health, hopedFor)).toEqual({ health, reconnect: false });
  });
});

describe('whatever happens, in whatever order', () => {
  const event = fc.constantFrom(
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
    ejected,
    trialAnswered,
    trialBegan,
    trialEnded,
    needed,
    hopedFor,
    due,
  );
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

  const longestPause = policy.patience + policy.backoff.max;

  test('a dead server has a probe to come, a new connection an end, a failing server a trial', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        let before = initialHealth(0, policy);
        live(events, seed, (health, now) => {
          const isResting = isFailing(health) && !health.trial;
          const waits = health.state === 'dead' || health.state === 'connecting' || isResting;
          expect(Number.isFinite(dueAt(health))).toBe(waits);
          const isNew = dueAt(health) !== dueAt(before);
          const longestRest = Math.min(policy.patience * Math.max(health.ejections, 2), 300_000);
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
            health.state === 'alive' ||
            (health.state === 'suspect' && health.because !== 'unready');
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
          const fails = health.state === 'suspect' && health.because === 'failing';
          if (fails) restsUntil = dueAt(health);
          // It said that it can serve, or it is not the same server any more.
          if (happening.type === 'call answered' || health.state === 'dead') restsUntil = 0;
          expect(health.state === 'alive' && now < restsUntil).toBe(false);
        });
      }),
    );
  });

  test('a connection is replaced only where a new one is waited for', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        live(events, seed, ({ state }, _, reconnect) => {
          expect(reconnect && state !== 'dead' && state !== 'connecting').toBe(false);
        });
      }),
    );
  });

  test('what is counted are whole numbers from zero', () => {
    fc.assert(
      fc.property(history, fc.nat(), (events, seed) => {
        live(events, seed, ({ failures, probes, ejections }) => {
          const counts = [failures, probes, ejections];
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
        expect(rested.state === 'alive' || isTrialDue(after(rested, trialEnded))).toBe(true);
      }),
    );
  });
});

describe('ejected as an outlier', () => {
  const outlier = happens(alive, ejected).health;
  const onTrial = happensAll(outlier, [due, trialBegan], NOW + 2 * policy.patience);

  test('it rests for as many times its patience as it was one', () => {
    expect(outlier).toMatchObject({ state: 'suspect', because: 'failing', ejections: 1 });
    expect(dueAt(outlier)).toBe(NOW + 2 * policy.patience);
    expect(dueAt(happens(alive, { type: 'ejected', times: 1000 }).health)).toBe(NOW + 300_000);
  });

  test('answers to calls that it has already do not clear it: those it fails are answered, too', () => {
    expect(after(outlier, answered, heard, ready)).toEqual(outlier);
    expect(after(outlier, answered)).toBe(outlier);
    expect(outlier.isOutlier).toBe(true);
  });

  test('but they end a row of timeouts', () => {
    expect(after(outlier, timedOut)).toMatchObject({ failures: 1 });
    expect(after(outlier, timedOut, answered)).toEqual(outlier);
  });

  test('its trial clears it, if it is answered', () => {
    expect(after(onTrial, answered)).toEqual(onTrial);
    expect(after(onTrial, trialAnswered)).toMatchObject({ state: 'alive', ejections: 0 });
  });

  test('it rests for longer if its trial fails', () => {
    const { health } = happens(onTrial, { type: 'ejected', times: 3 }, 50_000);
    expect(dueAt(health)).toBe(50_000 + 3 * policy.patience);
    expect(health.ejections).toBe(2);
  });

  test('what is said again while it rests is heard no more', () => {
    expect(happens(outlier, ejected, NOW + 100).health).toBe(outlier);
  });

  test('a restart clears it', () => {
    expect(after(outlier, lost, due, ready)).toMatchObject({ state: 'alive', isOutlier: false });
  });

  test.each(everyState.filter(([, health]) => !isInUse(health)))(
    '%s: it is not in use',
    (_, health) => {
      expect(after(health, ejected)).toBe(health);
    },
  );
});

describe('found by review', () => {
  test('a PONG that ends the rest grants as many failures as the trial does', () => {
    const rested = happens(failingSuspect, ready, NOW + policy.patience).health;
    const onTrial = happens(failingSuspect, due, NOW + policy.patience).health;
    expect(rested).toEqual(onTrial);
  });

  test('the last failure that is allowed counts also while a PING is overdue', () => {
    const failing = after(alive, timedOut, timedOut, overdue, timedOut, heard);
    expect(failing).toMatchObject({ state: 'suspect', because: 'failing' });
  });
});

describe('a server that refuses this client', () => {
  const refused: HealthEvent = { type: 'lost', reason: 'not authorized', cause: 'unauthorized' };
  const unexplained: HealthEvent = { type: 'lost', reason: 'closed', cause: 'unexplained' };
  const refusing = after(alive, refused);

  test.each(everyState)('%s: is dead, and known to refuse', (_, health) => {
    const now = after(health, refused);
    expect(now).toMatchObject({ state: 'dead', because: 'not authorized' });
    expect(isRefusing(now)).toBe(true);
  });

  test.each(everyState)('%s: no other state is', (_, health) => {
    expect(isRefusing(health)).toBe(false);
  });

  test('is probed as every dead one is, and refuses until it is heard otherwise', () => {
    const { health: probed, reconnect } = happens(refusing, due, dueAt(refusing));
    expect(reconnect).toBe(true);
    expect(isRefusing(probed)).toBe(true);
    expect(isRefusing(after(probed, ready))).toBe(false);
    expect(isRefusing(after(probed, lost))).toBe(false);
  });

  test('may have done so again if it says nothing, but only then', () => {
    expect(isRefusing(after(refusing, unexplained))).toBe(true);
    expect(isRefusing(after(dead, unexplained))).toBe(false);
  });

  test('is not asked more often because no other server is left', () => {
    expect(after(refusing, needed)).toBe(refusing);
  });
});

describe('another answer would tell nothing new', () => {
  test.each(everyState)('%s: only of one that is alive, and has not failed', (name, health) => {
    expect(isSound(health)).toBe(name === 'alive');
  });

  test('but it would of one that has failed a call, or was ejected', () => {
    expect(isSound({ ...alive, failures: 1 })).toBe(false);
    expect(isSound({ ...alive, ejections: 1 })).toBe(false);
  });
});
