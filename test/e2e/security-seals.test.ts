import { inspect } from 'node:util';
import { Controller, Logger } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceContext, generateCurveKeyPair } from 'nestjs-freelance';
import { firstValueFrom, NEVER, Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Dealer } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { formsOf, reachableText } from '../support/reach.js';
import {
  curveClient,
  curveOptions,
  curveServer,
  keys,
  RawClient,
  sealOf,
} from '../support/security.js';

const { alice } = keys;
const bob = generateCurveKeyPair();

/** Collects everything a handler receives and can reach. */
const given: unknown[] = [];

@Controller()
class KeepingController {
  @MessagePattern('keep')
  keep(@Payload() data: unknown, @Ctx() ctx: FreelanceContext) {
    given.push(data, ctx, ctx.getArgs(), ctx.signal, this);
    return new Observable((subscriber) => {
      given.push(subscriber);
      subscriber.next('kept');
      subscriber.complete();
    });
  }

  @EventPattern('kept')
  kept(@Payload() data: unknown, @Ctx() context: unknown) {
    const ctx = context as FreelanceContext;
    given.push(data, ctx, ctx.getArgs(), ctx.signal);
  }

  @MessagePattern('stay')
  stay() {
    return NEVER;
  }

  @MessagePattern('fail')
  fail(@Ctx() ctx: FreelanceContext) {
    given.push(ctx);
    throw new Error('it failed');
  }
}

/** Everything that printing shows: JSON, `util.inspect`, a structured clone. */
function printed(thing: unknown): string[] {
  const all = { depth: Infinity, showHidden: true } as const;
  const texts = [
    inspect(thing, { ...all, maxStringLength: Infinity, maxArrayLength: Infinity }),
    String(thing),
  ];
  for (const print of [JSON.stringify, (it: unknown) => inspect(structuredClone(it), all)]) {
    try {
      texts.push(print(thing) ?? '');
    } catch {
      // A cycle, or an object that cannot be cloned: then it shows nothing.
    }
  }
  return texts;
}

/** The last part of a seal is the public name. The proof is in front of it. */
const proofOf = (routingId: string) => Buffer.from(routingId.slice(4, 69));

function expectNowhere(routingId: string, things: readonly unknown[]): void {
  expect(things.length).toBeGreaterThan(0);
  const forms = formsOf(proofOf(routingId));
  const showing = (text: string) => forms.some((form) => text.includes(form));
  expect([...reachableText([...things])].filter(showing)).toEqual([]);
  for (const thing of things) expect(printed(thing).filter(showing)).toEqual([]);
}

/** Only this engine needs seals: it does not tell who sent a message. */
const engine = 'libzmq';

