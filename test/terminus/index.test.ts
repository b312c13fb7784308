import { HealthIndicatorService } from '@nestjs/terminus';
import { describe, expect, test } from 'vitest';
import type { ClientStats } from '../../lib/agents/client/client-stats.js';
import type { HealthState } from '../../lib/core/health.js';
import type { FreelanceClientProxy, FreelanceTransportServer } from '../../lib/index.js';
import { type ClientHealthOptions, FreelanceHealthIndicator } from '../../lib/terminus/index.js';
import { endpointStats, StatedClient, StatedServer } from '../support/stats.js';

const indicator = () => new FreelanceHealthIndicator(new HealthIndicatorService());

/** A client with servers in these states, which does not really connect. */
class ClientOf extends StatedClient {
  connects = 0;

  constructor(...states: HealthState[]) {
    super();
    const endpoints: ClientStats['endpoints'] = {};
    for (const [at, state] of states.entries())
      endpoints[`tcp://10.0.0.${at}:1`] = endpointStats({
        state,
        serverId: `server-${at}`,
        zone: `zone-${at}`,
        service: 'stock',
        name: 'stock.shop.svc',
        heartbeatLatencyMs: 2.0290100000001985,
        lastSeenMs: 299.50877849999,
      });
    this.stated = { endpoints };
  }

  override connect(): Promise<void> {
    this.connects++;
    return Promise.reject(new Error('no server has answered'));
  }
}

const check = (client: FreelanceClientProxy, options?: ClientHealthOptions) =>
  indicator().isHealthy('inventory', client, options).inventory;

describe('isHealthy', () => {
  test('is up while a server is alive, and tells of each what the client knows', () => {
    expect(check(new ClientOf('alive', 'dead'))).toEqual({
      status: 'up',
      alive: 1,
      minAlive: 1,
      servers: {
        'tcp://10.0.0.0:1': {
          state: 'alive',
          serverId: 'server-0',
          zone: 'zone-0',
          service: 'stock',
          name: 'stock.shop.svc',
          heartbeatLatencyMs: 2.03,
          lastSeenMs: 300,
        },
        'tcp://10.0.0.1:1': {
          state: 'dead',
          serverId: 'server-1',
          zone: 'zone-1',
          service: 'stock',
          name: 'stock.shop.svc',
          heartbeatLatencyMs: 2.03,
          lastSeenMs: 300,
        },
      },
    });
  });

  test('is down with fewer servers alive than minAlive, and says so', () => {
    expect(check(new ClientOf('alive', 'suspect', 'draining'), { minAlive: 2 })).toMatchObject({
      status: 'down',
      message: '1 of 3 servers are alive, and 2 must be.',
      alive: 1,
      minAlive: 2,
    });
    expect(check(new ClientOf('alive', 'alive', 'dead'), { minAlive: 2 })).toMatchObject({
      status: 'up',
    });
  });

  test.each<HealthState>(['connecting', 'suspect', 'draining', 'dead'])(
    'does not count a server that is %s',
    (state) => {
      expect(check(new ClientOf(state)).status).toBe('down');
    },
  );

  test('says if minAlive can never be reached', () => {
    expect(check(new ClientOf('alive'), { minAlive: 3 })).toMatchObject({
      status: 'down',
      message:
        'The client watches 1 of the 3 servers that must be alive: lower minAlive, or add endpoints.',
    });
  });

  test('says if the client has no connections', () => {
    expect(check(new ClientOf())).toMatchObject({
      status: 'down',
      message: 'The client is not connected: it was closed, or has no endpoints.',
      servers: {},
    });
  });

  test('has the client connect once, so that it need not wait for a call, and a closed one stays closed', async () => {
    const client = new ClientOf();
    const health = indicator();
    health.isHealthy('inventory', client);
    health.isHealthy('inventory', client);
    // That connect() fails harms nobody.
    await Promise.resolve();
    expect(client.connects).toBe(1);
  });

  test('shows at most 100 servers, first those that are not alive', () => {
    const states = Array.from({ length: 150 }, (_, at): HealthState =>
      at >= 140 ? 'dead' : 'alive',
    );
    const { servers, moreServers, alive } = check(new ClientOf(...states));
    expect(alive).toBe(140);
    expect(moreServers).toBe(50);
    const shown = Object.values(servers as Record<string, { state: string }>);
    expect(shown).toHaveLength(100);
    expect(shown.slice(0, 11).map(({ state }) => state)).toEqual([
      ...Array(10).fill('dead'),
      'alive',
    ]);
  });

  test.each<[what: string, client: unknown, options: unknown, error: string]>([
    ['no client', undefined, {}, 'isHealthy takes a FreelanceClientProxy, but got undefined'],
    ['a server', new StatedServer(), {}, 'but got an object of the class StatedServer'],
    ['minAlive: 0', new ClientOf(), { minAlive: 0 }, 'minAlive must be a whole number, at least 1'],
    ['minAlive: 1.5', new ClientOf(), { minAlive: 1.5 }, 'minAlive must be a whole number'],
    ['an unknown option', new ClientOf(), { min: 1 }, 'there is no option "min"'],
  ])('refuses %s', (_, client, options, error) => {
    expect(() => check(client as FreelanceClientProxy, options as ClientHealthOptions)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTIONS', message: expect.stringContaining(error) }),
    );
  });
});

describe('isServing', () => {
  test('is down while the server does not listen', async () => {
    expect(await indicator().isServing('orders', new StatedServer())).toMatchObject({
      orders: { status: 'down', endpoints: [], message: expect.stringMatching(/does not listen/) },
    });
  });

  test('refuses what is no server', async () => {
    const client = new ClientOf() as unknown as FreelanceTransportServer;
    await expect(indicator().isServing('orders', client)).rejects.toMatchObject({
      code: 'BAD_OPTIONS',
      message: expect.stringContaining('isServing takes a FreelanceTransportServer'),
    });
  });
});
