import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Child } from '../support/child.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import {
  describeWithPython,
  OLDER_DIALECTS,
  type Peer,
  startAwkwardServer,
  startServer,
} from './python.js';

type Client = ReturnType<typeof connectTo>;

/** Long enough for a busy machine. */
const FIFTY = Array.from({ length: 50 }, (_, index) => index);

const stateOf = (client: Client, { endpoint }: Peer) => client.stats().endpoints[endpoint];
const call = (client: Client, pattern: unknown, data: unknown) =>
  firstValueFrom(client.send<unknown>(pattern, data));
/** A call that one server gets once, whatever happens. */
const callOnce = (client: Client, pattern: unknown, data: unknown) =>
  call(client, pattern, new FreelanceRecordBuilder(data).setIdempotent(false).build());

@Controller()
class SumController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }
}

describeWithPython.each(OLDER_DIALECTS)('a Nest client and a %s server in Python', (dialect) => {
  let server: Peer;
  let client: Client;

  beforeAll(async () => {
    server = await startServer(dialect, 'snake');
    client = connectTo([server.target]);
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
  ])('%s arrives in Python and returns as one value', async (_what, value) => {
    expect(await all('same', value)).toEqual([value]);
  });

  test('a Python handler that returns nothing answers null', async () => {
    expect(await all('nothing', {})).toEqual([null]);
  });

  test('a packet reaches the handler of its pattern, as text or as an object', async () => {
    expect(await call(client, 'sum', [1, 2, 3])).toBe(6);
    expect(await call(client, { version: 2, cmd: 'object' }, 'x')).toBe('x');
  });

  test.each(['raw', '', 'grüße 🌍', 'not {json'])(
    'a string for REQUEST is sent unchanged: %j',
    async (text) => {
      expect(await all('REQUEST', text)).toEqual([`snake heard ${text}`]);
    },
  );

  test('anything but a string for REQUEST is sent as a packet', async () => {
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
  ])('a reply body is JSON if possible, else a string: %s', async (_what, body, value) => {
    expect(await all('text', body)).toEqual([value]);
  });

  test("the error of a handler arrives as with Nest's transports", async () => {
    await expect(call(client, 'fail', 'no such thing')).rejects.toEqual({
      status: 'error',
      message: 'no such thing',
    });
    expect(await call(client, 'sum', [1])).toBe(1);
  });

  test('stats report dialect, state and latency', async () => {
    expect(await call(client, 'sum', [])).toBe(0);
    expect(client.stats()).toMatchObject({
      endpoints: { [server.endpoint]: { state: 'alive', dialect, failures: 0, pending: 0 } },
      pending: 0,
      dropped: {},
    });
    expect(stateOf(client, server)?.latencyMs).toBeGreaterThan(0);
    expect(stateOf(client, server)?.lastSeenMs).toBeGreaterThanOrEqual(0);
  });

  test('heartbeats continue while there are no calls', async () => {
    using watcher = connectTo([server.target], { heartbeatInterval: 50 });
    await watcher.connect();
    const lastSeen: (number | undefined)[] = [];
    await eventually(() => {
      lastSeen.push(stateOf(watcher, server)?.lastSeenMs);
      // The time since the server was last seen has decreased twice.
      const heard = lastSeen.filter((ms, index) => Number(ms) < Number(lastSeen[index - 1]));
      expect(heard.length).toBeGreaterThanOrEqual(2);
    });
    expect(watcher.stats().dropped).toEqual({});
  });

  test('concurrent calls get their own answers', async () => {
    // While blocked, the server shows how many calls it receives before it answers one.
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

  test('a frozen server is dead, and is used again once it continues', async () => {
    using quick = connectTo([server.target], { heartbeatInterval: 100, heartbeatTimeout: 500 });
    expect(await call(quick, 'sum', [1, 2])).toBe(3);
    server.child.signal('SIGSTOP');
    await eventually(() => expect(stateOf(quick, server)?.state).toBe('dead'));
    const patient = call(quick, 'sum', [3, 4]);
    server.child.signal('SIGCONT');
    expect(await patient).toBe(7);
  });
});

describeWithPython.each(OLDER_DIALECTS)(
  'a Nest client and a server that answers late, newest call first, in the %s dialect',
  (dialect) => {
    test('concurrent calls get their own answers', async () => {
      await using server = await startAwkwardServer(dialect);
      using client = connectTo([server.target]);
      const answers = await Promise.all(FIFTY.map((value) => call(client, 'prompt', value)));
      expect(answers).toEqual(FIFTY);
      const atOnce: number[] = [];
      for (let answered = 0; answered < 50; answered += atOnce.at(-1) ?? 0) {
        atOnce.push(((await server.child.nextLine()) as { prompt: number }).prompt);
      }
      expect(Math.max(...atOnce)).toBeLessThanOrEqual(dialect === 'basic' ? 1 : 50);
    });

    test.each(['timeout', 'deadline', 'unsubscription'] as const)(
      'a reply that arrives after the %s never answers the next call',
      async (end) => {
        await using server = await startAwkwardServer(dialect);
        using client = connectTo(
          [server.target],
          end === 'timeout' ? { requestTimeout: 3000 } : {},
        );
        const record = new FreelanceRecordBuilder('late').setMaxAttempts(1);
        if (end === 'deadline') record.setTimeout(3000);
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
        // The late reply was sent right before the answer to the next call.
        expect(await server.child.nextLine()).toMatchObject({ late: 1 });
        expect(await call(client, 'prompt', 'again')).toBe('again');
        expect(outcomes).toMatchObject(heard);
        // With ids, it is recognized as late; without ids, it must not even arrive.
        const dropped = dialect === 'basic' ? [] : ['unknown-reply'];
        expect(Object.keys(client.stats().dropped)).toEqual(dropped);
      },
    );

    test('a server that answers PINGs but no calls becomes suspect', async () => {
      await using server = await startAwkwardServer(dialect);
      using client = connectTo([server.target], { requestTimeout: 50, maxFailures: 3 });
      for (let failures = 1; failures <= 3; failures++) {
        await expect(callOnce(client, 'late', failures)).rejects.toMatchObject({
          code: 'ETIMEDOUT',
        });
      }
      await eventually(() => expect(stateOf(client, server)?.state).toBe('suspect'));
    });
  },
);

describeWithPython('a Nest client and a server of the guide', () => {
  test('a call is answered by one of our servers while that of the guide is gone, and the other way round', async () => {
    const endpoint = await freeEndpoint();
    const ours = await freeEndpoint();
    const guide = await startServer('guide', 'snake', endpoint);
    using client = connectTo([guide.target, ours], {
      heartbeatInterval: 100,
      connectTimeout: 60_000,
    });
    const isAnsweredBy = async (serverId: string) => {
      const answer = await call(client, 'echo', { value: serverId });
      expect(answer).toMatchObject({ value: serverId, serverId });
    };
    await isAnsweredBy('snake');
    await guide.child.kill();
    {
      await using nest = Child.node('math-server', ours, 'nest');
      await nest.nextLine();
      await isAnsweredBy('nest');
      expect(client.stats().endpoints).toMatchObject({
        [endpoint]: { state: 'dead' },
        [ours]: { state: 'alive', dialect: 'negotiated' },
      });
    }
    await using again = await startServer('guide', 'snake again', endpoint);
    await isAnsweredBy('snake again');
    expect(stateOf(client, again)).toMatchObject({ state: 'alive', dialect: 'guide' });
    expect(client.stats().dropped).toEqual({});
  });

  test('one of ours that serves the guide, too, may be called in either dialect', async () => {
    const endpoint = await freeEndpoint();
    await using served = await serve([SumController], { bind: endpoint, guideIdentity: endpoint });
    for (const target of [endpoint, { endpoint, dialect: 'guide' } as const]) {
      using client = connectTo(target);
      expect(await call(client, 'sum', [1, 2])).toBe(3);
      const dialect = typeof target === 'string' ? 'negotiated' : 'guide';
      expect(client.stats().endpoints[endpoint]).toMatchObject({ dialect });
    }
    expect(served.strategy.stats()).toMatchObject({ accepted: 2, dropped: {} });
  });

  test('without being told, the client does not use it, and says that nobody answered', async () => {
    await using server = await startServer('guide', 'snake');
    using client = connectTo(server.endpoint, { heartbeatInterval: 50, connectTimeout: 500 });
    await expect(call(client, 'sum', [1])).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describeWithPython('a Nest client and a server that takes one call at a time', () => {
  test('a call that waits while the previous one is given up is sent once, and answered', async () => {
    await using server = await startAwkwardServer('basic');
    using client = connectTo([server.target]);
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
  test('each server is addressed in its own dialect', async () => {
    const first = await startServer('basic', 'first');
    const { endpoint } = first;
    using client = connectTo([endpoint], { heartbeatInterval: 100 });
    const isSpokenTo = async (dialect: string) => {
      // A call made while no server is there waits for the next one.
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
