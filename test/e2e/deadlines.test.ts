import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceContext, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

@Controller()
class BackController {
  @MessagePattern('what is left')
  left(@Ctx() context: FreelanceContext) {
    const deadline = context.getDeadline();
    return {
      left: deadline === undefined ? null : deadline - Date.now(),
      metadata: context.getMetadata(),
    };
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }
}

const BACK = Symbol('BACK');

/** A handler that calls another service on behalf of its own call. */
@Controller()
class FrontController {
  constructor(@Inject(BACK) private readonly back: FreelanceClientProxy) {}

  @MessagePattern('ask the back')
  ask(@Ctx() context: FreelanceContext) {
    return this.back.send(
      'what is left',
      new FreelanceRecordBuilder({}).setParent(context).build(),
    );
  }

  @MessagePattern('wait for the back')
  wait(@Ctx() context: FreelanceContext) {
    return this.back.send('never', new FreelanceRecordBuilder({}).setParent(context).build());
  }
}

async function frontAndBack() {
  const back = await serve([BackController]);
  const toBack = connectTo(back.endpoints);
  const front = await serve([FrontController], {}, [{ provide: BACK, useValue: toBack }]);
  return {
    back,
    front,
    async [Symbol.asyncDispose]() {
      toBack.close();
      await front[Symbol.asyncDispose]();
      await back[Symbol.asyncDispose]();
    },
  };
}

test('a handler learns when its caller gives up', async () => {
  await using server = await serve([BackController]);
  using client = connectTo(server.endpoints);
  const record = new FreelanceRecordBuilder({}).setTimeout(5000).build();
  const { left } = await firstValueFrom(client.send<{ left: number }>('what is left', record));
  expect(left).toBeGreaterThan(1000);
  expect(left).toBeLessThanOrEqual(5000);
  expect(await firstValueFrom(client.send('what is left', {}))).toMatchObject({ left: null });
});

test('options of a call can have defaults at the client', async () => {
  await using server = await serve([BackController]);
  using client = connectTo(server.endpoints, {
    timeout: 60_000,
    metadata: { app: 'shop', a: '1' },
  });
  const record = new FreelanceRecordBuilder({}).setMetadata({ a: '2' }).build();
  const { left, metadata } = await firstValueFrom(
    client.send<{ left: number; metadata: object }>('what is left', record),
  );
  expect(left).toBeGreaterThan(50_000);
  expect(metadata).toEqual({ app: 'shop', a: '2' });
});

test('a call made within a handler inherits the remaining deadline and the trace', async () => {
  await using servers = await frontAndBack();
  using client = connectTo(servers.front.endpoints);
  const trace = { traceparent: '00-ab-cd-01', tracestate: 'x=1' };
  const record = new FreelanceRecordBuilder({})
    .setTimeout(5000)
    .setMetadata({ ...trace, secret: 'stays' })
    .build();
  const { left, metadata } = await firstValueFrom(
    client.send<{ left: number; metadata: object }>('ask the back', record),
  );
  expect(left).toBeGreaterThan(1000);
  expect(left).toBeLessThanOrEqual(5000);
  expect(metadata).toEqual(trace);
});

test('cancelling a call cancels the calls made on its behalf', async () => {
  await using servers = await frontAndBack();
  using client = connectTo(servers.front.endpoints);
  const subscription = client.send('wait for the back', {}).subscribe();
  await eventually(() => expect(servers.back.strategy.stats().running).toBe(1));
  subscription.unsubscribe();
  await eventually(() => expect(servers.back.strategy.stats().running).toBe(0));
});

test.each(['send', 'emit'] as const)(
  '%s with a deadline does not wait longer for the first server',
  async (method) => {
    using client = connectTo([await freeEndpoint()], { connectTimeout: 60_000 });
    const record = new FreelanceRecordBuilder({}).setTimeout(50).build();
    await expect(firstValueFrom(client[method]('x', record))).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
  },
);
