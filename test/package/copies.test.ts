import { Dealer } from 'zeromq';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as Contracts from '../../lib/contract/index.js';
import type * as Library from '../../lib/index.js';
import { freeEndpoint } from '../support/ports.js';
import { serve, type Served } from '../support/nest.js';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, RpcException } from '@nestjs/microservices';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As a package manager installs a second one, for a dependency that asks for another version. */
const second = mkdtempSync(join(tmpdir(), 'nestjs-freelance-copy-'));
cpSync(join(root, 'dist'), join(second, 'dist'), { recursive: true });
symlinkSync(join(root, 'node_modules'), join(second, 'node_modules'));
afterAll(() => rmSync(second, { recursive: true }));

const imported = (path: string): Promise<unknown> =>
  import(pathToFileURL(join(root, 'dist/esm', path)).href);
const required = createRequire(join(second, 'dist/index.js'));

const esm = (await imported('index.js')) as typeof Library;
const cjs = required('./index.js') as typeof Library;

const contracts = {
  esm: (await imported('contract/index.js')) as typeof Contracts,
  cjs: required('./contract/index.js') as typeof Contracts,
};

type Copy = typeof Library;

@Controller()
class EchoController {
  @MessagePattern('metadata')
  metadata(_data: unknown, @Ctx() context: Library.FreelanceContext) {
    return context.getMetadata();
  }
}

let server: Served;
beforeAll(async () => {
  server = await serve([EchoController]);
});
afterAll(async () => server[Symbol.asyncDispose]());

const isClass = (value: unknown): value is new () => object =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

describe.each<[string, Copy, Copy]>([
  ['ES modules get what CommonJS made', esm, cjs],
  ['CommonJS gets what ES modules made', cjs, esm],
])('%s', (_which, here, there) => {
  test('these are two copies', () => {
    expect(here.FreelanceError).not.toBe(there.FreelanceError);
  });

  test('every public class knows the instances of the other copy', () => {
    const classes = Object.entries(here).filter(([, value]) => isClass(value));
    expect(classes.length).toBeGreaterThan(5);
    for (const [name, mine] of classes) {
      const theirs = there[name as keyof Copy] as unknown as new () => object;
      const instance: unknown = Object.create(theirs.prototype as object);
      expect(instance).toBeInstanceOf(mine);
    }
  });

  test('an error is known', async () => {
    const client = new there.FreelanceClientProxy({
      endpoints: await freeEndpoint(),
      connectTimeout: 50,
    });
    const error: unknown = await client.connect().catch((failure: unknown) => failure);
    client.close();
    expect(error).toBeInstanceOf(here.FreelanceError);
    expect(new Error('another')).not.toBeInstanceOf(here.FreelanceError);
  });

  test('a record has its options', async () => {
    const record = new there.FreelanceRecordBuilder('x').setMetadata({ tenant: 'acme' }).build();
    const client = new here.FreelanceClientProxy({ endpoints: server.endpoints });
    expect(await firstValueFrom(client.send('metadata', record))).toEqual({ tenant: 'acme' });
    const toAll = new there.FreelanceRecordBuilder('x').setBroadcast().build();
    expect(await lastValueFrom(client.emit('nothing', toAll))).toMatchObject({
      accepted: server.endpoints,
    });
    expect(await firstValueFrom(client.send('metadata', toAll).pipe(toArray()))).toEqual([{}]);
    for await (const value of client.iterate('metadata', record)) {
      expect(value).toEqual({ tenant: 'acme' });
    }
    client.close();
  });

  test('hooks of the one are around the calls of the other', async () => {
    const seen: string[] = [];
    const remove = there.instrument({
      aroundClientCall: ({ pattern }, next) => {
        seen.push(pattern);
        next();
      },
    });
    const client = new here.FreelanceClientProxy({ endpoints: server.endpoints });
    await firstValueFrom(client.send('metadata', 'x'));
    remove();
    await firstValueFrom(client.send('metadata', 'x'));
    client.close();
    expect(seen).toEqual(['metadata']);
  });

  test('a handler that is at most once for the one is so for the other', async () => {
    class OnceController {
      charge() {
        return 'charged';
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(OnceController.prototype, 'charge');
    if (!descriptor) throw new Error('the class has that method');
    MessagePattern('charge')(OnceController.prototype, 'charge', descriptor);
    there.AtMostOnce()(OnceController.prototype, 'charge', descriptor);
    Controller()(OnceController);
    await using once = await serve([OnceController], {}, [], here.FreelanceTransportServer);
    const refused = await new Promise((resolve) => {
      const socket = new Dealer({ linger: 0 });
      socket.connect(once.endpoints[0] ?? '');
      const headers = JSON.stringify({ pattern: 'charge', mayHaveRun: true });
      void socket
        .send(['', 'REQUEST', '1', '', headers])
        .then(() => socket.receive())
        .then((frames) => resolve(frames.map(String)))
        .finally(() => socket.close());
    });
    expect(refused).toEqual([
      '',
      'REPLY',
      '1',
      expect.stringContaining('may-have-run'),
      '{"status":"refused"}',
    ]);
  });

  test('a record of a version with other options is no guesswork', async () => {
    const client = new here.FreelanceClientProxy({ endpoints: server.endpoints });
    const send = (options: unknown) => {
      const record = Object.assign(new there.FreelanceRecordBuilder('x').build(), { options });
      return firstValueFrom(client.send('metadata', record)).catch((error: unknown) => error);
    };
    expect(await send({ priority: 1 })).toMatchObject({
      code: 'BAD_OPTIONS',
      message: expect.stringContaining('"priority"'),
    });
    expect(await send({ timeout: 'soon' })).toMatchObject({ code: 'BAD_OPTIONS' });
    expect(await send(null)).toMatchObject({ code: 'BAD_OPTIONS' });
    expect(await send({ priority: undefined, metadata: { a: 'b' } })).toEqual({ a: 'b' });
    client.close();
  });
});

describe.each([
  ['ES modules', contracts.esm, contracts.cjs],
  ['CommonJS', contracts.cjs, contracts.esm],
])('the contracts of %s', (_which, here, there) => {
  const told = {
    status: 'error',
    message: 'orders.place: the payload is invalid',
    code: 'INVALID_PAYLOAD',
    contract: 'orders',
    entry: 'place',
    issues: [],
  } as const;

  test('know an error of the other copy, and no other', () => {
    const error = new there.ContractError(told);
    expect(error).toBeInstanceOf(here.ContractError);
    expect(error).toBeInstanceOf(RpcException);
    expect(new RpcException(told)).not.toBeInstanceOf(here.ContractError);
  });

  test('know a contract of the other copy', () => {
    const orders = there.contract('orders', { place: there.rpc(), shipped: there.event() });
    expect(here.getContractToken(orders)).toBe('ContractClient(orders)');
    class OrdersController {
      place() {}
      shipped() {}
    }
    expect(() => here.Implements(orders)(OrdersController)).not.toThrow();
    expect(() => there.Implements(orders)(OrdersController)).toThrow(
      'the decorator is there twice',
    );
  });
});
