import { AsyncLocalStorage } from 'node:async_hooks';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FREELANCE_TRANSPORT, FreelanceContext, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

const user = new AsyncLocalStorage<string>();
/** What the server's code observed, and where. */
const seen: string[] = [];

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('watched')
  watched(@Payload() name: string, @Ctx() context: FreelanceContext): Observable<unknown> {
    const note = (what: string) => seen.push(`${what} of ${name}: ${user.getStore()}`);
    context.signal.addEventListener('abort', () => note('abort'));
    return new Observable(() => () => note('teardown'));
  }
}

// hooks.test.ts covers more, but needs Nest 12; Nest 11 has these hooks since 11.1.4.
test('the hooks of a call wrap it, once each, in its context', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const told: unknown[][] = [];
  server.strategy.setOnProcessingStartHook((transport, context, done) => {
    told.push(['start', transport, context]);
    void done();
  });
  server.strategy.setOnProcessingEndHook((transport, context) => {
    told.push(['end', transport, context]);
  });
  expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
  const context: unknown = told[0]?.[2];
  expect(context).toBeInstanceOf(FreelanceContext);
  expect(told).toEqual([
    ['start', FREELANCE_TRANSPORT, context],
    ['end', FREELANCE_TRANSPORT, context],
  ]);
});

test('a handler is stopped in the context that a hook gave it, whoever stops it', async () => {
  await using server = await serve([EchoController]);
  // As instrumentation does.
  server.strategy.setOnProcessingStartHook((_transport, context, run) => {
    const name = (context as FreelanceContext).getMetadata()['user'] ?? '';
    void user.run(name, run);
  });
  using client = connectTo(server.endpoints);
  const calls = ['a', 'b'].map((name) => {
    const record = new FreelanceRecordBuilder(name).setMetadata({ user: name }).build();
    return user.run('caller', () => client.send('watched', record).subscribe({ error() {} }));
  });
  await eventually(() => expect(server.strategy.stats().running).toBe(2));
  for (const call of calls) user.run('leaver', () => call.unsubscribe());
  await eventually(() => expect(seen).toHaveLength(4));
  const stopped = (name: string) => [`abort of ${name}: ${name}`, `teardown of ${name}: ${name}`];
  expect(new Set(seen)).toEqual(new Set(['a', 'b'].flatMap(stopped)));
});
