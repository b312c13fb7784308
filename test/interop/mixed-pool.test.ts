import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { Child } from '../support/child.js';
import { Load } from '../support/load.js';
import { connectTo } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { describeWithPython, type OlderDialect, startServer } from './python.js';

/** Fast heartbeats, so that failures are detected quickly; three servers may be lost at once. */
const OPTIONS = { heartbeatInterval: 200, heartbeatTimeout: 1500, maxAttempts: 4 };
const CALLS_IN_FLIGHT = 32;

/** A server as the client sees it: an address at which one process replaces another. */
interface Address {
  readonly id: string;
  readonly endpoint: string;
  readonly dialect: OlderDialect | 'negotiated';
}

async function start({ id, endpoint, dialect }: Address): Promise<Child> {
  if (dialect !== 'negotiated') return (await startServer(dialect, id, endpoint)).child;
  const child = Child.node('math-server', endpoint, id);
  await child.nextLine();
  return child;
}

describeWithPython('a pool of Nest and Python servers under steady load', () => {
  let addresses: Address[];
  let processes: Map<Address, Child>;
  let client: ReturnType<typeof connectTo>;
  let load: Load;

  const statsOf = ({ endpoint }: Address) => client.stats().endpoints[endpoint];
  const addressOf = (id: string) => {
    const address = addresses.find((each) => each.id === id);
    if (!address) throw new Error(`there is no server ${id}`);
    return address;
  };
  const processOf = (address: Address) => {
    const child = processes.get(address);
    if (!child) throw new Error(`no process serves ${address.id}`);
    return child;
  };

  beforeEach(async () => {
    addresses = [
      { id: 'nest one', endpoint: await freeEndpoint(), dialect: 'negotiated' },
      { id: 'nest two', endpoint: await freeEndpoint(), dialect: 'negotiated' },
      { id: 'basic', endpoint: await freeEndpoint(), dialect: 'basic' },
      { id: 'tracked', endpoint: await freeEndpoint(), dialect: 'tracked' },
      { id: 'guide', endpoint: await freeEndpoint(), dialect: 'guide' },
    ];
    processes = new Map(
      await Promise.all(addresses.map(async (address) => [address, await start(address)] as const)),
    );
    client = connectTo(
      addresses.map(({ endpoint, dialect }) =>
        dialect === 'guide' ? { endpoint, dialect } : endpoint,
      ),
      OPTIONS,
    );
    load = new Load(client, CALLS_IN_FLIGHT);
    await eventually(() => expect(load.latest(500).size).toBe(5));
  });

  afterEach(async () => {
    client.close();
    await load.end();
    await Promise.all([...processes.values()].map((child) => child.kill()));
  });

  /** Kills the server while it has calls, waits until others answer them, and restarts it. */
  async function replace(address: Address): Promise<void> {
    await eventually(() => expect(statsOf(address)?.pending).toBeGreaterThan(0));
    await processOf(address).kill();
    await eventually(() => expect(statsOf(address)?.state).toBe('dead'));
    await load.more(200);
    expect(load.latest(200)).not.toContain(address.id);
    processes.set(address, await start(address));
  }

  /** Resolves once the server has answered a call made after this moment. */
  async function isUsed({ id }: Address): Promise<void> {
    const before = load.answers.length;
    await eventually(() =>
      expect(load.answers.slice(before).map(({ serverId }) => serverId)).toContain(id),
    );
  }

  /** A server may be suspect for a moment: this machine may be busy. */
  const isAlive = ({ endpoint, dialect }: Address) =>
    eventually(() =>
      expect(client.stats().endpoints[endpoint]).toMatchObject({ state: 'alive', dialect }),
    );

  test('each server is addressed in its own dialect, and all are used', async () => {
    for (const address of addresses) {
      await isAlive(address);
      expect(statsOf(address)?.latencyMs).toBeGreaterThan(0);
    }
    await load.end();
    expect(load.failures).toEqual([]);
  });

  test.each(['basic', 'tracked', 'guide', 'nest one'])(
    'the server "%s" is killed and returns: no call fails, and it is used again',
    async (id) => {
      const address = addressOf(id);
      await replace(address);
      await isUsed(address);
      await isAlive(address);
      await load.end();
      expect(load.failures).toEqual([]);
      expect(client.stats().pending).toBe(0);
    },
  );

  test('all Python servers and a Nest server are killed at once and return, and no call fails', async () => {
    const victims = ['basic', 'tracked', 'guide', 'nest one'].map(addressOf);
    await Promise.all(victims.map((address) => processOf(address).kill()));
    await load.more(500);
    expect([...load.latest(200)]).toEqual(['nest two']);
    for (const address of victims) processes.set(address, await start(address));
    for (const address of victims) await isUsed(address);
    await load.end();
    expect(load.failures).toEqual([]);
  });
});
