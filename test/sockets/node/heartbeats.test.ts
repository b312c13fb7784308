import { expect, test } from 'vitest';
import type { Channel } from '../../../lib/sockets/node/channel.js';
import { Heartbeats } from '../../../lib/sockets/node/heartbeats.js';

/** Heartbeats in a time of the test's: an interval of 1000 ms, a timeout of 3000. */
function beating() {
  let now = 0;
  let look: (() => void) | undefined;
  const afterTurn: (() => void)[] = [];
  const heartbeats = new Heartbeats(
    { intervalMs: 1000, timeoutMs: 3000 },
    {
      now: () => now,
      every(_ms, run) {
        look = run;
        return () => (look = undefined);
      },
      afterTurn: (run) => afterTurn.push(run),
    },
  );
  return {
    heartbeats,
    isTicking: () => look !== undefined,
    pass: (ms: number) => {
      for (const until = now + ms; now < until;) {
        now += 250;
        look?.();
        for (const run of afterTurn.splice(0)) run();
      }
    },
    /** The event loop stands still: nothing is received, and no timer runs. */
    stall: (ms: number, arrived: () => void) => {
      now += ms;
      look?.();
      arrived();
      for (const run of afterTurn.splice(0)) run();
    },
  };
}

function channel(knowsPing = true) {
  const told: string[] = [];
  const session = { received: 0, peerTtlMs: 0, knowsPing, ping: () => told.push('ping') };
  /** How many times nothing has left of what waits for it. */
  const outlet = {
    looks: 0,
    reads: true,
    look: () => (outlet.looks = outlet.reads ? 0 : outlet.looks + 1),
  };
  const fake = { isWaiting: false, session, outlet, silent: () => told.push('silent') };
  return { told, outlet, session, fake, channel: fake as unknown as Channel };
}

test('a peer gets a PING after an interval of silence, and is gone if it stays silent', () => {
  const { heartbeats, pass } = beating();
  const one = channel();
  heartbeats.add(one.channel);
  pass(750);
  expect(one.told).toEqual([]);
  pass(250);
  expect(one.told).toEqual(['ping']);
  pass(2750);
  expect(one.told).not.toContain('silent');
  pass(250);
  expect(one.told.at(-1)).toBe('silent');
});

test('a peer that sends something gets no PING, and is not gone', () => {
  const { heartbeats, pass } = beating();
  const one = channel();
  heartbeats.add(one.channel);
  for (let n = 0; n < 20; n++) {
    pass(750);
    one.session.received += 10;
  }
  expect(one.told).toEqual([]);
});

test('silence does not count when this side stood still: what has arrived is read first', () => {
  const { heartbeats, pass, stall } = beating();
  const one = channel();
  heartbeats.add(one.channel);
  pass(1000);
  stall(60_000, () => (one.session.received += 10));
  expect(one.told).toEqual(['ping']);
});

test('silence does not count while input waits for the event loop', () => {
  const { heartbeats, pass } = beating();
  const one = channel();
  heartbeats.add(one.channel);
  pass(1000);
  one.fake.isWaiting = true;
  pass(60_000);
  expect(one.told).not.toContain('silent');
});

test('a peer of ZMTP 3.0, which knows no PING, is left alone', () => {
  const { heartbeats, pass } = beating();
  const one = channel(false);
  heartbeats.add(one.channel);
  pass(60_000);
  expect(one.told).toEqual([]);
});

test.each([true, false])(
  'a peer that sends and does not read is gone after an interval and the time-out; it knows PING: %s',
  (knowsPing) => {
    const { heartbeats, pass } = beating();
    const one = channel(knowsPing);
    heartbeats.add(one.channel);
    const passSending = (times: number) => {
      for (let n = 0; n < times; n++) {
        pass(250);
        one.session.received += 10;
      }
    };
    one.outlet.reads = false;
    passSending(16);
    // It has read something, slow as it is.
    one.outlet.reads = true;
    passSending(1);
    one.outlet.reads = false;
    passSending(16);
    expect(one.told).toEqual([]);
    passSending(1);
    expect(one.told).toEqual(['silent']);
  },
);

test('a peer that does not read is not gone when this side stood still', () => {
  const { heartbeats, stall } = beating();
  const one = channel(false);
  heartbeats.add(one.channel);
  one.outlet.reads = false;
  stall(60_000, () => {});
  expect(one.told).toEqual([]);
});

test('without connections there is no timer', () => {
  const { heartbeats, isTicking } = beating();
  const [one, other] = [channel(), channel()];
  heartbeats.add(one.channel);
  heartbeats.add(other.channel);
  heartbeats.delete(one.channel);
  expect(isTicking()).toBe(true);
  heartbeats.delete(other.channel);
  expect(isTicking()).toBe(false);
  heartbeats.add(one.channel);
  expect(isTicking()).toBe(true);
});
