import { describe, expect, test } from 'vitest';
import {
  type AttemptListener,
  CONNECT_MS,
  Dialler,
  type DialFailure,
  MUTE_MS,
} from '../../../lib/sockets/node/dialler.js';
import { CLIENT_HANDSHAKE_MS, STAGGER_MS } from '../../../lib/sockets/times.js';

class FakeAttempt {
  wasHeard = false;
  mayThink = true;
  isAbandoned = false;

  constructor(
    readonly address: string,
    readonly listener: AttemptListener,
  ) {}

  abandon(): void {
    this.isAbandoned = true;
  }
}

/** A dialler of these addresses, whose time and whose sockets are the test's. */
function dialling(...addresses: string[]) {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock = {
    after(ms: number, run: () => void) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const attempts: FakeAttempt[] = [];
  const told: string[] = [];
  const dialler = new Dialler<string, FakeAttempt>(addresses, clock, Infinity, {
    open(address, listener) {
      const attempt = new FakeAttempt(address, listener);
      attempts.push(attempt);
      return attempt;
    },
    onReady: ({ address }) => told.push(`ready ${address}`),
    onFailed: (failures) =>
      told.push(failures.map(({ address, failure }) => `${address}: ${failure.reason}`).join('; ')),
  });
  dialler.start();
  return {
    dialler,
    told,
    timers,
    /** Of the latest try at that address. */
    at: (address: string): FakeAttempt => {
      const attempt = attempts.findLast((one) => one.address === address);
      if (!attempt) throw new Error(`${address} was not tried`);
      return attempt;
    },
    tried: () => attempts.map(({ address }) => address),
    pass: (ms: number) => {
      const until = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        now = next.at;
        next.run();
      }
      now = until;
    },
  };
}

const refused: DialFailure = { reason: 'refused' };

test('a single address that answers becomes the connection', () => {
  const { at, told, timers } = dialling('a');
  at('a').listener.onConnected();
  expect(told).toEqual([]);
  at('a').listener.onReady();
  expect(told).toEqual(['ready a']);
  expect(timers.size).toBe(0);
});

describe('with several addresses', () => {
  test('the next one is tried beside a slow one', () => {
    const { at, pass, tried, told, timers } = dialling('a', 'b', 'c');
    pass(STAGGER_MS - 1);
    expect(tried()).toEqual(['a']);
    pass(1);
    expect(tried()).toEqual(['a', 'b']);
    expect(at('a').isAbandoned).toBe(false);
    at('b').listener.onConnected();
    at('b').listener.onReady();
    expect(told).toEqual(['ready b']);
    expect(at('a').isAbandoned).toBe(true);
    expect(timers.size).toBe(0);
    pass(60_000);
    expect(tried()).toEqual(['a', 'b']);
  });

  test('the next one is tried at once when one fails', () => {
    const { at, tried, told } = dialling('a', 'b');
    at('a').listener.onFailed(refused);
    expect(tried()).toEqual(['a', 'b']);
    at('b').listener.onFailed(refused);
    expect(told).toEqual(['a: refused; b: refused']);
  });

  test('no other is tried during a handshake', () => {
    const { at, pass, tried } = dialling('a', 'b');
    at('a').listener.onConnected();
    at('a').wasHeard = true;
    pass(CLIENT_HANDSHAKE_MS - 1);
    expect(tried()).toEqual(['a']);
  });

  test('one that accepts and stays silent does not delay the others', () => {
    const { at, pass, tried, told } = dialling('mute', 'b');
    at('mute').listener.onConnected();
    pass(MUTE_MS);
    expect(at('mute').isAbandoned).toBe(true);
    expect(tried()).toEqual(['mute', 'b']);
    at('b').listener.onFailed(refused);
    expect(told).toEqual([
      `mute: it accepted the connection, and said nothing for ${MUTE_MS} ms; b: refused`,
    ]);
  });

  test('one that greets and then stands still does not delay the others, unless it authenticates clients', () => {
    const { at, pass, tried, told } = dialling('hung', 'b');
    at('hung').listener.onConnected();
    at('hung').wasHeard = true;
    at('hung').mayThink = false;
    pass(MUTE_MS);
    expect(at('hung').isAbandoned).toBe(true);
    expect(tried()).toEqual(['hung', 'b']);
    at('b').listener.onFailed(refused);
    expect(told).toEqual([`hung: its handshake was not done within ${MUTE_MS} ms; b: refused`]);
  });

  test('one whose handshake does not end does not delay the others', () => {
    const { at, pass, tried } = dialling('slow', 'b');
    at('slow').listener.onConnected();
    at('slow').wasHeard = true;
    pass(MUTE_MS + CLIENT_HANDSHAKE_MS);
    expect(tried()).toEqual(['slow', 'b']);
  });

  test('addresses given up for one that then fails are tried again', () => {
    const { at, pass, tried } = dialling('a', 'b', 'c');
    pass(STAGGER_MS);
    at('b').listener.onConnected();
    expect(at('a').isAbandoned).toBe(true);
    at('b').listener.onFailed(refused);
    expect(tried()).toEqual(['a', 'b', 'a']);
    at('a').listener.onFailed(refused);
    expect(tried()).toEqual(['a', 'b', 'a', 'c']);
  });

  test('a refusal at one address holds for all, which are one server', () => {
    const { at, tried, told } = dialling('a', 'b');
    at('a').listener.onConnected();
    at('a').listener.onFailed({ reason: 'not authorized', cause: 'unauthorized' });
    expect(tried()).toEqual(['a']);
    expect(told).toEqual(['a: not authorized']);
  });

  test('if none answers, each gets its time, and then all have failed', () => {
    const { pass, told } = dialling('a', 'b');
    pass(STAGGER_MS + CONNECT_MS - 1);
    expect(told).toEqual([]);
    pass(1);
    const reason = `there was no answer within ${CONNECT_MS} ms`;
    expect(told).toEqual([`a: ${reason}; b: ${reason}`]);
  });
});

test('a single address gets longer than a greeting takes', () => {
  const { at, pass, told } = dialling('a');
  at('a').listener.onConnected();
  pass(CLIENT_HANDSHAKE_MS - 1);
  expect(told).toEqual([]);
  pass(1);
  expect(told).toEqual([
    `a: it accepted the connection, and said nothing for ${CLIENT_HANDSHAKE_MS} ms`,
  ]);
});

test.each(['connecting', 'in its handshake'])(
  'a stop ends what is %s, and reports nothing',
  (when) => {
    const { dialler, at, pass, tried, told, timers } = dialling('a', 'b');
    if (when === 'in its handshake') at('a').listener.onConnected();
    dialler.stop();
    expect(at('a').isAbandoned).toBe(true);
    pass(60_000);
    expect([tried(), told, timers.size]).toEqual([['a'], [], 0]);
  },
);
