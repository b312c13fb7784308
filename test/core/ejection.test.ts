import { describe, expect, test } from 'vitest';
import { isTrialDue } from '../../lib/core/ejection.js';
import {
  dueAt,
  hasRecovered,
  type Health,
  isInUse,
  reasonOf,
  stateOf,
  transition,
} from '../../lib/core/health.js';
import {
  policy,
  NOW,
  ready,
  unready,
  heard,
  lost,
  reset,
  timedOut,
  timedOutAndDropped,
  answered,
  ejected,
  trialAnswered,
  trialBegan,
  trialEnded,
  due,
  happens,
  after,
  shown,
  happensAll,
  connecting,
  alive,
  silentSuspect,
  failingSuspect,
  unreadySuspect,
  dead,
  everyState,
} from '../support/health-events.js';

describe('suspect', () => {
  test.each([
    ['silent', 'a PONG', silentSuspect, ready],
    ['silent', 'anything else that is heard', silentSuspect, heard],
    ['unready', 'a PONG that says ready', unreadySuspect, ready],
    ['failing', 'an answer to a call', failingSuspect, answered],
  ])('for it is %s: cleared by %s', (_, __, health, event) => {
    expect(stateOf(after(health, event))).toBe('alive');
  });

  test('for its calls time out: an answer makes as if they never had', () => {
    expect(after(failingSuspect, answered)).toEqual(alive);
  });

  test('for its calls time out: on trial once it has rested, with a clean count', () => {
    const trial = happens(failingSuspect, due, NOW + 5000);
    expect(shown(trial.health)).toMatchObject({
      state: 'suspect',
      waitsFor: 'trial',
      timeouts: 0,
    });
    expect(trial.reconnect).toBe(false);
    expect(dueAt(trial.health)).toBe(Infinity);
    expect(isTrialDue(trial.health.ejection)).toBe(true);
  });

  const trialDue = happens(failingSuspect, due, NOW + 5000).health;

  test('on trial it is alive once that is answered, and rests for longer if not', () => {
    const onTrial = after(trialDue, trialBegan);
    expect(isTrialDue(onTrial.ejection)).toBe(false);
    expect(shown(after(onTrial, answered))).toMatchObject({ state: 'alive', ejections: 0 });
    expect(shown(after(onTrial, timedOut))).toMatchObject({
      state: 'suspect',
      until: NOW + 10_000,
    });
  });

  test('a trial that told nothing is due again', () => {
    expect(after(trialDue, trialBegan, trialEnded)).toEqual(trialDue);
  });

  test('calls from before its rest are no trial', () => {
    expect(isTrialDue(after(trialDue, timedOut, timedOut, timedOut).ejection)).toBe(true);
    expect(after(failingSuspect, trialBegan, trialEnded)).toEqual(failingSuspect);
    expect(after(alive, trialBegan)).toBe(alive);
  });

  test.each([
    ['a PONG', [ready]],
    ['a spell of not being ready', [unready, ready]],
    ['another connection', [reset, ready]],
  ])('%s does not stand for the trial', (_, events) => {
    expect(isTrialDue(happensAll(trialDue, events, NOW + 6000).ejection)).toBe(true);
    expect(stateOf(happensAll(after(trialDue, trialBegan), events, NOW + 6000))).toBe('suspect');
  });

  test('it does not rest where too many do', () => {
    const all = { ...policy, mayEject: () => false };
    const failed = [1, 2, 3, 4].reduce(
      (health) => transition(health, timedOut, NOW, all, () => 0.5).health,
      alive,
    );
    expect(shown(failed)).toMatchObject({ state: 'alive', timeouts: 4, ejections: 0 });
    const onTrial = after(trialDue, trialBegan);
    expect(transition(onTrial, timedOut, NOW, all, () => 0.5).health.ejection.ejections).toBe(2);
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
    expect(shown(after(failingSuspect, timedOut, timedOut))).toMatchObject({
      state: 'suspect',
      until: NOW + 5000,
      timeouts: 5,
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
    expect(dropped.reconnect).toBe(true);
    expect(dropped.health.connectivity.state).toBe('connecting');
    expect(dropped.health.ejection).toMatchObject({ timeouts: 3, until: NOW + 5000 });
    for (const reconnecting of [dropped.health, after(failingSuspect, reset)]) {
      expect(after(reconnecting, ready)).toEqual(failingSuspect);
      expect(isTrialDue(happens(reconnecting, ready, NOW + 5000).health.ejection)).toBe(true);
    }
  });

  test('that a server died and came back does not shorten its next rest', () => {
    const back = after(failingSuspect, lost, ready);
    expect(shown(back)).toMatchObject({ state: 'alive', timeouts: 0 });
    expect(dueAt(after(back, timedOut, timedOut, timedOut))).toBe(NOW + 10_000);
  });

  test.each([
    ['silent', silentSuspect],
    ['unready', unreadySuspect],
  ])('for it is %s: a timeout is counted and changes nothing else', (_, health) => {
    const { ejection } = health;
    const counted = { ...ejection, timeouts: ejection.timeouts + 1 };
    expect(after(health, timedOut)).toEqual({ ...health, ejection: counted });
  });

  test('a server that is not ready says so, even while it rests', () => {
    const notReady = after(failingSuspect, unready);
    expect(reasonOf(notReady)).toBe('unready');
    expect(after(notReady, ready)).toEqual(failingSuspect);
  });
});

describe('ejected as an outlier', () => {
  const outlier = happens(alive, ejected).health;
  const onTrial = happensAll(outlier, [due, trialBegan], NOW + 2 * policy.baseEjectionTime);

  test('it rests for the base time, as many times as it was one', () => {
    expect(shown(outlier)).toMatchObject({ state: 'suspect', reason: 'failing', ejections: 1 });
    expect(dueAt(outlier)).toBe(NOW + 2 * policy.baseEjectionTime);
    expect(dueAt(happens(alive, { type: 'ejected', times: 1000 }).health)).toBe(NOW + 300_000);
  });

  test('answers to calls that it has already do not clear it: those it fails are answered, too', () => {
    expect(after(outlier, answered, heard, ready)).toEqual(outlier);
    expect(after(outlier, answered)).toBe(outlier);
    expect(shown(outlier)).toMatchObject({ isOutlier: true });
  });

  test('but they end a row of timeouts', () => {
    expect(shown(after(outlier, timedOut))).toMatchObject({ timeouts: 1 });
    expect(after(outlier, timedOut, answered)).toEqual(outlier);
  });

  test('its trial clears it, if it is answered', () => {
    expect(after(onTrial, answered)).toEqual(onTrial);
    expect(shown(after(onTrial, trialAnswered))).toMatchObject({ state: 'alive', ejections: 0 });
  });

  test('it rests for longer if its trial fails', () => {
    const { health } = happens(onTrial, { type: 'ejected', times: 3 }, 50_000);
    expect(dueAt(health)).toBe(50_000 + 3 * policy.baseEjectionTime);
    expect(health.ejection.ejections).toBe(2);
  });

  test('what is said again while it rests is heard no more', () => {
    expect(happens(outlier, ejected, NOW + 100).health).toBe(outlier);
  });

  test('a restart clears it', () => {
    expect(stateOf(after(outlier, lost, due, ready))).toBe('alive');
  });

  test.each(everyState.filter(([, health]) => !isInUse(health)))(
    '%s: it is not in use',
    (_, health) => {
      expect(after(health, ejected)).toBe(health);
    },
  );
});
