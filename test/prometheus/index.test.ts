import { readFileSync } from 'node:fs';
import {
  AggregatorRegistry,
  Counter,
  type OpenMetricsContentType,
  register,
  Registry,
} from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { CLIENT_METRICS } from '../../lib/prometheus/client-metrics.js';
import { freelanceCollector, type FreelanceCollectorOptions } from '../../lib/prometheus/index.js';
import { SERVER_METRICS } from '../../lib/prometheus/server-metrics.js';
import { type Family, readExposition, readOpenMetrics } from '../support/exposition.js';
import {
  clientCalls,
  endpointStats,
  serverCalls,
  StatedClient,
  StatedServer,
} from '../support/stats.js';

const scrape = async (registry: Registry) => readExposition(await registry.metrics());

/** The samples of a metric, each as its labels and its value. */
const samplesOf = (families: Map<string, Family>, name: string) =>
  families.get(name)?.samples.map(({ labels, value }) => [labels, value] as const);

/** A registry with one client and one server. */
async function collected(
  client: ConstructorParameters<typeof StatedClient>[0] = {},
  server: ConstructorParameters<typeof StatedServer>[0] = {},
) {
  const registry = new Registry();
  freelanceCollector({
    registry,
    clients: { inventory: new StatedClient(client) },
    servers: { orders: new StatedServer(server) },
  });
  return scrape(registry);
}

