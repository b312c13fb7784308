import { FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Child } from '../support/child.js';
import { connectTo } from '../support/nest.js';
import {
  describeWithPython,
  DIALECTS,
  type Peer,
  startAwkwardServer,
  startServer,
} from './python.js';

type Client = ReturnType<typeof connectTo>;

/** For what has to happen, however busy the machine is. */
const FIFTY = Array.from({ length: 50 }, (_, index) => index);

const stateOf = (client: Client, { endpoint }: Peer) => client.stats().endpoints[endpoint];
const call = (client: Client, pattern: unknown, data: unknown) =>
  firstValueFrom(client.send<unknown>(pattern, data));
/** A call that is given to one server once, whatever comes of it. */
const callOnce = (client: Client, pattern: unknown, data: unknown) =>
  call(client, pattern, new FreelanceRecordBuilder(data).setIdempotent(false).build());

describeWithPython.each(DIALECTS)('a Nest client and a %s server in Python', (dialect) => {
  let server: Peer;
  let client: Client;

  beforeAll(async () => {
    server = await startServer(dialect, 'snake');
    client = connectTo([server.endpoint]);
  });

  afterAll(async () => {
    client.close();
    await server[Symbol.asyncDispose]();
  });

  const all = (pattern: unknown, data: unknown) =>
    lastValueFrom(client.send<unknown>(pattern, data).pipe(toArray()));

  test.each([
    ['a number', 42],
    ['zero', 0],
    ['a fraction', -0.1],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
    ['a number beyond 64 bits', 1e300],
    ['true', true],
    ['false', false],
    ['text', 'plain'],
    ['an empty string', ''],
    ['text that looks like a number', '42'],
    ['text that looks like a packet', '{"pattern":"sum","data":[1]}'],
    ['text of several scripts', 'grüße 日本語 🌍 \u0000 "\\'],
    ['a lone surrogate', '\ud800'],
    ['an empty array', []],
    ['an empty object', {}],
    ['a nested value', { a: [1, { b: null, c: ['', {}] }], pattern: 'sum' }],
    ['a long text', 'x'.repeat(100_000)],
  ])('%s arrives in Python and comes back, as one value', async (_what, value) => {
    expect(await all('same', value)).toEqual([value]);
  });

  test('a Python handler that returns nothing answers null', async () => {
    expect(await all('nothing', {})).toEqual([null]);
  });

  test('a packet reaches the handler of its pattern, be that text or an object', async () => {
    expect(await call(client, 'sum', [1, 2, 3])).toBe(6);
    expect(await call(client, { version: 2, cmd: 'object' }, 'x')).toBe('x');
  });

  test.each(['raw', '', 'grüße 🌍', 'not {json'])(
    'a string for REQUEST goes on the wire as it is: %j',
    async (text) => {
      expect(await all('REQUEST', text)).toEqual([`snake heard ${text}`]);
    },
  );

  test('anything but a string for REQUEST goes as a packet', async () => {
    await expect(call(client, 'REQUEST', { a: 1 })).rejects.toEqual({
      status: 'error',
      message: 'snake has no handler for "REQUEST"',
    });
  });

  test.each([
    ['text', 'plain text', 'plain text'],
    ['half of a JSON text', '{"a":', '{"a":'],
    ['nothing', '', ''],
    ['what Python takes for JSON', 'NaN', 'NaN'],
    ['JSON', '[1,null]', [1, null]],
  ])('a reply body is JSON if it can be, else a string: %s', async (_what, body, value) => {
    expect(await all('text', body)).toEqual([value]);
  });

  test('the error of a handler arrives as Nest delivers errors', async () => {
    await expect(call(client, 'fail', 'no such thing')).rejects.toEqual({
      status: 'error',
      message: 'no such thing',
    });
    expect(await call(client, 'sum', [1])).toBe(1);
  });

  test('stats tell the dialect, the state, and how far away the server is', async () => {
    expect(await call(client, 'sum', [])).toBe(0);
    expect(client.stats()).toMatchObject({
      endpoints: { [server.endpoint]: { state: 'alive', dialect, failures: 0, pending: 0 } },
      pending: 0,
      dropped: {},
    });
    expect(stateOf(client, server)?.latencyMs).toBeGreaterThan(0);
    expect(stateOf(client, server)?.lastSeenMs).toBeGreaterThanOrEqual(0);
  });

  test('heartbeats go on while there are no calls', async () => {
    using watcher = connectTo([server.endpoint], { heartbeatInterval: 50 });
    await watcher.connect();
    const lastSeen: (number | undefined)[] = [];
    await eventually(() => {
      lastSeen.push(stateOf(watcher, server)?.lastSeenMs);
      // The time since the server was last seen has become less, twice.
      const heard = lastSeen.filter((ms, index) => Number(ms) < Number(lastSeen[index - 1]));
      expect(heard.length).toBeGreaterThanOrEqual(2);
    });
    expect(watcher.stats().dropped).toEqual({});
  });

  test('calls at once are answered with their own answers', async () => {
    // While it stands still, the server shows how many calls it is given before it answers one.
    server.child.signal('SIGSTOP');
    const calls = Promise.all(FIFTY.map((value) => call(client, 'same', value)));
    try {
      await eventually(() => expect(client.stats().pending).toBe(50));
      expect(stateOf(client, server)?.pending).toBe(dialect === 'basic' ? 1 : 50);
    } finally {
      server.child.signal('SIGCONT');
    }
    expect(await calls).toEqual(FIFTY);
    expect(client.stats()).toMatchObject({ pending: 0, dropped: {} });
  });

  test('a server that stands still is dead, and is used again when it goes on', async () => {
    using quick = connectTo([server.endpoint], { heartbeatInterval: 100, heartbeatTimeout: 500 });
    expect(await call(quick, 'sum', [1, 2])).toBe(3);
    server.child.signal('SIGSTOP');
    await eventually(() => expect(stateOf(quick, server)?.state).toBe('dead'));
    const patient = call(quick, 'sum', [3, 4]);
    server.child.signal('SIGCONT');
    expect(await patient).toBe(7);
  });
});

