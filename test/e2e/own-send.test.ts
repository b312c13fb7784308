import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload, type ReadPacket } from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, NEVER, of } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

const heard: unknown[] = [];

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('values')
  values() {
    return of(1, 2, 3);
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }

  @EventPattern('event')
  event(@Payload() value: unknown) {
    heard.push(value);
  }
}

/** The hooks of instrumentation and subclasses: Nest calls both once per subscription. */
class WatchedClient extends FreelanceClientProxy implements Disposable {
  readonly published: ReadPacket[] = [];
  readonly dispatched: ReadPacket[] = [];
  readonly ended: ReadPacket[] = [];

  protected override publish(
    packet: ReadPacket,
    callback: Parameters<FreelanceClientProxy['publish']>[1],
  ): () => void {
    this.published.push(packet);
    const end = super.publish(packet, callback);
    return () => {
      this.ended.push(packet);
      end();
    };
  }

  protected override dispatchEvent<T = unknown>(packet: ReadPacket): Promise<T> {
    this.dispatched.push(packet);
    return super.dispatchEvent<T>(packet);
  }

  protected override serializeResponse(response: unknown): unknown {
    return { response };
  }

  protected override serializeError(error: unknown): unknown {
    return { error };
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

test('send calls publish once per subscription, and its teardown once at the end', async () => {
  await using server = await serve([EchoController]);
  using client = new WatchedClient({ endpoints: server.endpoints });
  const call = client.send('echo', 1);
  expect(client.published).toEqual([]);
  expect(client.stats().pending).toBe(0);
  expect(await firstValueFrom(call)).toEqual({ response: 1 });
  expect(await lastValueFrom(call)).toEqual({ response: 1 });
  expect(client.published).toEqual([
    { pattern: 'echo', data: 1 },
    { pattern: 'echo', data: 1 },
  ]);
  expect(client.ended).toHaveLength(2);
  const never = client.send('never', {}).subscribe();
  never.unsubscribe();
  expect(client.ended).toHaveLength(3);
  await expect(firstValueFrom(client.send('unknown', {}))).rejects.toMatchObject({
    error: expect.anything() as unknown,
  });
});

test('emit calls dispatchEvent once, with or without subscribers', async () => {
  await using server = await serve([EchoController]);
  using client = new WatchedClient({ endpoints: server.endpoints });
  heard.length = 0;
  client.emit('event', 'nobody');
  await eventually(() => expect(heard).toEqual(['nobody']));
  const event = client.emit('event', 'two');
  const all = await Promise.all([lastValueFrom(event), lastValueFrom(event)]);
  expect(all).toEqual([undefined, undefined]);
  // The event has ended: a late subscriber sees only that, as with Nest's transports.
  expect(await lastValueFrom(event, { defaultValue: 'late' })).toBe('late');
  expect(client.dispatched).toEqual([
    { pattern: 'event', data: 'nobody' },
    { pattern: 'event', data: 'two' },
  ]);
});

test('an event that failed without a subscriber fails for late subscribers only', async () => {
  using client = connectTo([await freeEndpoint()], { connectTimeout: 10 });
  const event = client.emit('event', 1);
  await eventually(() => expect(client.stats().pending).toBe(0));
  await expect(lastValueFrom(event)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test.each(['send', 'emit'] as const)(
  "%s without a pattern or data fails with Nest's error and sends nothing",
  async (method) => {
    using client = new WatchedClient({ endpoints: 'tcp://127.0.0.1:9' });
    for (const nothing of [null, undefined]) {
      for (const [pattern, data] of [
        [nothing, 1],
        ['echo', nothing],
      ]) {
        await expect(firstValueFrom(client[method](pattern, data))).rejects.toThrow(
          'The invalid data or message pattern (undefined/null)',
        );
      }
    }
    expect([...client.published, ...client.dispatched]).toEqual([]);
    expect(client.stats().endpoints).toEqual({});
  },
);

test('a call starts on subscription and is pending at once, connected or not', async () => {
  using client = connectTo([await freeEndpoint()], { connectTimeout: 60_000 });
  const call = client.send('echo', 1);
  expect(client.stats().pending).toBe(0);
  const subscription = call.subscribe();
  client.emit('event', 1);
  expect(client.stats().pending).toBe(2);
  subscription.unsubscribe();
  expect(client.stats().pending).toBe(1);
});

test('calls that wait for the first server count for maxPending', async () => {
  using client = connectTo([await freeEndpoint()], { connectTimeout: 60_000, maxPending: 2 });
  client.send('echo', 1).subscribe({ error() {} });
  client.send('echo', 2).subscribe({ error() {} });
  await expect(firstValueFrom(client.send('echo', 3))).rejects.toMatchObject({
    code: 'OVERLOADED',
  });
});

test('no observer is notified before subscribe has returned', async () => {
  using client = connectTo([await freeEndpoint()], { maxPending: 1, connectTimeout: 60_000 });
  client.send('echo', 1).subscribe({ error() {} });
  let hasReturned = false;
  const early = await new Promise((resolve) => {
    client.send('echo', 2).subscribe({ error: () => resolve(!hasReturned) });
    hasReturned = true;
  });
  expect(early).toBe(false);
});

test('a call whose signal is aborted, or whose data cannot be serialized, leaves nothing behind', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const reason = new Error('too late');
  const record = new FreelanceRecordBuilder(1).setSignal(AbortSignal.abort(reason)).build();
  for (const method of ['send', 'emit'] as const) {
    await expect(firstValueFrom(client[method]('echo', record))).rejects.toMatchObject({
      code: 'CANCELLED',
      cause: reason,
    });
    await expect(firstValueFrom(client[method]('echo', { big: 1n }))).rejects.toThrow(TypeError);
  }
  expect(client.stats().pending).toBe(0);
  expect(server.strategy.stats().accepted).toBe(0);
});