describe('what is scraped', () => {
  test('of a client: calls, errors by kind and durations, by pattern', async () => {
    const metrics = await collected({
      patterns: { sum: clientCalls([0.2, 30, 20_000], ['ETIMEDOUT', 'HANDLER', 'HANDLER']) },
    });
    const labels = { client: 'inventory', pattern: 'sum' };
    expect(samplesOf(metrics, 'freelance_client_calls_total')).toEqual([[labels, 6]]);
    expect(samplesOf(metrics, 'freelance_client_call_errors_total')).toEqual([
      [{ ...labels, error: 'ETIMEDOUT' }, 1],
      [{ ...labels, error: 'HANDLER' }, 2],
    ]);
    const duration = metrics.get('freelance_client_call_duration_seconds');
    const buckets = duration?.samples.filter(({ name }) => name.endsWith('_bucket')) ?? [];
    expect(buckets.map(({ labels: { le }, value }) => `${le}: ${value}`)).toEqual([
      '0.00025: 1',
      '0.0005: 1',
      '0.001: 4',
      '0.0025: 4',
      '0.005: 4',
      '0.01: 4',
      '0.025: 4',
      '0.05: 5',
      '0.1: 5',
      '0.25: 5',
      '0.5: 5',
      '1: 5',
      '2.5: 5',
      '5: 5',
      '10: 5',
      '+Inf: 6',
    ]);
    const sum = duration?.samples.find(({ name }) => name.endsWith('_sum'));
    expect(sum?.value).toBeCloseTo(20.0332, 9);
  });

  test('of a client: each server, and its attempts by their reason', async () => {
    const metrics = await collected({
      endpoints: {
        'tcp://a:1': endpointStats({
          ...clientCalls([1, 2, 3, 4], ['ECONNRESET']),
          retried: 1,
          moved: 2,
          heartbeatLatencyMs: 1.5,
          pending: 7,
          refused: 3,
          ejections: 2,
          bytesSent: 11,
          bytesReceived: 12,
        }),
        'tcp://b:1': endpointStats({ state: 'dead' }),
      },
    });
    const [a, b] = ['tcp://a:1', 'tcp://b:1'].map((endpoint) => ({
      client: 'inventory',
      endpoint,
    }));
    expect(samplesOf(metrics, 'freelance_client_attempts_total')).toEqual([
      [{ ...a, reason: 'first' }, 2],
      [{ ...a, reason: 'move' }, 2],
      [{ ...a, reason: 'retry' }, 1],
      [{ ...a, reason: 'hedge' }, 0],
      [{ ...b, reason: 'first' }, 0],
      [{ ...b, reason: 'move' }, 0],
      [{ ...b, reason: 'retry' }, 0],
      [{ ...b, reason: 'hedge' }, 0],
    ]);
    const ofBoth = (name: string) => samplesOf(metrics, `freelance_client_${name}`);
    expect(ofBoth('attempt_errors_total')).toEqual([[{ ...a, error: 'ECONNRESET' }, 1]]);
    expect(ofBoth('attempts_refused_total')).toEqual([
      [a, 3],
      [b, 0],
    ]);
    expect(ofBoth('pending_attempts')).toEqual([
      [a, 7],
      [b, 0],
    ]);
    expect(ofBoth('ejections_total')).toEqual([
      [a, 2],
      [b, 0],
    ]);
    expect(ofBoth('endpoint_alive')).toEqual([
      [a, 1],
      [b, 0],
    ]);
    expect(ofBoth('sent_bytes_total')?.[0]).toEqual([a, 11]);
    expect(ofBoth('received_bytes_total')?.[0]).toEqual([a, 12]);
    expect(ofBoth('heartbeat_latency_seconds')).toEqual([[a, 0.0015]]);
    const client = 'inventory';
    expect(ofBoth('servers')).toEqual([
      [{ client, state: 'connecting' }, 0],
      [{ client, state: 'alive' }, 1],
      [{ client, state: 'suspect' }, 0],
      [{ client, state: 'draining' }, 0],
      [{ client, state: 'dead' }, 1],
    ]);
  });

  test('of a client: retries, moves and hedges, what is open, its budget, and what it dropped', async () => {
    const metrics = await collected({
      patterns: { sum: { ...clientCalls([1]), retried: 1, moved: 2, hedged: 3, cancelled: 4 } },
      hedges: { sent: 3, won: 2 },
      pending: 5,
      retryBudget: 6.5,
      panics: 7,
      unwatched: ['tcp://c:1'],
      dropped: { 'unknown-pong': 8 },
    });
    const one = (name: string) => samplesOf(metrics, `freelance_client_${name}`)?.[0]?.[1];
    expect(one('retries_total')).toBe(1);
    expect(one('moves_total')).toBe(2);
    expect(one('hedges_total')).toBe(3);
    expect(one('hedges_won_total')).toBe(2);
    expect(one('calls_cancelled_total')).toBe(4);
    expect(one('pending_calls')).toBe(5);
    expect(one('retry_budget_tokens')).toBe(6.5);
    expect(one('panic_attempts_total')).toBe(7);
    expect(one('unwatched_servers')).toBe(1);
    expect(samplesOf(metrics, 'freelance_client_dropped_messages_total')).toEqual([
      [{ client: 'inventory', reason: 'unknown-pong' }, 8],
    ]);
  });

  test('of a client: what its discovery names, and whether that fails; nothing without one', async () => {
    const discovery = {
      name: 'dns',
      servers: 3,
      lastSetMs: 1,
      lastChangeMs: 1,
      lastErrorMs: 1,
      lastError: 'SERVFAIL',
      isFailing: true,
    };
    const metrics = await collected({ discovery });
    const client = 'inventory';
    expect(samplesOf(metrics, 'freelance_client_discovered_servers')).toEqual([[{ client }, 3]]);
    expect(samplesOf(metrics, 'freelance_client_discovery_failing')).toEqual([[{ client }, 1]]);
    const without = await collected({ discovery: undefined });
    expect(samplesOf(without, 'freelance_client_discovered_servers')).toEqual([]);
  });

  test('of a client: what part of its calls goes where, by priority and zone', async () => {
    const priorities = [
      { priority: 0, share: 0.5, localShare: 0.25 },
      { priority: 7, share: 0.5, localShare: 1 },
    ];
    const shares = async (stats: Parameters<typeof collected>[0]) =>
      samplesOf(await collected(stats), 'freelance_client_call_share_ratio')?.map(
        ([{ priority, zone = 'any' }, value]) => `${priority} ${zone} ${value}`,
      );
    expect(await shares({ priorities, zone: 'eu-1a' })).toEqual([
      '0 local 0.125',
      '0 remote 0.375',
      '7 local 0.5',
      '7 remote 0',
    ]);
    expect(await shares({ priorities })).toEqual(['0 any 0.5', '7 any 0.5']);
    expect(await shares({ priorities: [], zone: 'eu-1a' })).toEqual([]);
  });

  test('of a client: at most ten priorities, and the sum of all others', async () => {
    const many = Array.from({ length: 1000 }, (_, priority) => ({
      priority,
      share: 1 / 1000,
      localShare: 0.5,
    }));
    const metrics = await collected({ priorities: many, zone: 'eu-1a' });
    const shares = samplesOf(metrics, 'freelance_client_call_share_ratio') ?? [];
    expect(shares).toHaveLength(22);
    expect(shares.at(-1)?.[0]).toMatchObject({ priority: '_OTHER', zone: 'remote' });
    expect(shares.at(-1)?.[1]).toBeCloseTo(0.495);
    expect(shares.reduce((sum, [, value]) => sum + value, 0)).toBeCloseTo(1);
  });

  test('of a server: its calls by pattern, what runs and waits, and what it refused', async () => {
    const metrics = await collected(
      {},
      {
        patterns: { sum: { ...serverCalls([1, 2], ['HANDLER']), cancelled: 2 } },
        otherPatterns: serverCalls([], ['NO_HANDLER']),
        running: 3,
        queued: 4,
        lingering: 1,
        clients: 5,
        keys: 2,
        isDraining: true,
        refused: { busy: 6, draining: 7 },
        refusedPerClient: 2,
        events: 8,
        replayed: 9,
        evicted: 10,
        unauthorized: 11,
        introspections: 14,
        bytesSent: 15,
        bytesReceived: 16,
        undelivered: 12,
        dropped: { 'no-delimiter': 13 },
      },
    );
    const of = (name: string) =>
      samplesOf(metrics, `freelance_server_${name}`)?.map(([labels, value]) => {
        const { server, ...others } = labels;
        expect(server).toBe('orders');
        return [...Object.values(others), value].join(' ');
      });
    expect(of('calls_total')).toEqual(['sum 3', '_OTHER 1']);
    expect(of('call_errors_total')).toEqual(['sum HANDLER 1', '_OTHER NO_HANDLER 1']);
    expect(of('calls_abandoned_total')).toEqual(['sum 2', '_OTHER 0']);
    expect(of('running_calls')).toEqual(['3']);
    expect(of('queued_calls')).toEqual(['4']);
    expect(of('lingering_calls')).toEqual(['1']);
    expect(of('clients')).toEqual(['5']);
    expect(of('client_keys')).toEqual(['2']);
    expect(of('draining')).toEqual(['1']);
    expect(of('refused_calls_total')).toEqual(['busy 6', 'draining 7']);
    expect(of('calls_refused_per_client_total')).toEqual(['2']);
    expect(of('events_total')).toEqual(['8']);
    expect(of('replayed_calls_total')).toEqual(['9']);
    expect(of('evicted_clients_total')).toEqual(['10']);
    expect(of('unauthorized_connections_total')).toEqual(['11']);
    expect(of('undelivered_messages_total')).toEqual(['12']);
    expect(of('dropped_messages_total')).toEqual(['no-delimiter 13']);
    expect(of('introspections_total')).toEqual(['14']);
    expect(of('sent_bytes_total')).toEqual(['15']);
    expect(of('received_bytes_total')).toEqual(['16']);
  });

  test('patterns of any text are label values, and one named _OTHER is not the sum of others', async () => {
    const patterns = ['{"cmd":"sum"}', 'a "quoted" \\ back\nslash', '_OTHER', 'é'];
    const metrics = await collected({
      patterns: Object.fromEntries(patterns.map((name) => [name, clientCalls([1])])),
      otherPatterns: clientCalls([1, 1]),
    });
    const samples = metrics.get('freelance_client_calls_total')?.samples;
    expect(samples?.map(({ labels, value }) => [labels['pattern'], value])).toEqual([
      ['{"cmd":"sum"}', 1],
      ['a "quoted" \\ back\nslash', 1],
      ['"_OTHER"', 1],
      ['é', 1],
      ['_OTHER', 2],
    ]);
  });

  test('patterns that are no well-formed text stay apart', async () => {
    const metrics = await collected({
      patterns: { '\uD800': clientCalls([1]), '\uD801': clientCalls([1]) },
    });
    const samples = metrics.get('freelance_client_calls_total')?.samples;
    expect(samples?.map(({ labels }) => Buffer.from(labels['pattern'] ?? '').toString())).toEqual([
      String.raw`"\ud800"`,
      String.raw`"\ud801"`,
    ]);
  });

  test('of a client that never connected, or was closed: zeros, and no server', async () => {
    const metrics = await collected();
    expect(samplesOf(metrics, 'freelance_client_pending_calls')).toEqual([
      [{ client: 'inventory' }, 0],
    ]);
    expect(metrics.get('freelance_client_calls_total')?.samples).toEqual([]);
    expect(metrics.get('freelance_client_servers')?.samples).toHaveLength(5);
  });

  test('has help for each metric that says what it counts', async () => {
    for (const { help } of (await collected()).values()) expect(help).toMatch(/^[A-Z0-9].{15,}\.$/);
  });
});