describeWithPython.each(DIALECTS)(
  'a Nest client and a server that answers late, and the newest first, in the %s dialect',
  (dialect) => {
    test('calls at once are answered with their own answers', async () => {
      await using server = await startAwkwardServer(dialect);
      using client = connectTo([server.endpoint]);
      const answers = await Promise.all(FIFTY.map((value) => call(client, 'prompt', value)));
      expect(answers).toEqual(FIFTY);
      const atOnce: number[] = [];
      for (let answered = 0; answered < 50; answered += atOnce.at(-1) ?? 0) {
        atOnce.push(((await server.child.nextLine()) as { prompt: number }).prompt);
      }
      expect(Math.max(...atOnce)).toBeLessThanOrEqual(dialect === 'basic' ? 1 : 50);
    });

    test.each(['timeout', 'deadline', 'unsubscription'] as const)(
      'a reply that comes after the %s never answers the next call',
      async (end) => {
        await using server = await startAwkwardServer(dialect);
        using client = connectTo(
          [server.endpoint],
          end === 'timeout' ? { requestTimeout: 300 } : {},
        );
        const record = new FreelanceRecordBuilder('late').setMaxAttempts(1);
        if (end === 'deadline') record.setTimeout(300);
        const outcomes: unknown[] = [];
        const late = client.send<unknown>('late', record.build()).subscribe({
          next: (value) => outcomes.push(value),
          error: (error: unknown) => outcomes.push(error),
        });
        expect(await server.child.nextLine()).toEqual({ withheld: 'late' });
        const heard = end === 'unsubscription' ? [] : [{ code: 'ETIMEDOUT' }];
        if (end === 'unsubscription') late.unsubscribe();
        await eventually(() => expect(outcomes).toMatchObject(heard));

        expect(await call(client, 'prompt', 'next')).toBe('next');
        // The late reply was sent, right before the answer to the next call.
        expect(await server.child.nextLine()).toMatchObject({ late: 1 });
        expect(await call(client, 'prompt', 'again')).toBe('again');
        expect(outcomes).toMatchObject(heard);
        // With ids it is known for what it is; without, it must not even arrive.
        const dropped = dialect === 'basic' ? [] : ['REPLY to no call'];
        expect(Object.keys(client.stats().dropped)).toEqual(dropped);
      },
    );

    test('a server that answers PINGs but no calls becomes suspect', async () => {
      await using server = await startAwkwardServer(dialect);
      using client = connectTo([server.endpoint], { requestTimeout: 50, maxFailures: 3 });
      for (let failures = 1; failures <= 3; failures++) {
        await expect(callOnce(client, 'late', failures)).rejects.toMatchObject({
          code: 'ETIMEDOUT',
        });
      }
      await eventually(() => expect(stateOf(client, server)?.state).toBe('suspect'));
    });
  },
);

describeWithPython('a Nest client and a server that takes one call at a time', () => {
  test('a call that waits while the one before is given up is sent once, and answered', async () => {
    await using server = await startAwkwardServer('basic');
    using client = connectTo([server.endpoint]);
    const givenUp = client.send('late', 'given up').subscribe();
    expect(await server.child.nextLine()).toEqual({ withheld: 'given up' });
    const waiting = callOnce(client, 'prompt', 'waited');
    await eventually(() => expect(client.stats().pending).toBe(2));
    givenUp.unsubscribe();
    expect(await waiting).toBe('waited');
    expect(await callOnce(client, 'prompt', 'last')).toBe('last');
    expect(await server.child.nextLine()).toEqual({ late: 1, prompt: 1 });
    expect(await server.child.nextLine()).toEqual({ late: 0, prompt: 1 });
  });
});

describeWithPython('a Nest client and an address where the server changes', () => {
  test('each server is spoken to in its own dialect', async () => {
    const first = await startServer('basic', 'first');
    const { endpoint } = first;
    using client = connectTo([endpoint], { heartbeatInterval: 100 });
    const isSpokenTo = async (dialect: string) => {
      // Calls of a moment when nobody is there wait for the next server.
      expect(await call(client, 'sum', [1, 2])).toBe(3);
      expect(stateOf(client, first)).toMatchObject({ state: 'alive', dialect });
    };
    await isSpokenTo('basic');
    await first.child.kill();
    {
      await using second = await startServer('tracked', 'second', endpoint);
      expect(second.endpoint).toBe(endpoint);
      await isSpokenTo('tracked');
    }
    {
      await using third = Child.node('math-server', endpoint, 'third');
      await third.nextLine();
      await isSpokenTo('negotiated');
    }
    await using fourth = await startServer('basic', 'fourth', endpoint);
    expect(fourth.endpoint).toBe(endpoint);
    await isSpokenTo('basic');
  });
});
