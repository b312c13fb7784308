import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import {
  type ClientAttemptMessage,
  type ClientCallMessage,
  FreelanceRecordBuilder,
  instrument,
} from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { Dealer, Router } from 'zeromq';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { KeepingLogger } from '../support/keeping-logger.js';
import { connectTo } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { uncaught } from '../support/uncaught.js';

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

const clean: (() => void)[] = [];
afterEach(() => {
  for (const undo of clean.splice(0)) undo();
});

function listen(name: string, listener: (message: unknown) => void): void {
  channel(name).subscribe(listener);
  clean.push(() => channel(name).unsubscribe(listener));
}

/** What this process publishes of its clients' calls, and of their attempts. */
function watchClient() {
  const calls: string[] = [];
  const attempts: string[] = [];
  const messages: ClientCallMessage[] = [];
  for (const event of EVENTS) {
    listen(`tracing:nestjs-freelance:client:call:${event}`, (message) => {
      const call = message as ClientCallMessage;
      if (event === 'start') messages.push(call);
      calls.push([event, call.pattern, call.outcome].filter(Boolean).join(' '));
    });
    listen(`tracing:nestjs-freelance:client:attempt:${event}`, (message) => {
      const { call, reason, outcome } = message as ClientAttemptMessage;
      attempts.push([event, call.pattern, reason, outcome].filter(Boolean).join(' '));
    });
  }
  return { calls, attempts, messages };
}

interface Told {
  readonly pattern: string;
  readonly event: string;
  readonly [more: string]: unknown;
}

