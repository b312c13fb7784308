import type { Socket } from 'node:net';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import { NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

const began: AbortSignal[] = [];

@Controller()
class EndlessController {
  @MessagePattern('endless')
  endless(@Ctx() context: FreelanceContext) {
    began.push(context.signal);
    return NEVER;
  }
}

test("the engine `node` stops a client's work in the turn in which its connection ends", async () => {
  began.length = 0;
  const engine = 'node';
  await using server = await serve([EndlessController], { engine });
  using leaving = connectTo(server.endpoints, {
    engine,
    maxFailures: 1,
    reconnectInterval: 60_000,
  });
  using staying = connectTo(server.endpoints, { engine });
  const calls = [leaving, staying].map((client) =>
    client.send('endless', {}).subscribe({ error: () => {} }),
  );
  await eventually(() => expect(began).toHaveLength(2));
  const stopped: number[] = [];
  /** By FIN or by RST. */
  const closed = new Map<Socket, number>();
  let turn = 0;
  const turns = setInterval(() => turn++, 1);
  for (const signal of began) signal.addEventListener('abort', () => stopped.push(turn));
  const atServer = server.strategy.unwrap<Socket[]>();
  for (const socket of atServer)
    for (const end of ['end', 'error'])
      socket.once(end, () => closed.set(socket, closed.get(socket) ?? turn));
  for (const socket of leaving.unwrap<Map<string, Socket>>().values()) socket.destroy();
  await eventually(() => expect(stopped).toHaveLength(1));
  clearInterval(turns);
  expect(stopped).toEqual([...closed.values()]);
  expect(server.strategy.stats()).toMatchObject({ running: 1, clients: 1, undelivered: 0 });
  for (const call of calls) call.unsubscribe();
});
