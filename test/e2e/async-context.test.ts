import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import {
  FreelanceClientProxy,
  FreelanceRecordBuilder,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import {
  finalize,
  firstValueFrom,
  map,
  NEVER,
  type Observable,
  of,
  retry,
  take,
  tap,
  throwError,
} from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { curveClient, curveServer } from '../support/security.js';
import { pki, tlsClient, tlsServer } from '../support/tls.js';

/** The current request, as nestjs-cls keeps it. */
const user = new AsyncLocalStorage<string>();
/** What the server's code observed, and where. */
const atServer: string[] = [];

const note = (where: string) => atServer.push(`${where} ${user.getStore() ?? 'nobody'}`);

beforeEach(() => {
  atServer.length = 0;
});

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    note('echo');
    return value;
  }

  @MessagePattern('three')
  three() {
    return of(1, 2, 3);
  }

  @MessagePattern('fails')
  fails() {
    return throwError(() => new RpcException('no'));
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }

  @MessagePattern('enters')
  async enters(@Payload() name: string) {
    note('enters');
    user.enterWith(name);
    await new Promise(setImmediate);
    return name;
  }

  @EventPattern('event')
  event(_data: unknown) {
    note('event');
  }
}

type Call = (client: FreelanceClientProxy) => Observable<unknown>;

const CALLS: [what: string, call: Call, end: 'complete' | 'error'][] = [
  ['a value', (client) => client.send('echo', 1), 'complete'],
  ['a stream', (client) => client.send('three', {}), 'complete'],
  ['a stream that is left early', (client) => client.send('three', {}).pipe(take(1)), 'complete'],
  ['an error', (client) => client.send('fails', {}), 'error'],
  ['an event', (client) => client.emit('event', 1), 'complete'],
  [
    'a broadcast',
    (client) => client.send('echo', new FreelanceRecordBuilder(1).setBroadcast().build()),
    'complete',
  ],
  [
    'an event to all',
    (client) => client.emit('event', new FreelanceRecordBuilder(1).setBroadcast().build()),
    'complete',
  ],
  [
    'a deadline',
    (client) => client.send('never', new FreelanceRecordBuilder(1).setTimeout(5).build()),
    'error',
  ],
  [
    'a signal',
    (client) => {
      const signal = AbortSignal.timeout(5);
      return client.send('never', new FreelanceRecordBuilder(1).setSignal(signal).build());
    },
    'error',
  ],
  [
    'a retry by rxjs',
    (client) =>
      client
        .send('never', new FreelanceRecordBuilder(1).setTimeout(5).build())
        .pipe(retry({ count: 1 })),
    'error',
  ],
];

/** The context in which each callback of that call ran, by name. */
function watched(call: Observable<unknown>): Promise<Record<string, Set<string | undefined>>> {
  const seen: Record<string, Set<string | undefined>> = {};
  const see = (where: string) => (seen[where] ??= new Set()).add(user.getStore());
  return new Promise((resolve) => {
    call
      .pipe(
        map((value) => (see('map'), value)),
        tap({ next: () => see('tap'), complete: () => see('tap'), error: () => see('tap') }),
        finalize(() => see('finalize')),
      )
      .subscribe({
        next: () => see('next'),
        complete: () => {
          see('complete');
          setImmediate(() => resolve(seen));
        },
        error: () => {
          see('error');
          setImmediate(() => resolve(seen));
        },
      });
  });
}

describe.each(CALLS)('%s: callbacks run in the context of the subscriber', (_what, call, end) => {
  const all = (name: string) =>
    expect.objectContaining({ [end]: new Set([name]), finalize: new Set([name]) }) as object;
  const only = (name: string, seen: Record<string, Set<string | undefined>>) => {
    expect(seen).toEqual(all(name));
    for (const names of Object.values(seen)) expect(names).toEqual(new Set([name]));
  };

  test('for a client that the call connects, and for one that another user has connected', async () => {
    await using server = await serve([EchoController]);
    using client = connectTo(server.endpoints);
    for (const name of ['first', 'second']) {
      only(name, await user.run(name, () => watched(call(client))));
    }
    const both = ['a', 'b'].map((name) => user.run(name, () => watched(call(client))));
    const [a = {}, b = {}] = await Promise.all(both);
    only('a', a);
    only('b', b);
    const nobodys = await watched(call(client));
    for (const names of Object.values(nobodys)) expect(names).toEqual(new Set([undefined]));
  });

  test("for the user's serializers as well", async () => {
    await using server = await serve([EchoController]);
    const seen = new Set<string | undefined>();
    const see = <T>(packet: T) => (seen.add(user.getStore()), packet);
    using client = connectTo(server.endpoints, {
      serializer: { serialize: see },
      deserializer: { deserialize: (packet: never) => Promise.resolve(see(packet)) },
    });
    only('first', await user.run('first', () => watched(call(client))));
    expect(seen).toEqual(new Set(['first']));
    seen.clear();
    only('second', await user.run('second', () => watched(call(client))));
    expect(seen).toEqual(new Set(['second']));
  });
});

test('callbacks of a call that loses its server, or is closed, run in the context of its subscriber', async () => {
  const server = await serve([EchoController], { drainTimeout: 0 });
  using client = connectTo(server.endpoints, { idempotent: false });
  await user.run('opener', () => client.connect());
  const lost = user.run('lost', () => watched(client.send('never', {})));
  await eventually(() => expect(server.strategy.stats().running).toBe(1));
  await user.run('killer', () => server[Symbol.asyncDispose]());
  expect(await lost).toEqual({
    tap: new Set(['lost']),
    error: new Set(['lost']),
    finalize: new Set(['lost']),
  });
  using other = connectTo([await freeEndpoint()], { connectTimeout: 60_000 });
  const closed = user.run('waiting', () => watched(other.send('never', {})));
  user.run('closer', () => other.close());
  expect(await closed).toMatchObject({ error: new Set(['waiting']) });
});