test('docs/prometheus.md lists each metric with its type', () => {
  const page = readFileSync(new URL('../../docs/prometheus.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| `(freelance_\w+)` +\| (\w+) /gm);
  const listed = Array.from(rows, ([, name, type]) => `${name} ${type}`);
  const metrics = [...CLIENT_METRICS, ...SERVER_METRICS].map(({ name, type }) => `${name} ${type}`);
  expect(listed.toSorted()).toEqual(metrics.toSorted());
});

describe('the formats of prom-client', () => {
  const patterns = { sum: clientCalls([1, 2], ['HANDLER']) };

  test('OpenMetrics has the same metrics', async () => {
    const classic = await collected({ patterns });
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    freelanceCollector({
      registry,
      clients: { inventory: new StatedClient({ patterns }) },
      servers: { orders: new StatedServer() },
    });
    for (let scrapes = 0; scrapes < 2; scrapes++)
      expect(readOpenMetrics(await registry.metrics())).toEqual(classic);
  });

  test('default labels of the registry are added, and do not replace ours', async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ zone: 'a', pattern: 'default' });
    freelanceCollector({ registry, clients: { inventory: new StatedClient({ patterns }) } });
    expect(samplesOf(await scrape(registry), 'freelance_client_calls_total')).toEqual([
      [{ zone: 'a', client: 'inventory', pattern: 'sum' }, 3],
    ]);
  });

  test('workers of a cluster are added up from their JSON', async () => {
    const ofWorkers = await Promise.all(
      [1, 2].map(() => {
        const registry = new Registry();
        const endpoints = { 'tcp://a:1': endpointStats({ heartbeatLatencyMs: 4 }) };
        freelanceCollector({ registry, clients: { c: new StatedClient({ patterns, endpoints }) } });
        return registry.getMetricsAsJSON();
      }),
    );
    // As they come from a worker: its messages are JSON.
    const received = JSON.parse(JSON.stringify(ofWorkers)) as object[];
    const text = await AggregatorRegistry.aggregate(received).metrics();
    const metrics = readExposition(text);
    const labels = { client: 'c', pattern: 'sum' };
    expect(samplesOf(metrics, 'freelance_client_calls_total')).toEqual([[labels, 6]]);
    const duration = metrics.get('freelance_client_call_duration_seconds')?.samples;
    expect(duration?.find(({ name }) => name.endsWith('_count'))?.value).toBe(6);
    // A sum of latencies would be no latency.
    expect(metrics.get('freelance_client_heartbeat_latency_seconds')?.samples[0]?.value).toBe(
      0.004,
    );
  });

  test('resetMetrics() changes nothing: clients count on', async () => {
    const registry = new Registry();
    freelanceCollector({ registry, clients: { inventory: new StatedClient({ patterns }) } });
    const before = await registry.metrics();
    registry.resetMetrics();
    expect(await registry.metrics()).toBe(before);
  });
});

