import { AsyncLocalStorage } from 'node:async_hooks';
import { Controller } from '@nestjs/common';
import {
  Ctx,
  MessagePattern,
  Payload,
  type ReadPacket,
  RpcException,
  type Server,
  type TcpContext,
} from '@nestjs/microservices';
import { FREELANCE_TRANSPORT, FreelanceContext, FreelanceRecordBuilder } from 'nestjs-freelance';
import { concat, EMPTY, firstValueFrom, of, tap, throwError } from 'rxjs';
import { expect, test } from 'vitest';
import { type Outcome, outcomeOf, type Parity, serveBoth } from '../support/parity.js';
import { uncaught } from '../support/uncaught.js';

const store = new AsyncLocalStorage<string>();
// async_hooks follows promises only after its first use. Client and server share this process, and a promise that is not
// followed takes on whatever context is current.
store.run('first use', () => {});

@Controller()
class HookedController {
  @MessagePattern('value')
  value(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('stream')
  stream() {
    return of(1, 2, 3);
  }

  @MessagePattern('empty')
  empty() {
    return EMPTY;
  }

  @MessagePattern('throws')
  throws() {
    throw new RpcException('no');
  }

  @MessagePattern('rejects')
  async rejects() {
    await Promise.resolve();
    throw new Error('secret');
  }

  @MessagePattern('fails midway')
  failsMidway() {
    return concat(
      of(1),
      throwError(() => new RpcException('no')),
    );
  }

  @MessagePattern('metadata')
  metadata(@Ctx() context: TcpContext) {
    return (context.getMetadata() as unknown) ?? {};
  }

  @MessagePattern('store')
  async store() {
    await Promise.resolve();
    return store.getStore() ?? 'no store';
  }
}

const serve = (configure?: Parameters<typeof serveBoth>[1]) =>
  serveBoth({ controllers: [HookedController] }, configure);

type Side = 'tcp' | 'freelance';

/** The Nest servers of both sides, by their common base class. */
const serverOf = (both: Parity, side: Side) => both.apps[side].getTransportServer() as Server;

/** Records what the processing hooks of each side receive. */
function listen(both: Parity, side: Side) {
  const told: string[] = [];
  const contexts: unknown[] = [];
  const transports: unknown[] = [];
  const server = serverOf(both, side);
  server.setOnProcessingStartHook((transportId, context, done) => {
    told.push('start');
    contexts.push(context);
    transports.push(transportId);
    void done();
  });
  server.setOnProcessingEndHook((transportId, context) => {
    told.push('end');
    contexts.push(context);
    transports.push(transportId);
  });
  return { told, contexts, transports };
}

test.each<[pattern: string, told: string[], outcome: Outcome]>([
  ['value', ['start', 'end'], { values: [{}] }],
  ['stream', ['start', 'end'], { values: [1, 2, 3] }],
  ['empty', ['start', 'end'], { values: [] }],
  ['throws', ['start', 'end'], { values: [], error: { status: 'error', message: 'no' } }],
  [
    'rejects',
    ['start', 'end'],
    { values: [], error: { status: 'error', message: 'Internal server error' } },
  ],
  ['fails midway', ['start', 'end'], { values: [1], error: { status: 'error', message: 'no' } }],
  [
    'nobody serves this',
    [],
    {
      values: [],
      error: 'There is no matching message handler defined in the remote service.',
    },
  ],
])('processing hooks run as over TCP, once each: %s', async (pattern, told, outcome) => {
  await using both = await serve();
  const tcp = listen(both, 'tcp');
  const freelance = listen(both, 'freelance');
  expect(await both.outcome(pattern)).toEqual(outcome);
  expect(tcp.told).toEqual(told);
  expect(freelance.told).toEqual(told);
  expect(new Set(freelance.contexts).size).toBe(told.length / 2);
  expect(freelance.contexts.every((context) => context instanceof FreelanceContext)).toBe(true);
  expect(freelance.transports.every((id) => id === FREELANCE_TRANSPORT)).toBe(true);
});

test('each of a hundred concurrent calls has its own start, end and context', async () => {
  await using both = await serve();
  const { told, contexts } = listen(both, 'freelance');
  const calls = Array.from({ length: 100 }, (_, n) => outcomeOf(both.freelance, 'value', n));
  const outcomes = await Promise.all(calls);
  expect(outcomes).toEqual(Array.from({ length: 100 }, (_, n) => ({ values: [n] })));
  expect(told.filter((what) => what === 'start')).toHaveLength(100);
  expect(told.filter((what) => what === 'end')).toHaveLength(100);
  expect(new Set(contexts).size).toBe(100);
});

test('a start hook may start the work later', async () => {
  await using both = await serve();
  for (const side of ['tcp', 'freelance'] as const) {
    serverOf(both, side).setOnProcessingStartHook((_transportId, _context, done) => {
      setImmediate(() => void done());
    });
  }
  expect(await both.outcome('stream')).toEqual({ values: [1, 2, 3] });
});

const broken = () => {
  throw new Error('the hook is broken');
};

type StartHook = Parameters<Server['setOnProcessingStartHook']>[0];

/** Nest's type does not allow a promise, but nothing prevents an asynchronous hook. */
const rejecting: StartHook = (async () => Promise.resolve().then(broken)) as () => void;

const rejectingLate = (async (...[, , done]: Parameters<StartHook>) => {
  await done();
  broken();
}) as StartHook;

const INTERNAL = { status: 'error', message: 'Internal server error' };
const SERVED: Outcome[] = [
  { values: [{}] },
  { values: [1, 2, 3] },
  { values: [], error: { status: 'error', message: 'no' } },
];
const FAILED: Outcome[] = SERVED.map(() => ({ values: [], error: INTERNAL }));

test.each<[what: string, set: (server: Server) => void, outcomes: Outcome[]]>([
  ['start hook that throws', (server) => server.setOnProcessingStartHook(broken), FAILED],
  ['start hook that rejects', (server) => server.setOnProcessingStartHook(rejecting), FAILED],
  [
    'start hook that rejects after the work',
    (server) => server.setOnProcessingStartHook(rejectingLate),
    SERVED,
  ],
  ['end hook that throws', (server) => server.setOnProcessingEndHook(broken), SERVED],
])('a %s neither ends the process nor leaves a call open', async (_what, set, expected) => {
  await using both = await serve();
  const outcomes: Outcome[] = [];
  const errors = await uncaught(async () => {
    set(serverOf(both, 'freelance'));
    for (const pattern of ['value', 'stream', 'throws']) {
      outcomes.push(await outcomeOf(both.freelance, pattern, {}));
    }
  });
  expect(errors).toEqual([]);
  expect(outcomes).toEqual(expected);
});

test('an end hook that throws is still called only once', async () => {
  await using both = await serve();
  let ended = 0;
  serverOf(both, 'freelance').setOnProcessingEndHook(() => {
    ended++;
    broken();
  });
  await uncaught(async () => {
    await outcomeOf(both.freelance, 'throws', {});
  });
  expect(ended).toBe(1);
});

test('the dispatch hook sees every packet once, and its additions reach the handler', async () => {
  await using both = await serve();
  const record = new FreelanceRecordBuilder({ a: 1 }).build();
  for (const client of [both.tcp, both.freelance]) {
    const packets: ReadPacket[] = [];
    client.setOnDispatchHook((packet) => {
      packets.push({ ...packet });
      packet.metadata = { traceparent: `00-${packets.length}` };
    });
    const call = client.send('metadata', { a: 1 });
    expect(packets).toEqual([]);
    expect(await firstValueFrom(call)).toEqual({ traceparent: '00-1' });
    expect(await firstValueFrom(call)).toEqual({ traceparent: '00-2' });
    expect(packets).toEqual([
      { pattern: 'metadata', data: { a: 1 } },
      { pattern: 'metadata', data: { a: 1 } },
    ]);
  }
  const seen: unknown[] = [];
  both.freelance.setOnDispatchHook(({ data }) => seen.push(data));
  await firstValueFrom(both.freelance.send('metadata', record));
  expect(seen).toEqual([record]);
});

test('metadata of hook and call are merged, and the call’s wins', async () => {
  await using both = await serve();
  both.freelance.setOnDispatchHook((packet) => {
    packet.metadata = { traceparent: 'hook', tenant: 'hook' };
  });
  const record = new FreelanceRecordBuilder({}).setMetadata({ tenant: 'call' }).build();
  expect(await firstValueFrom(both.freelance.send('metadata', record))).toEqual({
    traceparent: 'hook',
    tenant: 'call',
  });
});

test('non-text metadata of a hook arrives as its JSON', async () => {
  await using both = await serve();
  both.freelance.setOnDispatchHook((packet) => {
    Object.assign(packet, {
      metadata: { number: 1, object: { a: [true] }, missing: undefined, nothing: null },
    });
  });
  expect(await firstValueFrom(both.freelance.send('metadata', {}))).toEqual({
    number: '1',
    object: '{"a":[true]}',
    nothing: 'null',
  });
});

test('a handler without metadata gets an empty object, where TCP passes none', async () => {
  await using both = await serve();
  expect(await both.outcome('metadata')).toEqual({ values: [{}] });
});

test.each<[what: string, hook: (packet: ReadPacket) => void]>([
  ['throws', broken],
  ['adds what cannot be written', (packet) => Object.assign(packet, { metadata: { big: 1n } })],
])('a dispatch hook that %s fails its own call only', async (_what, hook) => {
  await using both = await serve();
  for (const client of [both.tcp, both.freelance]) {
    client.setOnDispatchHook(hook);
    const { values, error } = await outcomeOf(client, 'value', 1);
    expect(values).toEqual([]);
    expect(error).toBeInstanceOf(Error);
    client.setOnDispatchHook(() => {});
    expect(await outcomeOf(client, 'value', 1)).toEqual({ values: [1] });
  }
  expect(both.freelance.stats().pending).toBe(0);
});

test('pre-request hooks wrap guards and handler, and may answer themselves', async () => {
  const told: string[] = [];
  await using both = await serve((app) => {
    app.useGlobalGuards({ canActivate: () => told.push('guard') > 0 });
    app.registerPreRequestHook(
      (context, next) => {
        const data = context.switchToRpc().getData<unknown>();
        told.push(`first ${context.getHandler().name}`);
        return data === 'cached' ? of('from the hook') : next();
      },
      (_context, next) => {
        told.push('second');
        return next().pipe(tap({ complete: () => told.push('complete') }));
      },
    );
  });
  const order = ['first stream', 'second', 'guard', 'complete'];
  expect(await both.outcome('stream')).toEqual({ values: [1, 2, 3] });
  expect(told.splice(0)).toEqual([...order, ...order]);
  expect(await both.outcome('value', 'cached')).toEqual({ values: ['from the hook'] });
  expect(told).toEqual(['first value', 'first value']);
});

test('a context entered by a hook is visible to its own call only', async () => {
  await using both = await serve((app) =>
    app.registerPreRequestHook((context, next) => {
      const data = context.switchToRpc().getData<{ enter?: string }>();
      if (data.enter !== undefined) store.enterWith(data.enter);
      return next();
    }),
  );
  expect(await both.outcome('store', { enter: 'mine' })).toEqual({ values: ['mine'] });
  expect(await both.outcome('store', {})).toEqual({ values: ['no store'] });
});

test('a context entered by a processing hook is visible to its own call only', async () => {
  await using both = await serve();
  let shouldEnter = true;
  for (const side of ['tcp', 'freelance'] as const) {
    serverOf(both, side).setOnProcessingStartHook((_id, _context, done) => {
      if (shouldEnter) store.enterWith('mine');
      void done();
    });
  }
  expect(await both.outcome('store')).toEqual({ values: ['mine'] });
  shouldEnter = false;
  expect(await both.outcome('store')).toEqual({ values: ['no store'] });
});
