import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, test } from 'vitest';
import { FreelanceError } from '../../lib/core/freelance-error.js';
import {
  aroundClientCall,
  aroundServerCall,
  beforeClientAttempt,
  type FreelanceInstrument,
  hasInstruments,
  instrument,
} from '../../lib/telemetry/instruments.js';
import type {
  ClientAttemptMessage,
  ClientCallMessage,
  ServerCallMessage,
} from '../../lib/telemetry/messages.js';

const CALL = { pattern: 'p' } as ClientCallMessage;
const SERVED = { pattern: 'p' } as ServerCallMessage;

const clean: (() => void)[] = [];
afterEach(() => {
  for (const undo of clean.splice(0)) undo();
});

const add = (hooks: FreelanceInstrument) => clean.push(instrument(hooks));

/** Runs a call between the hooks. */
function run(what: () => void = () => {}) {
  const told: unknown[] = [];
  let runs = 0;
  const call = () =>
    aroundClientCall(
      CALL,
      () => {
        runs++;
        what();
      },
      (error) => told.push(error),
    );
  return { call, told, runs: () => runs };
}

test('hooks nest in the order in which they were added', () => {
  const order: string[] = [];
  const named = (name: string): FreelanceInstrument => ({
    aroundClientCall: (_call, next) => {
      order.push(`${name} before`);
      next();
      order.push(`${name} after`);
    },
  });
  add(named('outer'));
  add({ aroundServerCall: (_call, next) => next() });
  add(named('inner'));
  run(() => order.push('call')).call();
  expect(order).toEqual(['outer before', 'inner before', 'call', 'inner after', 'outer after']);
});

test('the call runs in the async context of the hook', async () => {
  const store = new AsyncLocalStorage<string>();
  add({ aroundClientCall: (_call, next) => store.run('of the hook', next) });
  const seen: unknown[] = [];
  run(() => {
    seen.push(store.getStore());
    void Promise.resolve().then(() => seen.push(store.getStore()));
  }).call();
  await Promise.resolve();
  expect(seen).toEqual(['of the hook', 'of the hook']);
});

test('removed hooks are not called, and the same may be added twice', () => {
  let calls = 0;
  const hooks: FreelanceInstrument = { aroundClientCall: (_call, next) => (calls++, next()) };
  const removeFirst = instrument(hooks);
  const removeSecond = instrument(hooks);
  run().call();
  removeFirst();
  removeFirst();
  run().call();
  removeSecond();
  run().call();
  expect(calls).toBe(3);
  expect(hasInstruments()).toBe(false);
});

test('hooks may be methods of a class', () => {
  class Hooks implements FreelanceInstrument {
    readonly seen: string[] = [];

    aroundClientCall(call: ClientCallMessage, next: () => void) {
      this.seen.push(call.pattern);
      next();
    }

    aroundServerCall(call: ServerCallMessage, next: () => void) {
      this.seen.push(`served ${call.pattern}`);
      next();
    }
  }
  const hooks = new Hooks();
  add(hooks);
  run().call();
  aroundServerCall(
    SERVED,
    () => {},
    (error) => hooks.seen.push(String(error)),
  );
  expect(hooks.seen).toEqual(['p', 'served p']);
});

describe('the call goes on, once, and it is said, if a hook', () => {
  const ERROR = new Error('no');
  const reject = () => Promise.reject(ERROR);
  const FAILED = 'The hook aroundClientCall, added by instrument(), failed: no';
  const NO_NEXT =
    'The hook aroundClientCall, added by instrument(), returned without having called next(): "p" goes on outside of it. A hook ' +
    'calls next() before it returns; if it is async, before its first await.';

  test.each<[string, FreelanceInstrument['aroundClientCall'], string[]]>([
    ['does what it should', (_call, next) => next(), []],
    [
      'throws before next',
      () => {
        throw ERROR;
      },
      [FAILED],
    ],
    [
      'throws after next',
      (_call, next) => {
        next();
        throw ERROR;
      },
      [FAILED],
    ],
    ['never calls next', () => {}, [NO_NEXT]],
    ['calls next twice', (_call, next) => (next(), next()), []],
    ['rejects', reject, [NO_NEXT, FAILED]],
    [
      'rejects after next',
      (_call, next) => {
        next();
        return reject();
      },
      [FAILED],
    ],
    ['calls next too late', (_call, next) => queueMicrotask(next), [NO_NEXT]],
    [
      'removes itself and adds another',
      (_call, next) => {
        for (const undo of clean.splice(0)) undo();
        add({ aroundClientCall: () => {} });
        next();
      },
      [],
    ],
  ])('%s', async (_, aroundHook, expected) => {
    add({ aroundClientCall: aroundHook });
    const { call, told, runs } = run();
    call();
    expect(runs()).toBe(1);
    await Promise.resolve();
    await Promise.resolve();
    expect(runs()).toBe(1);
    expect(told.map(wordsOf)).toEqual(expected);
  });
});

const wordsOf = (what: unknown) => (what instanceof Error ? what.message : what);

test('what is said of a hook names it', () => {
  add({
    aroundServerCall: () => {},
    beforeClientAttempt: () => {
      throw new Error('no');
    },
  });
  const told: unknown[] = [];
  const tell = (what: unknown) => told.push(wordsOf(what));
  aroundServerCall(SERVED, () => {}, tell);
  beforeClientAttempt({ number: 1 } as ClientAttemptMessage, tell);
  expect(told).toEqual([
    expect.stringMatching(/^The hook aroundServerCall, .* returned without having called next/u),
    'The hook beforeClientAttempt, added by instrument(), failed: no',
  ]);
});

test('a hook before an attempt that makes calls is not asked about theirs, and is asked about the next attempt', () => {
  const told: unknown[] = [];
  let asked = 0;
  const attempt = () =>
    beforeClientAttempt({ number: 1 } as ClientAttemptMessage, (error) => told.push(error));
  add({
    beforeClientAttempt: () => {
      asked++;
      attempt();
      throw new Error('no');
    },
  });
  attempt();
  attempt();
  expect(asked).toBe(2);
  expect(told).toHaveLength(2);
});

test('what the call itself throws is thrown to its caller, and not to the hooks', () => {
  const caught: unknown[] = [];
  add({
    aroundClientCall: (_call, next) => {
      try {
        next();
      } catch (error) {
        caught.push(error);
      }
    },
  });
  const { call, told } = run(() => {
    throw new Error('of the call');
  });
  expect(call).toThrow('of the call');
  expect([caught, told]).toEqual([[], []]);
});

test.each([{}, { aroundClientCall: undefined }, { aroundServerCall: 'a hook' }])(
  'instrument(%j) is a mistake',
  (hooks) => {
    expect(() => instrument(hooks as FreelanceInstrument)).toThrow(FreelanceError);
    expect(() => instrument(hooks as FreelanceInstrument)).toThrow(/aroundClientCall/);
    expect(hasInstruments()).toBe(false);
  },
);