/** A server in a process of its own, and what it says that it publishes. */
async function watchedServer(id = 'watched', ...args: string[]) {
  const child = Child.node('watched-server', id, ...args);
  const { endpoints } = (await child.nextLine()) as { endpoints: string[] };
  const lines: Record<string, unknown>[] = [];
  void (async () => {
    for (;;) lines.push((await child.nextLine()) as Record<string, unknown>);
  })().catch(() => {});
  const eventOf = (line: object) => EVENTS.find((event) => event in line);
  return {
    child,
    endpoints,
    lines,
    /** `event pattern outcome` of each message of `server:call`. */
    get calls(): string[] {
      return lines.flatMap((line) => {
        const event = eventOf(line);
        return event ? [[event, line[event], line['outcome']].filter(Boolean).join(' ')] : [];
      });
    },
    /** The first such message of that pattern. */
    message(event: (typeof EVENTS)[number], pattern: string): Told | undefined {
      return lines.find((line) => line[event] === pattern) as Told | undefined;
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

const once = (client: ReturnType<typeof connectTo>, pattern: string, data: unknown = {}) =>
  firstValueFrom(client.send(pattern, data));

async function allAlive(client: ReturnType<typeof connectTo>): Promise<void> {
  await client.connect();
  await eventually(() => {
    const states = Object.values(client.stats().endpoints).map(({ state }) => state);
    expect(states).toEqual(states.map(() => 'alive'));
  });
}

describe('a call', () => {
  test('that is answered is told at both sides, in the order of tracePromise', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints, { name: 'shop' });
    const { calls, attempts, messages } = watchClient();
    expect(await once(client, 'who')).toBe('watched');
    expect(calls).toEqual([
      'start who',
      'end who',
      'asyncStart who answered',
      'asyncEnd who answered',
    ]);
    expect(attempts).toEqual([
      'start who first',
      'end who first',
      'asyncStart who first completed',
      'asyncEnd who first completed',
    ]);
    expect(messages).toMatchObject([
      { kind: 'call', pattern: 'who', isBroadcast: false, client: { name: 'shop' } },
    ]);
    const [message] = messages;
    expect(message?.endedAt).toBeGreaterThanOrEqual(message?.startedAt ?? NaN);
    await eventually(() =>
      expect(server.calls).toEqual([
        'start who',
        'end who',
        'asyncStart who answered',
        'asyncEnd who answered',
      ]),
    );
    expect(server.message('start', 'who')).toMatchObject({
      kind: 'call',
      hasHandler: true,
      attempt: 1,
    });
  });

  test('of introspection is none: what watches asks for it every second', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    const { calls, attempts } = watchClient();
    expect(await once(client, '$freelance.info')).toMatchObject({ id: 'watched' });
    expect(await once(client, 'who')).toBe('watched');
    expect(calls.filter((told) => told.includes('freelance'))).toEqual([]);
    expect(attempts.filter((told) => told.includes('freelance'))).toEqual([]);
    await eventually(() => expect(server.calls.at(-1)).toBe('asyncEnd who answered'));
    expect(server.calls.filter((told) => told.includes('freelance'))).toEqual([]);
  });

  test('that fails is told with its error', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    const { calls, attempts, messages } = watchClient();
    await expect(once(client, 'fail')).rejects.toEqual({ status: 'error', message: 'no' });
    expect(calls.slice(2)).toEqual([
      'error fail failed',
      'asyncStart fail failed',
      'asyncEnd fail failed',
    ]);
    expect(attempts).toContain('error fail first failed');
    expect(messages[0]?.error).toEqual({ status: 'error', message: 'no' });
    await eventually(() => expect(server.calls).toContain('asyncEnd fail failed'));
    expect(server.message('error', 'fail')?.['thrown']).toEqual({ status: 'error', message: 'no' });
  });

  test('without a handler is told, and that its pattern is nobody’s', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    await expect(once(client, 'made up')).rejects.toContain('no matching message handler');
    await eventually(() => expect(server.calls).toContain('asyncEnd made up failed'));
    expect(server.message('start', 'made up')).toMatchObject({ hasHandler: false });
  });

  test('whose caller leaves is cancelled here and abandoned there', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    const { calls, attempts } = watchClient();
    const subscription = client.send('never', {}).subscribe();
    await eventually(() => expect(server.calls).toContain('end never'));
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(calls.slice(2)).toEqual(['asyncStart never cancelled', 'asyncEnd never cancelled']);
    expect(attempts.at(-1)).toBe('asyncEnd never first abandoned');
    await eventually(() => expect(server.calls).toContain('asyncEnd never abandoned'));
  });

  test('that cannot even begin is told: it starts, and fails', async () => {
    using client = connectTo([await freeEndpoint()]);
    const { calls, attempts } = watchClient();
    const record = new FreelanceRecordBuilder({}).setSignal(AbortSignal.abort()).build();
    await expect(once(client, 'who', record)).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(once(client, 'big', 1n)).rejects.toThrow(TypeError);
    expect(calls.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'start who',
      'end who',
      'error who',
      'asyncStart who',
      'asyncEnd who',
      'start big',
      'end big',
      'error big',
      'asyncStart big',
      'asyncEnd big',
    ]);
    expect(attempts).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['a number', 7],
    ['a symbol', Symbol('s')],
    ['a big integer', 7n],
    [
      'an object that cannot be read',
      Object.defineProperty({}, 'x', {
        enumerable: true,
        get: () => {
          throw new Error('unreadable');
        },
      }),
    ],
  ])('whose pattern is %s ends as if nobody watched', async (_, pattern) => {
    using client = connectTo([await freeEndpoint()], { connectTimeout: 50 });
    const outcome = () =>
      firstValueFrom(client.send(pattern, {})).catch(
        (error: Error & { code?: string }) => error.code ?? error.message,
      );
    const unwatched = await outcome();
    watchClient();
    expect(await outcome()).toBe(unwatched);
  });

  test('of a stream ends with its last value', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    const { calls } = watchClient();
    const store = 'channel stream, hook stream';
    expect(await lastValueFrom(client.send('stream', {}).pipe(toArray()))).toEqual([store, store]);
    expect(calls.at(-1)).toBe('asyncEnd stream answered');
    calls.length = 0;
    for await (const value of client.iterate('stream', {})) expect(value).toBe(store);
    expect(calls).toHaveLength(4);
  });

  test('of a broadcast is one call, with an attempt at each server', async () => {
    await using one = await watchedServer('one');
    await using other = await watchedServer('other');
    using client = connectTo([...one.endpoints, ...other.endpoints]);
    await allAlive(client);
    const { calls, attempts, messages } = watchClient();
    const toAll = new FreelanceRecordBuilder({}).setBroadcast().build();
    const ids = await lastValueFrom(client.send<string>('who', toAll).pipe(toArray()));
    expect(ids.toSorted()).toEqual(['one', 'other']);
    expect(messages).toMatchObject([{ isBroadcast: true }]);
    expect(calls).toHaveLength(4);
    expect(attempts.filter((line) => line === 'asyncEnd who first completed')).toHaveLength(2);
  });
});

describe('an event', () => {
  test('ends at its sender once it is accepted, and at the server once it is handled', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    const { calls, messages } = watchClient();
    await lastValueFrom(client.emit('note', {}));
    expect(calls.at(-1)).toBe('asyncEnd note answered');
    expect(messages).toMatchObject([{ kind: 'event' }]);
    await eventually(() => expect(server.calls).toContain('asyncEnd note answered'));
    expect(server.message('start', 'note')).toMatchObject({ kind: 'event', hasHandler: true });
    expect(server.lines).toContainEqual({ noted: 'channel note, hook note' });
  });

  test('that fails, or that nobody handles, is told at the server', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    await lastValueFrom(client.emit('fail to note', {}));
    await lastValueFrom(client.emit('made up', {}));
    await eventually(() => {
      expect(server.calls).toContain('asyncEnd fail to note failed');
      expect(server.calls).toContain('asyncEnd made up failed');
    });
    expect(server.message('start', 'made up')).toMatchObject({ hasHandler: false });
  });
});

