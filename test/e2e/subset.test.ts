import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve, type Served } from '../support/nest.js';

@Controller()
class Echo {
  @MessagePattern('echo')
  echo(data: unknown): unknown {
    return data;
  }
}

const servers = new Map<string, Served>();

afterEach(async () => {
  for (const server of servers.values()) await server[Symbol.asyncDispose]();
});

test('a client with a subset connects to that many servers, and works while any server is alive', async () => {
  for (let n = 0; n < 6; n++) {
    const server = await serve([Echo], { drainTimeout: 1000 });
    servers.set(server.endpoints[0] ?? '', server);
  }
  // All servers are in this process. A stall of a busy machine must not look like a loss, for which the client would watch
  // further servers; servers that leave say so.
  using client = connectTo([...servers.keys()], {
    heartbeatTimeout: 60_000,
    connectTimeout: 60_000,
    subset: { size: 2 },
  });
  await client.connect();
  const watched = () => Object.keys(client.stats().endpoints);
  const alive = () =>
    Object.values(client.stats().endpoints).filter(({ state }) => state === 'alive').length;
  await eventually(() => expect(alive()).toBe(2));
  expect(watched()).toHaveLength(2);
  expect(client.stats().unwatched).toHaveLength(4);
  expect(client.unwrap<Map<string, unknown>>().size).toBe(2);

  // One after another leaves, watched servers first.
  for (let left = servers.size - 1; left > 0; left--) {
    const endpoint = watched().find((candidate) => servers.has(candidate)) ?? '';
    const server = servers.get(endpoint);
    servers.delete(endpoint);
    const [answer] = await Promise.all([
      firstValueFrom(client.send<number>('echo', left)),
      server?.[Symbol.asyncDispose](),
    ]);
    expect(answer).toBe(left);
    expect(await firstValueFrom(client.send<string>('echo', 'still here'))).toBe('still here');
  }

  const keyed = new FreelanceRecordBuilder('data').setRoutingKey('user-42').build();
  await expect(firstValueFrom(client.send('echo', keyed))).rejects.toMatchObject({
    code: 'BAD_OPTIONS',
  });
});
