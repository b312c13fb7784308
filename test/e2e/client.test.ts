import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, MessagePattern, Payload } from '@nestjs/microservices';
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FreelanceClientProxy, FreelanceError } from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

@Controller()
class MathController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }
}

const sum = (client: FreelanceClientProxy) => firstValueFrom(client.send<number>('sum', [1, 2]));

/** Short times, so that tests of time-outs are fast. */
const QUICK = { connectTimeout: 300, heartbeatInterval: 100, heartbeatTimeout: 300 };

test('ClientsModule injects a client by its name', async () => {
  await using server = await serve([MathController]);
  const options = { endpoints: server.endpoints };
  const registrations = [
    ClientsModule.register([{ name: 'MATH', customClass: FreelanceClientProxy, options }]),
    ClientsModule.registerAsync([
      {
        name: 'MATH',
        useFactory: async () =>
          Promise.resolve({ customClass: FreelanceClientProxy, options: { ...options } }),
      },
    ]),
  ];
  for (const registration of registrations) {
    @Module({ imports: [registration] })
    class CallerModule {}

    const app = await NestFactory.createApplicationContext(CallerModule, { logger: false });
    const client = app.get<FreelanceClientProxy>('MATH');
    expect(client).toBeInstanceOf(FreelanceClientProxy);
    expect(await sum(client)).toBe(3);
    await app.close();
    expect(client.stats().endpoints).toEqual({});
  }
});