test('a store bound to start, and the context of a hook of the other copy of the library, reach guards, interceptors and handlers', async () => {
  await using server = await watchedServer();
  using client = connectTo(server.endpoints);
  const store = 'channel contexts, hook contexts';
  expect(await once(client, 'contexts')).toEqual({
    guard: store,
    interceptor: store,
    handler: store,
    later: store,
    mapped: store,
  });
});

test('a store bound to start of the client’s call is active in its serializer, and not in its subscriber', async () => {
  await using server = await watchedServer();
  const store = new AsyncLocalStorage<string>();
  const calls = tracingChannel<string, ClientCallMessage>('nestjs-freelance:client:call');
  calls.start.bindStore(store, ({ pattern }) => pattern);
  clean.push(() => calls.start.unbindStore(store));
  const seen: unknown[] = [];
  using client = connectTo(server.endpoints, {
    serializer: { serialize: (packet: object) => (seen.push(store.getStore()), packet) },
  });
  await store.run('of the caller', () =>
    lastValueFrom(client.send('who', {})).then(() => seen.push(store.getStore())),
  );
  expect(seen).toEqual(['who', 'of the caller']);
});

describe('metadata that subscribers of start add', () => {
  const adding = (metadata: Record<string, string>) =>
    listen('tracing:nestjs-freelance:client:call:start', (message) => {
      Object.assign((message as ClientCallMessage).metadata, metadata);
    });

  test('is sent, over that of the client, and under that of the call', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints, { metadata: { a: 'client', b: 'client' } });
    adding({ b: 'added', c: 'added' });
    const record = new FreelanceRecordBuilder({}).setMetadata({ c: 'call' }).build();
    expect(await once(client, 'metadata', record)).toEqual({ a: 'client', b: 'added', c: 'call' });
  });

  test('goes with events and broadcasts as well', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    adding({ traceparent: '00-x' });
    await lastValueFrom(client.emit('note', {}));
    const toAll = new FreelanceRecordBuilder({}).setBroadcast().build();
    expect(await once(client, 'metadata', toAll)).toEqual({ traceparent: '00-x' });
    await eventually(() =>
      expect(server.message('start', 'note')?.['metadata']).toEqual({ traceparent: '00-x' }),
    );
  });
});

test('a hook around the calls of clients adds metadata; what one does wrong is logged and harms no call', async () => {
  await using server = await watchedServer();
  using client = connectTo(server.endpoints);
  clean.push(
    instrument({
      aroundClientCall: (call, next) => {
        call.metadata['by'] = `the hook of ${call.pattern}`;
        next();
      },
    }),
    instrument({
      aroundClientCall: () => {
        throw new Error('of the hook');
      },
    }),
    instrument({ aroundClientCall: () => {} }),
  );
  const log = new KeepingLogger();
  Logger.overrideLogger(log);
  clean.push(() => Logger.overrideLogger(['error', 'fatal']));
  expect(await once(client, 'metadata')).toEqual({ by: 'the hook of metadata' });
  const hook = 'error [FreelanceClientProxy] The hook aroundClientCall, added by instrument(),';
  expect(log.of('FreelanceClientProxy')).toEqual(
    expect.arrayContaining([
      `${hook} failed: of the hook`,
      expect.stringContaining(`${hook} returned without having called next(): "metadata" goes on`),
    ]),
  );
});

