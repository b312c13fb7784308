import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FREELANCE_TRANSPORT, FreelanceContext } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { connectTo, serve } from '../support/nest.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }
}

// hooks.test.ts has more, but needs Nest 12; these hooks are also in Nest 11, since 11.1.4.
test('the hooks of a call run around it, once each, with its context', async () => {
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