describe('a scrape', () => {
  test('asks each client once for all of its metrics, and none between two scrapes', async () => {
    const registry = new Registry();
    const client = new StatedClient();
    freelanceCollector({ registry, clients: { inventory: client } });
    expect(client.asked).toBe(0);
    await registry.metrics();
    expect(client.asked).toBe(1);
    await registry.metrics();
    await registry.getMetricsAsJSON();
    expect(client.asked).toBe(3);
  });
});

describe('several collectors of one registry', () => {
  const named = async (registry: Registry) =>
    samplesOf(await scrape(registry), 'freelance_client_pending_calls')?.map(
      ([labels]) => labels['client'],
    );

  test('add up, as each module of an application may have one', async () => {
    const registry = new Registry();
    const first = freelanceCollector({ registry, clients: { a: new StatedClient() } });
    const second = freelanceCollector({ registry, clients: { b: new StatedClient() } });
    expect(await named(registry)).toEqual(['a', 'b']);
    first.stop();
    first.stop();
    expect(await named(registry)).toEqual(['b']);
    second.stop();
    expect(await registry.metrics()).toBe('\n');
  });

  test('cannot share a name, until the one that has it stops', async () => {
    const registry = new Registry();
    const first = freelanceCollector({ registry, clients: { a: new StatedClient() } });
    const again = () => freelanceCollector({ registry, clients: { a: new StatedClient() } });
    expect(again).toThrow(/collects a client named "a" already. Call stop\(\)/);
    freelanceCollector({ registry, clients: { b: new StatedClient() } });
    first.stop();
    again();
    expect(await named(registry)).toEqual(['b', 'a']);
    // The first one is over: it must not end the second.
    first.stop();
    expect(await named(registry)).toEqual(['b', 'a']);
  });

  test('a client and a server may have the same name', async () => {
    const registry = new Registry();
    freelanceCollector({ registry, clients: { a: new StatedClient() } });
    freelanceCollector({ registry, servers: { a: new StatedServer() } });
    expect((await scrape(registry)).has('freelance_server_clients')).toBe(true);
  });

  test('collect nothing if one of them is refused', async () => {
    const registry = new Registry();
    freelanceCollector({ registry, servers: { s: new StatedServer() } });
    const before = await registry.metrics();
    expect(() =>
      freelanceCollector({
        registry,
        clients: { c: new StatedClient() },
        servers: { s: new StatedServer() },
      }),
    ).toThrow(/a server named "s"/);
    expect(await registry.metrics()).toBe(before);
  });

  test('begin anew after registry.clear()', async () => {
    const registry = new Registry();
    const first = freelanceCollector({ registry, clients: { a: new StatedClient() } });
    registry.clear();
    expect(await registry.metrics()).toBe('\n');
    freelanceCollector({ registry, clients: { b: new StatedClient() } });
    expect(await named(registry)).toEqual(['b']);
    first.stop();
    expect(await named(registry)).toEqual(['b']);
  });

  test('leave out a metric that the user has removed', async () => {
    const registry = new Registry();
    const first = freelanceCollector({ registry, clients: { a: new StatedClient() } });
    registry.removeSingleMetric('freelance_client_attempt_duration_seconds');
    freelanceCollector({ registry, clients: { b: new StatedClient() } });
    expect((await scrape(registry)).has('freelance_client_attempt_duration_seconds')).toBe(false);
    expect(await named(registry)).toEqual(['a', 'b']);
    first.stop();
  });

  test('collect in two registries', async () => {
    const [one, two] = [new Registry(), new Registry()];
    const client = new StatedClient();
    const inOne = freelanceCollector({ registry: one, clients: { a: client } });
    freelanceCollector({ registry: two, clients: { a: client } });
    inOne.stop();
    expect(await named(two)).toEqual(['a']);
  });
});

