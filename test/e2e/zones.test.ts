import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceError } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve, type Served } from '../support/nest.js';

@Controller()
class Echo {
  @MessagePattern('echo')
  echo(data: unknown): unknown {
    return data;
  }
}

const endpointOf = (server: Served) => server.endpoints[0] ?? '';

const calls = async (client: FreelanceClientProxy, count: number) => {
  for (let n = 0; n < count; n++)
    expect(await firstValueFrom(client.send<number>('echo', n))).toBe(n);
};

const callsAt = (client: FreelanceClientProxy, server: Served) =>
  client.stats().endpoints[endpointOf(server)]?.calls;

const allAlive = (client: FreelanceClientProxy) =>
  eventually(() =>
    expect(Object.values(client.stats().endpoints).every(({ state }) => state === 'alive')).toBe(
      true,
    ),
  );

test('calls stay in the zone that servers tell, and leave it when it is lost', async () => {
  await using near = await serve([Echo], { zone: 'a', weight: 2 });
  await using far = await serve([Echo], { zone: 'b' });
  using client = connectTo([endpointOf(far), endpointOf(near)], { zone: 'a' });
  await client.connect();
  await allAlive(client);
  const before = callsAt(client, far) ?? 0;
  await calls(client, 50);
  expect(callsAt(client, near)).toBeGreaterThanOrEqual(50);
  expect(callsAt(client, far)).toBe(before);
  expect(client.stats()).toMatchObject({
    priorities: [{ priority: 0, share: 1, localShare: 1 }],
    endpoints: { [endpointOf(near)]: { zone: 'a', weight: 2, priority: 0 } },
  });
  await near[Symbol.asyncDispose]();
  await calls(client, 20);
  expect(callsAt(client, far)).toBe(before + 20);
});

test('servers of the next priority wait until the first are lost', async () => {
  await using first = await serve([Echo]);
  await using second = await serve([Echo]);
  using client = connectTo(
    [{ endpoint: endpointOf(second), priority: 1 }, { endpoint: endpointOf(first) }],
    {},
  );
  await client.connect();
  await allAlive(client);
  const before = callsAt(client, second) ?? 0;
  await calls(client, 30);
  expect(callsAt(client, second)).toBe(before);
  await first[Symbol.asyncDispose]();
  await calls(client, 10);
  expect(callsAt(client, second)).toBe(before + 10);
});

test('a server of another service is not called, and the error says what is there', async () => {
  await using billing = await serve([Echo], { service: 'billing' });
  await using orders = await serve([Echo], { service: 'orders' });
  using client = connectTo([endpointOf(billing), endpointOf(orders)], { service: 'orders' });
  await calls(client, 20);
  expect(callsAt(client, billing)).toBe(0);
  await eventually(() =>
    expect(client.stats().endpoints[endpointOf(billing)]).toMatchObject({
      state: 'dead',
      service: 'billing',
    }),
  );
  await orders[Symbol.asyncDispose]();
  using alone = connectTo([endpointOf(billing)], { service: 'orders', connectTimeout: 300 });
  const error: unknown = await firstValueFrom(alone.send('echo', 1)).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(FreelanceError);
  expect(error).toMatchObject({
    code: 'ECONNREFUSED',
    message: expect.stringContaining('it is a server of billing, not of orders') as string,
  });
});
