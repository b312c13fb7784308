import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceRecordBuilder } from 'nestjs-freelance';
import { NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

let yielded = 0;

@Controller()
class StreamController {
  @MessagePattern('never')
  never() {
    return NEVER;
  }

  @MessagePattern('endless')
  async *endless() {
    for (;;) yield Promise.resolve(yielded++);
  }

  @MessagePattern('two')
  async *two() {
    yield 1;
    yield Promise.resolve(2);
  }
}

test('return() ends a pending next() and its call without waiting', async () => {
  await using server = await serve([StreamController]);
  using client = connectTo(server.endpoints);
  const values = client.iterate('never', {});
  const pending = [values.next(), values.next()];
  await eventually(() => expect(server.strategy.stats().running).toBe(1));
  expect(await values.return()).toEqual({ done: true, value: undefined });
  expect(await Promise.all(pending)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  await eventually(() => expect(server.strategy.stats().running).toBe(0));
  expect(client.stats().pending).toBe(0);
  expect(await values.next()).toEqual({ done: true, value: undefined });
});

test('an iterator that is not read makes no call, even after return()', async () => {
  await using server = await serve([StreamController]);
  using client = connectTo(server.endpoints);
  await client.connect();
  const values = client.iterate('two', {});
  await values.return();
  expect(await values.next()).toEqual({ done: true, value: undefined });
  const failing = client.iterate('two', {});
  await expect(failing.throw(new Error('mine'))).rejects.toThrow('mine');
  expect(await failing.next()).toEqual({ done: true, value: undefined });
  expect(server.strategy.stats().accepted).toBe(0);
});

test('concurrent next() calls get values in order, then the end, repeatedly', async () => {
  await using server = await serve([StreamController]);
  using client = connectTo(server.endpoints);
  const values = client.iterate<number>('two', {});
  const all = await Promise.all([values.next(), values.next(), values.next(), values.next()]);
  expect(all).toEqual([
    { done: false, value: 1 },
    { done: false, value: 2 },
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test('the error of a call is thrown once, then the iterator is done', async () => {
  using client = connectTo(['tcp://127.0.0.1:9'], { connectTimeout: 50 });
  const values = client.iterate('two', {});
  const both = await Promise.allSettled([values.next(), values.next()]);
  expect(both).toMatchObject([
    { status: 'rejected', reason: { code: 'ECONNREFUSED' } },
    { status: 'fulfilled', value: { done: true } },
  ]);
  expect(await values.next()).toEqual({ done: true, value: undefined });
});

test('each server of a broadcast waits for a slow reader', async () => {
  await using one = await serve([StreamController]);
  await using two = await serve([StreamController]);
  using client = connectTo([...one.endpoints, ...two.endpoints]);
  yielded = 0;
  let read = 0;
  const record = new FreelanceRecordBuilder({}).setBroadcast().build();
  for await (const _ of client.iterate('endless', record)) {
    if (++read === 5000) break;
    // No server may run ahead by more than its window.
    expect(yielded - read).toBeLessThanOrEqual(2 * 1024 + 2);
  }
  expect(read).toBe(5000);
  await eventually(() => {
    expect([one, two].map(({ strategy }) => strategy.stats().running)).toEqual([0, 0]);
  });
});