test('callbacks of a call that moves to another server run in the context of its subscriber', async () => {
  const first = await serve([EchoController], { drainTimeout: 0 });
  const endpoint = await freeEndpoint();
  using client = connectTo([...first.endpoints, endpoint], { connectTimeout: 60_000 });
  await user.run('opener', () => client.connect());
  const call = user.run('mover', () => watched(client.send('never', {})));
  await eventually(() => expect(first.strategy.stats().running).toBe(1));
  await first[Symbol.asyncDispose]();
  @Controller()
  class SecondController {
    @MessagePattern('never')
    never() {
      return 'at last';
    }
  }
  await using second = await serve([SecondController], { bind: endpoint });
  expect(second.endpoints).toEqual([endpoint]);
  expect(await call).toEqual({
    map: new Set(['mover']),
    tap: new Set(['mover']),
    next: new Set(['mover']),
    complete: new Set(['mover']),
    finalize: new Set(['mover']),
  });
});

test('iterate delivers each value and its end in the context of the reader', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  await user.run('opener', () => client.connect());
  await user.run('reader', async () => {
    const seen: (string | undefined)[] = [];
    for await (const _ of client.iterate('three', {})) seen.push(user.getStore());
    const values = client.iterate('three', {});
    await values.next().then(() => seen.push(user.getStore()));
    await values.return().then(() => seen.push(user.getStore()));
    expect(seen).toEqual(Array.from({ length: 5 }, () => 'reader'));
  });
});

test('status and listeners run in the context in which they were registered', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const seen: (string | undefined)[] = [];
  user.run('listener', () => client.on('up', () => seen.push(user.getStore())));
  user.run('watcher', () => client.status.subscribe(() => seen.push(user.getStore())));
  await user.run('opener', () => client.connect());
  await eventually(() => expect(new Set(seen)).toEqual(new Set(['listener', 'watcher'])));
});

test('a context that a listener enters ends with it: the next event runs in the context of its registration', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const seen: (string | undefined)[] = [];
  user.run('listener', () =>
    client.on('up', () => {
      seen.push(user.getStore());
      user.enterWith('entered');
    }),
  );
  for (let i = 0; i < 2; i++) {
    await client.connect();
    await eventually(() => expect(seen).toHaveLength(i + 1));
    client.close();
  }
  expect(seen).toEqual(['listener', 'listener']);
});

test("handlers run in no request's context, whoever called, opened the client or started the server", async () => {
  const seen: string[] = [];
  await using server = await user.run('starter', () =>
    serve([EchoController], {
      maxConcurrency: 1,
      deserializer: {
        deserialize: (packet: never) => {
          seen.push(user.getStore() ?? 'nobody');
          return packet;
        },
      },
    }),
  );
  using client = connectTo(server.endpoints);
  const calls = ['a', 'b', 'c'].map((name) =>
    user.run(name, () => watched(client.send('enters', name))),
  );
  await Promise.all(calls);
  await user.run('d', () => watched(client.send('echo', 1)));
  await user.run('e', () => watched(client.emit('event', 1)));
  await eventually(() => expect(atServer).toHaveLength(5));
  expect(atServer).toEqual([
    ...Array.from({ length: 3 }, () => 'enters nobody'),
    'echo nobody',
    'event nobody',
  ]);
  expect(new Set(seen)).toEqual(new Set(['nobody']));
});

test.each(['node', 'libzmq'] as const)(
  'an authorizer runs in no request’s context, and a context that it enters ends with it: engine %s',
  async (engine) => {
    const seen: (string | undefined)[] = [];
    const authorizer = () => {
      seen.push(user.getStore());
      user.enterWith('authorizer');
      return true;
    };
    await using server = await user.run('starter', () =>
      serve([EchoController], { engine, security: curveServer(authorizer) }),
    );
    for (let i = 0; i < 3; i++) {
      using client = connectTo(server.endpoints, { security: curveClient(generateCurveKeyPair()) });
      await user.run('caller', () => firstValueFrom(client.send('echo', i)));
    }
    expect(seen).toEqual([undefined, undefined, undefined]);
    expect(new Set(atServer)).toEqual(new Set(['echo nobody']));
  },
);

test("checkServerIdentity runs in no request's context, and a context that it enters ends with it", async () => {
  await using server = await serve([EchoController], tlsServer('any'));
  const seen: unknown[] = [];
  const checkServerIdentity = () => {
    seen.push(user.getStore());
    user.enterWith('check');
    return undefined;
  };
  using client = connectTo(server.endpoints, {
    ...tlsClient(pki.alice, { checkServerIdentity }),
    balancer: {
      pick: (servers) => {
        seen.push(user.getStore());
        return servers[0];
      },
    },
  });
  // The call waits for the connection and is sent from its event.
  await user.run('caller', () => firstValueFrom(client.send('echo', 1)));
  expect(seen).toEqual([undefined, undefined]);
});

test('client and server look to jest --detectOpenHandles as if they kept no process alive', async () => {
  const made: object[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'FREELANCE') made.push(resource);
    },
  }).enable();
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  client.on('up', () => {});
  await watched(client.send('echo', 1));
  hook.disable();
  // Jest reports everything without hasRef() as an open handle until it is collected.
  const alive = (resource: object) =>
    !('hasRef' in resource && typeof resource.hasRef === 'function') || resource.hasRef();
  expect(made).not.toEqual([]);
  expect(made.filter(alive)).toEqual([]);
});
