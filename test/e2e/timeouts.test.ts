import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceContext, FreelanceError, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

const runs: string[] = [];
const stopped: string[] = [];

beforeEach(() => {
  runs.length = 0;
  stopped.length = 0;
});

/** Answers late, except calls that it receives a second time: it answers those at once. */
@Controller()
class SlowController {
  @MessagePattern('slow')
  async slow(@Payload() { name, ms }: { name: string; ms: number }, @Ctx() ctx: FreelanceContext) {
    runs.push(name);
    ctx.signal.addEventListener('abort', () => stopped.push(name));
    if (ctx.getAttempt() === 1) await new Promise((resolve) => setTimeout(resolve, ms));
    return `${name}, attempt ${ctx.getAttempt()}`;
  }
}

test('a handler slower than one attempt runs once, and its answer arrives', async () => {
  await using server = await serve([SlowController]);
  // It is given up after maxAttempts times that, 9 s: a busy machine does not need as long.
  using client = connectTo(server.endpoints, { requestTimeout: 3000 });
  const call = client.send('slow', { name: 'longer', ms: 3500 });
  await expect(firstValueFrom(call)).resolves.toBe('longer, attempt 1');
  expect(runs).toEqual(['longer']);
  expect(stopped).toEqual([]);
});

test('with the defaults, a handler of 6 s answers', async () => {
  await using server = await serve([SlowController]);
  using client = connectTo(server.endpoints);
  const call = client.send('slow', { name: '6 s', ms: 6000 });
  await expect(firstValueFrom(call)).resolves.toBe('6 s, attempt 1');
  expect(runs).toEqual(['6 s']);
});

test('a second server is asked, and the first one is told to stop', async () => {
  await using one = await serve([SlowController]);
  await using two = await serve([SlowController]);
  using client = connectTo([...one.endpoints, ...two.endpoints], { requestTimeout: 300 });
  const call = client.send('slow', { name: 'moves', ms: 60_000 });
  await expect(firstValueFrom(call)).resolves.toBe('moves, attempt 2');
  expect(runs).toEqual(['moves', 'moves']);
  await eventually(() => expect(stopped).toContain('moves'));
});

test('the error states how many servers may have run the call', async () => {
  await using server = await serve([SlowController]);
  using client = connectTo(server.endpoints, { requestTimeout: 50 });
  const data = { name: 'never', ms: 60_000 };
  const failed = (options: FreelanceRecordBuilder<unknown>) =>
    firstValueFrom(client.send('slow', options.build())).then(
      () => undefined,
      (error: unknown) => error,
    );
  const late = await failed(new FreelanceRecordBuilder(data));
  expect(late).toBeInstanceOf(FreelanceError);
  expect(late).toMatchObject({ code: 'ETIMEDOUT', mayHaveRun: 1 });
  const cancelled = await failed(
    new FreelanceRecordBuilder(data).setSignal(AbortSignal.timeout(100)),
  );
  expect(cancelled).toMatchObject({ code: 'CANCELLED', mayHaveRun: 1 });
});
