import { once } from 'node:events';
import { connect } from 'node:net';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { serve } from '../support/nest.js';
import { RawClient } from '../support/security.js';

@Controller()
class HoldController {
  @MessagePattern('hold')
  hold(@Ctx() ctx: FreelanceContext) {
    return new Promise((done) => ctx.signal.addEventListener('abort', done));
  }
}

/** A client with an open call that counts its PONGs. */
async function holding(endpoint: string) {
  const client = new RawClient(endpoint);
  await client.socket.send(['', 'PING', '1', 't', '{}']);
  await client.socket.send(['', 'REQUEST', 'a', '', '{"pattern":"hold"}']);
  await eventually(() => expect(client.heard).not.toEqual([]));
  return client;
}

/** Opens a TCP connection and closes it without sending anything. */
async function knock(endpoint: string): Promise<void> {
  const socket = connect(Number(endpoint.split(':').at(-1)), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.destroy();
  await once(socket, 'close');
}

test('short-lived TCP connections cost clients with open calls nothing', async () => {
  await using server = await serve([HoldController], {});
  const [endpoint = ''] = server.endpoints;
  using client = await holding(endpoint);
  const began = performance.now();
  for (let n = 0; n < 200; n++) await knock(endpoint);
  // The server has seen all of them end once it has answered what came after them.
  using other = await holding(endpoint);
  expect(other.happened).not.toContain('disconnect');
  const seconds = (performance.now() - began) / 1000;
  expect(client.heard.length).toBeLessThanOrEqual(1 + 1 + Math.ceil(seconds));
});

test('a lost client is still detected afterwards', async () => {
  await using server = await serve([HoldController], {});
  const [endpoint = ''] = server.endpoints;
  const running = () => server.strategy.stats().running;
  const gone = await holding(endpoint);
  using stays = await holding(endpoint);
  for (let n = 0; n < 20; n++) await knock(endpoint);
  expect(running()).toBe(2);
  gone.socket.close();
  await eventually(() => expect(running()).toBe(1));
  expect(stays.happened).not.toContain('disconnect');
});
