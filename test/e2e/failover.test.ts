import { FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Child } from '../support/child.js';
import { Load } from '../support/load.js';
import { connectTo } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

/** Fast heartbeats, so that silence is detected quickly. */
const QUICK = { heartbeatInterval: 200, heartbeatTimeout: 1000 };

interface ServerProcess {
  readonly id: string;
  readonly endpoint: string;
  child: Child;
}

async function start(id: string, endpoint: string): Promise<Child> {
  const child = Child.node('math-server', endpoint, id);
  await child.nextLine();
  return child;
}

async function startAnywhere(id: string): Promise<ServerProcess> {
  const endpoint = await freeEndpoint();
  return { id, endpoint, child: await start(id, endpoint) };
}

describe('three servers under steady load', () => {
  let servers: ServerProcess[];
  let victim: ServerProcess;
  let client: ReturnType<typeof connectTo>;
  let load: Load;

  const stateOf = ({ endpoint }: ServerProcess) => client.stats().endpoints[endpoint]?.state;
  const isUsedAgain = () => eventually(() => expect(load.latest(200)).toContain(victim.id));

  beforeEach(async () => {
    servers = await Promise.all(['one', 'two', 'three'].map(startAnywhere));
    [victim] = servers as [ServerProcess];
    client = connectTo(
      servers.map(({ endpoint }) => endpoint),
      QUICK,
    );
    load = new Load(client, 64);
    await eventually(() => expect(load.latest(200).size).toBe(3));
  });

  afterEach(async () => {
    client.close();
    await load.end();
    await Promise.all(servers.map(({ child }) => child.kill()));
  });

  test('a killed server that restarts fails no call and is used again', async () => {
    for (let round = 0; round < 3; round++) {
      await victim.child.kill();
      await load.more(500);
      expect(stateOf(victim)).toBe('dead');
      victim.child = await start(victim.id, victim.endpoint);
      await isUsedAgain();
    }
    await load.end();
    expect(load.failures).toEqual([]);
    expect(load.answers.filter(({ attempt }) => attempt > 1).length).toBeGreaterThan(0);
  });

  test('a frozen server loses its calls to others and is used again', async () => {
    victim.child.signal('SIGSTOP');
    await eventually(() => expect(stateOf(victim)).toBe('dead'));
    await load.more(500);
    expect(load.latest(200)).not.toContain(victim.id);
    victim.child.signal('SIGCONT');
    await isUsedAgain();
    await load.end();
    expect(load.failures).toEqual([]);
  });

  test('a server with a blocked event loop loses its calls to others', async () => {
    using other = connectTo([victim.endpoint], { requestTimeout: 10_000 });
    const blocked = firstValueFrom(
      other.send('block', new FreelanceRecordBuilder(2500).setIdempotent(false).build()),
    ).catch((error: unknown) => error);
    await eventually(() => expect(stateOf(victim)).toBe('dead'));
    await load.more(500);
    await isUsedAgain();
    await load.end();
    expect(load.failures).toEqual([]);
    await blocked;
  });
});

test('a restarted server does not run calls made to its former process', async () => {
  const server = await startAnywhere('phoenix');
  const once = <T>(pattern: string, data: unknown) =>
    firstValueFrom(
      client.send<T>(pattern, new FreelanceRecordBuilder(data).setIdempotent(false).build()),
    );
  using client = connectTo([server.endpoint], QUICK);
  await client.connect();
  const slow = Array.from({ length: 20 }, () => once('echo', { value: 1, ms: 60_000 }));
  const outcomes = Promise.allSettled(slow);
  await eventually(() => expect(client.stats().endpoints[server.endpoint]?.pending).toBe(20));
  await server.child.kill();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ECONNRESET' } });
  }
  server.child = await start(server.id, server.endpoint);
  expect(await once('accepted', {})).toBe(0);
  await server.child.kill();
});

test('calls made while every server is down are answered when one returns', async () => {
  const server = await startAnywhere('only');
  // Starting a process takes longer on a busy machine.
  using client = connectTo([server.endpoint], { ...QUICK, connectTimeout: 120_000 });
  expect(await firstValueFrom(client.send('sum', [1, 2]))).toBe(3);
  await server.child.kill();
  const [child, ...answers] = await Promise.all([
    start(server.id, server.endpoint),
    ...[1, 2, 3].map((n) => firstValueFrom(client.send<number>('sum', [n, n]))),
  ]);
  server.child = child;
  expect(answers).toEqual([2, 4, 6]);
  await server.child.kill();
});