test('connect rejects with ECONNREFUSED if no server answers, and the next call tries again', async () => {
  const endpoint = await freeEndpoint();
  using client = connectTo([endpoint], QUICK);
  await expect(client.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(sum(client)).rejects.toThrow(endpoint);
  await using server = await serve([MathController], { bind: endpoint });
  // 300 ms may be too short for a probe and its handshake on a busy machine.
  expect(await eventually(() => sum(client))).toBe(3);
  expect(server.strategy.stats().accepted).toBe(1);
});

test('the error names a host that does not exist', async () => {
  using client = connectTo(['tcp://no-such-host.invalid:5555'], QUICK);
  await expect(client.connect()).rejects.toThrow('no-such-host.invalid');
});

test('status and events report servers that come, go and return', async () => {
  const endpoint = await freeEndpoint();
  using client = connectTo([endpoint], QUICK);
  const told: string[] = [];
  client.on('up', (server) => told.push(`up ${server}`));
  client.on('down', (server, reason) => told.push(`down ${server} ${reason}`));
  const statuses: string[] = [];
  client.status.subscribe((status) => statuses.push(status));
  const first = await serve([MathController], { bind: endpoint });
  await client.connect();
  await first[Symbol.asyncDispose]();
  await eventually(() => expect(told).toHaveLength(2));
  await using second = await serve([MathController], { bind: endpoint });
  await eventually(() => expect(told).toHaveLength(3));
  expect(second.strategy.stats().accepted).toBe(0);
  expect(told).toEqual([
    `up ${endpoint}`,
    `down ${endpoint} the connection was closed`,
    `up ${endpoint}`,
  ]);
  expect(statuses).toEqual(['connected', 'disconnected', 'connected']);
});

test('stats report every server', async () => {
  const nobody = await freeEndpoint();
  await using server = await serve([MathController], { serverId: 'the math server' });
  const [somebody = ''] = server.endpoints;
  using client = connectTo([somebody, nobody]);
  await sum(client);
  await eventually(() => expect(client.stats().endpoints[nobody]?.state).toBe('dead'));
  const { endpoints, pending } = client.stats();
  expect(pending).toBe(0);
  expect(endpoints[nobody]).toMatchObject({ latencyMs: undefined, lastSeenMs: undefined });
  expect(endpoints[somebody]).toMatchObject({
    serverId: 'the math server',
    state: 'alive',
    failures: 0,
    pending: 0,
    dialect: 'negotiated',
  });
  expect(endpoints[somebody]?.latencyMs).toBeGreaterThan(0);
  expect(endpoints[somebody]?.lastSeenMs).toBeGreaterThanOrEqual(0);
});

test('endpoints can be added and removed while the client runs', async () => {
  await using first = await serve([MathController]);
  await using second = await serve([MathController]);
  const [before = ''] = first.endpoints;
  const [after = ''] = second.endpoints;
  using client = connectTo([before]);
  expect(await sum(client)).toBe(3);
  client.addEndpoint(after);
  client.removeEndpoint(before);
  expect(await sum(client)).toBe(3);
  expect(Object.keys(client.stats().endpoints)).toEqual([after]);
  expect(() => client.addEndpoint('localhost')).toThrow(FreelanceError);
  expect(second.strategy.stats().accepted).toBe(1);
});

test('close fails open calls with CLOSED, and connect works again afterwards', async () => {
  await using server = await serve([MathController]);
  using client = connectTo(server.endpoints);
  await client.connect();
  const open = firstValueFrom(client.send('never', {}));
  await eventually(() => expect(server.strategy.stats().running).toBe(1));
  client.close();
  client.close();
  await expect(open).rejects.toMatchObject({ code: 'CLOSED' });
  expect(await sum(client)).toBe(3);
});

test('a call without an answer in time fails with ETIMEDOUT and names the server that was asked', async () => {
  await using server = await serve([MathController]);
  using client = connectTo(server.endpoints, { requestTimeout: 50, maxAttempts: 2 });
  const call = firstValueFrom(client.send('never', {}));
  await expect(call).rejects.toMatchObject({
    code: 'ETIMEDOUT',
    attempts: [
      {
        endpoint: server.endpoints[0],
        outcome: expect.stringMatching(/^no answer within \d+ ms$/),
      },
    ],
    mayHaveRun: 1,
  });
});

test.each(['round-robin', 'p2c'] as const)(
  '%s spreads calls over the servers',
  async (balancer) => {
    await using one = await serve([MathController]);
    await using two = await serve([MathController]);
    using client = connectTo([...one.endpoints, ...two.endpoints], { balancer });
    await client.connect();
    await eventually(() => {
      const states = Object.values(client.stats().endpoints).map(({ state }) => state);
      expect(states).toEqual(['alive', 'alive']);
    });
    await Promise.all(Array.from({ length: 200 }, () => sum(client)));
    const accepted = [one, two].map(({ strategy }) => strategy.stats().accepted);
    expect(accepted[0]).toBeGreaterThan(20);
    expect(accepted[1]).toBeGreaterThan(20);
  },
);

test('a custom balancer decides', async () => {
  await using one = await serve([MathController]);
  await using two = await serve([MathController]);
  const [favourite = ''] = two.endpoints;
  using client = connectTo([...one.endpoints, favourite], {
    balancer: {
      pick: (servers) => servers.find(({ endpoint }) => endpoint === favourite) ?? servers[0],
    },
  });
  await eventually(async () => {
    await client.connect();
    expect(client.stats().endpoints[favourite]?.state).toBe('alive');
  });
  await Promise.all(Array.from({ length: 20 }, () => sum(client)));
  expect(two.strategy.stats().accepted).toBe(20);
});

test('a call is answered by the server that its balancer picked and removed', async () => {
  await using server = await serve([MathController]);
  const [endpoint = ''] = server.endpoints;
  using client: FreelanceClientProxy = connectTo([endpoint], {
    balancer: {
      pick: (servers) => {
        client.removeEndpoint(endpoint);
        return servers[0];
      },
    },
  });
  await expect(sum(client)).resolves.toBe(3);
  expect(client.stats()).toMatchObject({ pending: 0, endpoints: {} });
});

test('a listener that throws fails no call', async () => {
  const thrown: unknown[] = [];
  const handlers = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error));
  try {
    await using server = await serve([MathController]);
    using client = connectTo(server.endpoints);
    client.on('up', () => {
      throw new Error("the listener's fault");
    });
    expect(await sum(client)).toBe(3);
    expect(await sum(client)).toBe(3);
    expect(thrown).toEqual([]);
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const handler of handlers) process.on('uncaughtException', handler);
  }
});

test('IPv6 addresses work', async ({ skip }) => {
  const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === '::1'),
  );
  skip(!hasIpv6, 'this machine has no IPv6');
  await using server = await serve([MathController], { bind: 'tcp://[::1]:*' });
  expect(server.endpoints[0]).toMatch(/^tcp:\/\/\[::1\]:\d+$/);
  using client = connectTo(server.endpoints);
  expect(await sum(client)).toBe(3);
});

// In one thread, clients reach only servers of the same engine.
test.each([
  ['ipc', undefined],
  ['inproc', 'node'],
  ['inproc', 'libzmq'],
] as const)('%s addresses work as tcp ones do (engine: %s)', async (protocol, engine) => {
  // libzmq leaves the file of an ipc socket behind.
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-freelance-'));
  try {
    const bind = [`${protocol}://${join(folder, 'server')}`, 'tcp://127.0.0.1:*'];
    await using server = await serve([MathController], { bind, engine });
    expect(server.endpoints).toHaveLength(2);
    for (const endpoint of server.endpoints) {
      using client = connectTo([endpoint], { engine });
      expect(await sum(client)).toBe(3);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