describe('a seal, which proves whose a connection is, does not leak', () => {
  const said: unknown[] = [];

  beforeEach(() => {
    given.length = 0;
    said.length = 0;
    const keep = (...all: unknown[]) => void said.push(...all);
    Logger.overrideLogger({ log: keep, error: keep, warn: keep, debug: keep, verbose: keep });
  });

  afterEach(() => Logger.overrideLogger(false));

  test('the search finds what can be found', () => {
    const routingId = sealOf(alice);
    for (const hidden of [
      { deep: [new Map([['x', Buffer.from(routingId)]])] },
      { text: Buffer.from(` ${routingId}`).toString('base64') },
      { text: Buffer.from(routingId).toString('hex') },
      Object.defineProperty({}, Symbol('hidden'), { value: [...Buffer.from(routingId)] }),
      Object.create({ peer: routingId }) as object,
      { toJSON: () => ({ peer: Buffer.from(routingId) }) },
    ]) {
      expect(() => expectNowhere(routingId, [hidden])).toThrow('to deeply equal []');
    }
  });

  test('into a context, a log, or the status of a client', async () => {
    const keep =
      <Args extends unknown[], Result>(result: (...all: Args) => Result) =>
      (...all: Args) => (given.push(...all), result(...all));
    await using served = await serve([KeepingController], {
      engine,
      security: curveServer(keep((_publicKey, _address) => true)),
      serializer: { serialize: keep((packet: unknown) => JSON.stringify(packet)) },
      deserializer: { deserialize: keep((packet: unknown) => JSON.parse(String(packet)) as never) },
    });
    const [endpoint = ''] = served.endpoints;
    served.strategy.on('error', (error) => given.push(error));
    served.strategy.on('close', (...told) => given.push(...told));
    // The oldest Nest 11 has no such hooks.
    if ('setOnProcessingStartHook' in served.strategy) {
      served.strategy.setOnProcessingStartHook(keep((_transport, _context, done) => done()));
      served.strategy.setOnProcessingEndHook(keep(() => {}));
    }
    using client = connectTo(served.endpoints, {
      engine,
      security: curveClient(alice),
      balancer: { pick: (servers, context) => (given.push(servers, context), servers[0]) },
      serializer: { serialize: keep((packet: unknown) => JSON.stringify(packet)) },
      deserializer: { deserialize: keep((packet: unknown) => JSON.parse(String(packet)) as never) },
    });
    client.on('down', (...told) => given.push(...told));
    client.on('up', (...told) => given.push(...told));
    await client.connect();
    const { routingId } = client.unwrap<Map<string, Dealer>>().get(endpoint) ?? {};
    if (!routingId) throw new Error('a client with security has a routing id');
    given.push(await firstValueFrom(client.send('keep', { some: 'data' })));
    await firstValueFrom(client.emit('kept', 'news'), { defaultValue: undefined });
    given.push(await firstValueFrom(client.send('fail', {})).catch((error: unknown) => error));
    given.push(client, client.stats(), served.strategy, served.strategy.stats());
    given.push(inspect(served.strategy.unwrap(), { showHidden: true }), served.endpoints);
    await eventually(() => expect(given.length).toBeGreaterThan(15));
    served.strategy.revoke(alice.publicKey);
    given.push(await firstValueFrom(client.send('keep', {})).catch((error: unknown) => error));
    expectNowhere(routingId, [...given, ...said]);
  });

  test.each([
    ['says so', (raw: RawClient) => raw.socket.send(['', 'GOODBYE'])],
    ['does not, and the server finds out', () => Promise.resolve()],
  ])('a stolen seal does not work once its owner has left: it %s', async (_, leave) => {
    await using served = await serve([KeepingController], {
      engine,
      security: curveServer([alice.publicKey, bob.publicKey]),
    });
    const [endpoint = ''] = served.endpoints;
    const routingId = sealOf(alice);
    using hers = new RawClient(endpoint, { ...curveOptions(alice), routingId });
    await hers.socket.send(['', 'PING', '1', 't', '{}']);
    await hers.socket.send(['', 'REQUEST', '2', '', '{"pattern":"stay"}']);
    await eventually(() => expect(served.strategy.stats().running).toBe(1));
    await leave(hers);
    hers.socket.close();
    await eventually(() => expect(served.strategy.stats()).toMatchObject({ running: 0 }));
    // Until its connection has ended, nobody else can have its routing id.
    await eventually(async () => {
      using stolen = new RawClient(endpoint, { ...curveOptions(bob), routingId });
      await stolen.socket.send(['', 'REQUEST', '{"pattern":"keep"}']);
      await vi.waitFor(() => expect(stolen.heard).toEqual(['DENIED']), 1000);
    });
    expect(served.strategy.stats().accepted).toBe(1);
  });

  test('to clients of the older dialects', async () => {
    await using served = await serve([KeepingController], {
      engine,
      security: curveServer([alice.publicKey]),
    });
    const routingId = sealOf(alice);
    using raw = new RawClient(served.endpoints[0] ?? '', { ...curveOptions(alice), routingId });
    await raw.ask('keep');
    await raw.ask('fail');
    await eventually(() => expect(raw.heard).toHaveLength(2));
    await raw.socket.send(['', 'NONSENSE', '1']);
    await eventually(() => expect(served.strategy.stats().dropped).not.toEqual({}));
    served.strategy.revoke(alice.publicKey);
    await eventually(() => expect(raw.heard.at(-1)).toBe('DENIED'));
    expectNowhere(routingId, [...given, ...said]);
  });
});