describe('without a registry', () => {
  afterEach(() => register.clear());

  test("metrics are in prom-client's own", async () => {
    freelanceCollector({ clients: { inventory: new StatedClient() } });
    expect(await register.metrics()).toContain(
      'freelance_client_pending_calls{client="inventory"} 0',
    );
  });
});

describe('refuses', () => {
  test.each<[what: string, options: unknown, error: string]>([
    ['no options', undefined, 'options must be an object, but are undefined'],
    ['nothing to collect', {}, 'there is nothing to collect. Name at least one client or server'],
    ['no clients', { clients: {} }, 'there is nothing to collect'],
    ['an unknown option', { client: {} }, 'there is no option "client"'],
    [
      'another registry',
      { registry: {}, clients: {} },
      'registry must be a Registry of prom-client',
    ],
    [
      'a list',
      { clients: [] },
      'clients must be an object such as { orders: … }, but is an empty list',
    ],
    [
      'something else',
      { clients: { a: {} } },
      'clients["a"] must be a FreelanceClientProxy, but is an object',
    ],
    [
      'a server as a client',
      { clients: { a: new StatedServer() } },
      'clients["a"] must be a FreelanceClientProxy, but is an object of the class StatedServer',
    ],
    ['an empty name', { clients: { '': new StatedClient() } }, 'but is ""'],
    [
      'half a character',
      { servers: { '\uD800': new StatedServer() } },
      'name of each of the servers',
    ],
    [
      'a long name',
      { clients: { ['x'.repeat(129)]: new StatedClient() } },
      'at most 128 characters',
    ],
  ])('%s', (_, options, error) => {
    expect(() => freelanceCollector(options as FreelanceCollectorOptions)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTIONS', message: expect.stringContaining(error) }),
    );
  });

  test('a registry that has another metric of such a name, and leaves that as it was', async () => {
    const registry = new Registry();
    const name = 'freelance_client_ejections_total';
    new Counter({ name, help: 'of the application', registers: [registry] }).inc();
    const before = await registry.metrics();
    expect(() => freelanceCollector({ registry, clients: { a: new StatedClient() } })).toThrow(
      /has a metric freelance_client_ejections_total already, which this collector did not register/,
    );
    expect(await registry.metrics()).toBe(before);
  });
});
