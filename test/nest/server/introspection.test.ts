import { describe, expect, test } from 'vitest';
import type { ServerEvent } from '../../../lib/agents/server/server-event.js';
import { noServerStats } from '../../../lib/agents/server/server-stats.js';
import { Introspection, type IntrospectionDeps } from '../../../lib/nest/server/introspection.js';
import { NO_MESSAGE_HANDLER } from '../../../lib/nest/server/nest-words.js';
import { resolveServerOptions } from '../../../lib/nest/options/server-options.js';
import { FakeCall } from '../../support/careless.js';
import { eventually } from '../../support/eventually.js';

const LOOPBACK = 'tcp://127.0.0.1:1';

/** The introspection of a server that listens there, and what it has logged. */
function introspectionAt(endpoints: readonly string[], more: Partial<IntrospectionDeps> = {}) {
  const logged: unknown[][] = [];
  const introspection = new Introspection({
    options: resolveServerOptions({ bind: LOOPBACK, serverId: 'server-1' }),
    log: {
      error: (kind, what) => void logged.push(['error', kind, what]),
      warn: (kind, what) => void logged.push(['warn', kind, what]),
      debug: (kind, what) => void logged.push(['debug', kind, what]),
    },
    now: () => 0,
    endpoints: () => endpoints,
    state: () => 'ready',
    stats: () => noServerStats(),
    registered: () => [],
    ...more,
  });
  const ask = (pattern: string) => {
    const call = new FakeCall(pattern);
    introspection.answer(call.asServerCall());
    return call.said;
  };
  return { introspection, ask, logged };
}

describe('by default it is offered if each address that was bound', () => {
  test.each<[title: string, endpoints: string[], isOffered: boolean]>([
    ['is of this machine', [LOOPBACK, 'tcp://[::1]:1', 'ipc:///tmp/a', 'inproc://a'], true],
    ['is not there yet', [], false],
    ['but one is of this machine', [LOOPBACK, 'tcp://10.0.0.1:1'], false],
    ['is every interface', ['tcp://0.0.0.0:1'], false],
    ['is every interface of both families', ['tcp://[::]:1'], false],
  ])('%s', (_title, endpoints, isOffered) => {
    const { ask, logged } = introspectionAt(endpoints);
    const how = isOffered ? 'last' : 'error';
    const what = isOffered ? '"id":"server-1"' : NO_MESSAGE_HANDLER;
    expect(ask('$freelance.info')).toEqual([[how, expect.stringContaining(what)]]);
    expect(ask('$freelance.stats')).toEqual([[how, expect.stringContaining(what)]]);
    // A poll of a server that offers nothing is no fault that its operator has to know of.
    expect(logged.filter(([level]) => level !== 'debug')).toEqual([]);
  });
});

test('a failure is the server’s: it is logged, its asker gets an internal error, and a later one an answer', async () => {
  const broken = new Error('broken');
  let isBroken = true;
  const { ask, logged } = introspectionAt([LOOPBACK], {
    registered: () => {
      if (isBroken) throw broken;
      return [];
    },
  });
  const internal = { status: 'error', message: 'Internal server error' };
  expect(ask('$freelance.info')).toEqual([['error', internal]]);
  expect(logged).toEqual([['error', 'call', broken]]);
  isBroken = false;
  // The failure took time, in proportion to which it is told again.
  await eventually(() =>
    expect(ask('$freelance.info')).toEqual([['last', expect.stringContaining('"patterns":[]')]]),
  );
});

test('the time for which it has listened is that of its agent', () => {
  let now = 5000;
  const { ask } = introspectionAt([LOOPBACK], { now: () => now });
  now += 1234.4;
  const told = [['last', expect.stringContaining('"uptimeMs":1234,')]];
  expect(ask('$freelance.info')).toEqual(told);
  expect(ask('$freelance.stats')).toEqual(told);
});

test('what is reserved for later has no handler', () => {
  const { ask } = introspectionAt([LOOPBACK]);
  expect(ask('$freelance.later')).toEqual([['error', NO_MESSAGE_HANDLER]]);
});

test('an event is over at once', () => {
  const { introspection } = introspectionAt([LOOPBACK]);
  let over = 0;
  introspection.ignore({ over: () => over++ } as unknown as ServerEvent);
  expect(over).toBe(1);
});
