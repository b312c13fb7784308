import { getEventListeners } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import {
  FreelanceClientProxy,
  FreelanceContext,
  FreelanceRecord,
  FreelanceRecordBuilder,
} from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, NEVER, of, take } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

const CLIENT = Symbol('CLIENT');

@Controller()
class EchoController {
  constructor(@Inject(CLIENT) private readonly client: FreelanceClientProxy) {}

  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('three')
  three() {
    return of(1, 2, 3);
  }

  @MessagePattern('fails')
  fails() {
    throw new RpcException('no');
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }

  @EventPattern('event')
  event(_data: unknown) {}

  /** The number of listeners on the handler's signal after this many calls made with it. */
  @MessagePattern('parent')
  async parent(@Payload() calls: number, @Ctx() context: FreelanceContext): Promise<number> {
    const record = new FreelanceRecordBuilder(1).setParent(context).build();
    for (let n = 0; n < calls; n++) await firstValueFrom(this.client.send('echo', record));
    return getEventListeners(context.signal, 'abort').length;
  }
}

async function served() {
  const toItself: { client?: FreelanceClientProxy } = {};
  const provider = { provide: CLIENT, useFactory: () => toItself.client };
  const first = await serve([EchoController], {}, [{ provide: CLIENT, useValue: undefined }]);
  const client = connectTo(first.endpoints);
  toItself.client = client;
  const second = await serve([EchoController], {}, [provider]);
  return {
    client,
    toSecond: connectTo(second.endpoints),
    async [Symbol.asyncDispose]() {
      client.close();
      this.toSecond.close();
      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
    },
  };
}

const quietly = (promise: Promise<unknown>) => promise.catch(() => {});

test('one signal used by many calls keeps nothing of ended calls, however they ended', async () => {
  await using app = await served();
  const { client } = app;
  const { signal } = new AbortController();
  const signalled = (data: unknown): FreelanceRecord =>
    new FreelanceRecordBuilder(data).setSignal(signal).build();
  const briefly = new FreelanceRecordBuilder(1).setSignal(signal).setTimeout(1).build();
  for (let n = 0; n < 3; n++) {
    await firstValueFrom(client.send('echo', signalled(n)));
    await lastValueFrom(client.send('three', signalled({})));
    await lastValueFrom(client.send('three', signalled({})).pipe(take(1)));
    await quietly(firstValueFrom(client.send('fails', signalled({}))));
    await quietly(firstValueFrom(client.send('never', briefly)));
    await lastValueFrom(client.emit('event', signalled(n)));
    await quietly(firstValueFrom(client.send('echo', signalled({ big: 1n }))));
    for await (const value of client.iterate('three', signalled({}))) if (value === 2) break;
    client.send('never', signalled({})).subscribe().unsubscribe();
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  const open = Array.from({ length: 20 }, () => client.send('never', signalled({})).subscribe());
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  for (const call of open) call.unsubscribe();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a signal cancels many open calls without a MaxListeners warning', async () => {
  await using app = await served();
  const warnings: string[] = [];
  const warned = (warning: Error) => warnings.push(warning.name);
  process.on('warning', warned);
  const controller = new AbortController();
  const record = new FreelanceRecordBuilder({}).setSignal(controller.signal).build();
  const calls = Array.from({ length: 50 }, () => firstValueFrom(app.client.send('never', record)));
  const outcomes = Promise.allSettled(calls);
  await eventually(() => expect(app.client.stats().pending).toBe(50));
  controller.abort('enough');
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ reason: { code: 'CANCELLED', cause: 'enough' } });
  }
  expect(app.client.stats().pending).toBe(0);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  await new Promise(setImmediate);
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

test('a handler that makes many calls keeps nothing of them', async () => {
  await using app = await served();
  expect(await firstValueFrom(app.toSecond.send('parent', 10))).toBe(0);
});

test('nothing uses AbortSignal.any, which leaks memory on a long-lived signal', async () => {
  const folder = new URL('../../lib/', import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) {
    const source = await readFile(new URL(file, folder), 'utf8');
    const code = source.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
    expect({ file, uses: code.includes('AbortSignal.any') }).toEqual({ file, uses: false });
  }
});