describe('what happens to servers', () => {
  test('a server dies: its state, and the calls that go elsewhere, are told', async () => {
    await using one = await watchedServer('one');
    await using other = await watchedServer('other');
    using client = connectTo([...one.endpoints, ...other.endpoints], {
      balancer: {
        pick: (servers) =>
          servers.find(({ endpoint }) => one.endpoints.includes(endpoint)) ?? servers[0],
      },
    });
    const [victim = ''] = one.endpoints;
    const [heir = ''] = other.endpoints;
    const failovers: unknown[] = [];
    const states: unknown[] = [];
    listen('nestjs-freelance:client:failover', (message) => failovers.push(message));
    listen('nestjs-freelance:client:server-state', (message) => states.push(message));
    await allAlive(client);
    const { attempts } = watchClient();
    const subscription = client.send('never', {}).subscribe({ error: () => {} });
    await eventually(() => expect(one.calls).toContain('end never'));
    await one.child.kill();
    await eventually(() => expect(other.calls).toContain('end never'));
    subscription.unsubscribe();
    expect(failovers).toMatchObject([
      { pattern: 'never', reason: 'retry', from: victim, endpoint: heir },
    ]);
    expect(states).toContainEqual(
      expect.objectContaining({ endpoint: victim, serverId: 'one', from: 'alive', to: 'dead' }),
    );
    expect(attempts).toContain('error never first lost');
    expect(attempts).toContain('start never retry');
    expect(other.message('start', 'never')).toMatchObject({ attempt: 2 });
  });

  test('a server is full: what it refuses is told there, and the move here', async () => {
    await using full = await watchedServer('full', '1');
    await using other = await watchedServer('other');
    const endpoints = [...full.endpoints, ...other.endpoints];
    using client = connectTo(endpoints, { balancer: { pick: (servers) => servers[0] } });
    using hog = connectTo(full.endpoints);
    const failovers: unknown[] = [];
    listen('nestjs-freelance:client:failover', (message) => failovers.push(message));
    await allAlive(client);
    const subscription = hog.send('never', {}).subscribe({ error: () => {} });
    await eventually(() => expect(full.calls).toContain('end never'));
    expect(await once(client, 'who')).toBe('other');
    subscription.unsubscribe();
    expect(failovers).toMatchObject([
      { pattern: 'who', reason: 'move', from: full.endpoints[0], endpoint: other.endpoints[0] },
    ]);
    await eventually(() =>
      expect(full.lines).toContainEqual({
        refused: {
          server: { id: 'full', endpoints: full.endpoints },
          reason: 'busy',
          pattern: 'who',
        },
      }),
    );
  });

  test('a server leaves: it says when it begins, and when it has left', async () => {
    await using server = await watchedServer();
    server.child.tell('leave');
    await eventually(() => {
      const drains = server.lines.flatMap(({ drain }) => drain ?? []);
      const identity = { id: 'watched', endpoints: server.endpoints };
      expect(drains).toEqual([
        { server: identity, phase: 'began' },
        { server: identity, phase: 'ended' },
      ]);
    });
  });

  test('what makes no sense is told by whoever drops it', async () => {
    await using server = await watchedServer();
    const dealer = new Dealer({ linger: 0 });
    dealer.connect(server.endpoints[0] ?? '');
    await dealer.send(['', 'NONSENSE']);
    await eventually(() =>
      expect(server.lines).toContainEqual({
        dropped: { id: 'watched', reason: expect.any(String) },
      }),
    );
    dealer.close();

    const drops: unknown[] = [];
    listen('nestjs-freelance:client:dropped', (message) => drops.push(message));
    const router = new Router({ linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    const endpoint = router.lastEndpoint ?? '';
    void (async () => {
      for await (const [peer] of router) if (peer) await router.send([peer, '', 'NONSENSE']);
    })().catch(() => {});
    using client = connectTo([endpoint], { connectTimeout: 100 });
    await client.connect().catch(() => {});
    await eventually(() => expect(drops).toContainEqual(expect.objectContaining({ endpoint })));
    router.close();
  });
});

test('a subscriber that throws is an uncaught exception, as Node has it, and harms no call', async () => {
  await using server = await watchedServer();
  using client = connectTo(server.endpoints);
  for (const event of EVENTS) {
    for (const of of ['call', 'attempt']) {
      listen(`tracing:nestjs-freelance:client:${of}:${event}`, () => {
        throw new Error(`${of} ${event}`);
      });
    }
  }
  const thrown = await uncaught(async () => {
    expect(await once(client, 'who')).toBe('watched');
    await delay(1);
  });
  expect(thrown).toHaveLength(8);
  expect(client.stats()).toMatchObject({ pending: 0, calls: 1 });
});

describe('a subscriber', () => {
  test('may close the client, at each event of a call: the call ends once', async () => {
    await using server = await watchedServer();
    for (const event of ['start', 'end', 'asyncStart', 'asyncEnd']) {
      using client = connectTo(server.endpoints);
      await client.connect();
      listen(`tracing:nestjs-freelance:client:call:${event}`, () => client.close());
      const ends: unknown[] = [];
      await new Promise<void>((resolve) => {
        client.send('who', {}).subscribe({
          error: (error: { code: string }) => resolve(void ends.push(error.code)),
          complete: () => resolve(void ends.push('complete')),
        });
      });
      expect([event, ends]).toEqual([event, [event.startsWith('async') ? 'complete' : 'CLOSED']]);
      for (const undo of clean.splice(0)) undo();
    }
  });

  test('may call again when a call ends', async () => {
    await using server = await watchedServer();
    using client = connectTo(server.endpoints);
    const more: Promise<unknown>[] = [];
    listen('tracing:nestjs-freelance:client:call:asyncEnd', () => {
      if (more.length < 3) more.push(once(client, 'who'));
    });
    await once(client, 'who');
    await eventually(() => expect(more).toHaveLength(3));
    expect(await Promise.all(more)).toEqual(['watched', 'watched', 'watched']);
  });
});
