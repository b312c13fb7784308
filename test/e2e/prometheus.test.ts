import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { EndpointDiscovery } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { blocksOf } from '../../scripts/code-blocks.mjs';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import type { Family, Sample } from '../support/exposition.js';
import { metricsApp } from '../support/metrics-app.js';
import { connectTo } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

type Metrics = ReadonlyMap<string, Family>;

/** The value of the one sample that has these labels, among others. */
function valueOf(metrics: Metrics, name: string, labels: Sample['labels'] = {}): number {
  const found = metrics
    .get(name)
    ?.samples.filter((sample) =>
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  expect(found, `${name} ${JSON.stringify(labels)}`).toHaveLength(1);
  return found?.[0]?.value ?? NaN;
}

/** How many of a histogram there are. */
function countOf(metrics: Metrics, name: string, labels: Sample['labels']): number {
  const samples = metrics.get(name)?.samples.filter((sample) => sample.name.endsWith('_count'));
  const family = { name, help: '', type: '', samples: samples ?? [] };
  return valueOf(new Map([[name, family]]), name, labels);
}

test('a scrape over HTTP tells of calls, of errors, and of a server that was killed', async () => {
  const endpoint = await freeEndpoint();
  await using child = Child.node('math-server', endpoint, 'math');
  await child.nextLine();
  using client = connectTo([endpoint], { heartbeatInterval: 100 });
  using orders = connectTo([endpoint]);
  await using app = await metricsApp();
  const collector = app.collect({ inventory: client, orders });

  for (let calls = 0; calls < 20; calls++)
    expect(await firstValueFrom(client.send('sum', [1, 2]))).toBe(3);
  await expect(firstValueFrom(client.send('nobody', {}))).rejects.toMatch(
    'no matching message handler',
  );
  const before = await app.scrape();
  const sum = { client: 'inventory', pattern: 'sum' };
  expect(valueOf(before, 'freelance_client_calls_total', sum)).toBe(20);
  expect(countOf(before, 'freelance_client_call_duration_seconds', sum)).toBe(20);
  const failed = { client: 'inventory', pattern: 'nobody', error: 'HANDLER' };
  expect(valueOf(before, 'freelance_client_call_errors_total', failed)).toBe(1);
  const attempts = { client: 'inventory', endpoint, reason: 'first' };
  expect(valueOf(before, 'freelance_client_attempts_total', attempts)).toBe(21);
  const servers = (metrics: Metrics, state: string) =>
    valueOf(metrics, 'freelance_client_servers', { client: 'inventory', state });
  expect(servers(before, 'alive')).toBe(1);
  expect(valueOf(before, 'freelance_client_servers', { client: 'orders', state: 'alive' })).toBe(0);

  const lost = firstValueFrom(client.send('echo', { value: 1, ms: 3_600_000 }));
  lost.catch(() => {});
  await eventually(async () =>
    expect(valueOf(await app.scrape(), 'freelance_client_pending_attempts')).toBe(1),
  );
  await child.kill();
  await eventually(async () => expect(servers(await app.scrape(), 'dead')).toBe(1));
  const after = await app.scrape();
  expect(servers(after, 'alive')).toBe(0);
  expect(valueOf(after, 'freelance_client_endpoint_alive', { client: 'inventory' })).toBe(0);
  const lostThere = { client: 'inventory', endpoint, error: 'ECONNRESET' };
  expect(valueOf(after, 'freelance_client_attempt_errors_total', lostThere)).toBe(1);
  expect(valueOf(after, 'freelance_client_calls_total', sum)).toBe(20);

  // Prometheus sees that as a restart.
  client.close();
  const closed = await app.scrape();
  expect(servers(closed, 'dead')).toBe(0);
  expect(valueOf(closed, 'freelance_client_pending_calls', { client: 'inventory' })).toBe(0);

  collector.stop();
  expect([...(await app.scrape()).keys()].filter((name) => /client_calls/.test(name))).toEqual([]);
});

test('a scrape tells what a server of this process runs, and refuses', async () => {
  await using app = await metricsApp();
  using client = connectTo(app.server.endpoints, { maxAttempts: 1 });
  expect(await firstValueFrom(client.send('add', [1, 2]))).toBe(3);
  await expect(firstValueFrom(client.send('fail', {}))).rejects.toMatchObject({
    message: 'Internal server error',
  });
  const open = firstValueFrom(client.send('wait', {}));
  await eventually(() => expect(app.open).toHaveLength(1));
  await expect(firstValueFrom(client.send('add', [1]))).rejects.toMatchObject({
    code: 'OVERLOADED',
  });
  const metrics = await app.scrape();
  const server = 'orders';
  expect(valueOf(metrics, 'freelance_server_calls_total', { server, pattern: 'add' })).toBe(1);
  const failed = { server, pattern: 'fail', error: 'HANDLER' };
  expect(valueOf(metrics, 'freelance_server_call_errors_total', failed)).toBe(1);
  expect(valueOf(metrics, 'freelance_server_running_calls', { server })).toBe(1);
  const refused = { server, reason: 'busy' };
  expect(valueOf(metrics, 'freelance_server_refused_calls_total', refused)).toBeGreaterThanOrEqual(
    1,
  );
  expect(valueOf(metrics, 'freelance_server_clients', { server })).toBe(1);
  expect(valueOf(metrics, 'freelance_server_draining', { server })).toBe(0);
  for (const end of app.open) end();
  expect(await open).toBe('done');
});

/** A panel of Grafana, as far as it is read here. */
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly type: string; readonly definition?: string }[];
  };
}

/** Prometheus adds them to each sample. */
const OF_PROMETHEUS = ['instance', 'job'];

test('the dashboard for Grafana and the queries of docs/prometheus.md name no metric, and no label, that a scrape does not have', async () => {
  const path = new URL('../../docs/grafana/nestjs-freelance.json', import.meta.url);
  const dashboard = JSON.parse(readFileSync(path, 'utf8')) as Dashboard;

  // Calls of each kind, so that there is a sample of each.
  await using app = await metricsApp();
  // Of two zones, by a discovery: there are metrics of how calls are shared, and of who names the servers.
  const discovery: EndpointDiscovery = {
    name: 'the test',
    async *watch({ signal }) {
      const targets = app.server.endpoints.map((endpoint) => ({ endpoint, zone: 'a' }));
      yield [...targets, { endpoint: await freeEndpoint(), zone: 'b' }];
      await once(signal, 'abort');
    },
  };
  using client = connectTo(discovery, { zone: 'a', maxAttempts: 1 });
  app.collect({ inventory: client });
  await expect(firstValueFrom(client.send('fail', {}))).rejects.toMatchObject({
    message: 'Internal server error',
  });
  const open = firstValueFrom(client.send('wait', {}));
  await eventually(() => expect(app.open).toHaveLength(1));
  await expect(firstValueFrom(client.send('add', [1]))).rejects.toMatchObject({
    code: 'OVERLOADED',
  });
  const metrics = await app.scrape();
  for (const end of app.open) end();
  await open;

  /** The labels of a metric, by the name of its samples. */
  const labels = new Map<string, Set<string>>();
  for (const sample of [...metrics.values()].flatMap(({ samples }) => samples)) {
    const known = labels.get(sample.name) ?? new Set(OF_PROMETHEUS);
    for (const label of Object.keys(sample.labels)) known.add(label);
    labels.set(sample.name, known);
  }
  const unknown: string[] = [];
  const read = (expression: string, legend = '') => {
    const names = expression.match(/\bfreelance_\w+/g) ?? [];
    const known = names.map((name) => labels.get(name));
    if (names.length === 0 || known.includes(undefined)) unknown.push(expression);
    const named = [
      ...Array.from(expression.matchAll(/(\w+)(?:=~|!~|!=|=)"/g), ([, label = '']) => label),
      ...Array.from(expression.matchAll(/\bby \(([^)]*)\)/g), ([, list = '']) => list.split(', ')),
      ...Array.from(
        expression.matchAll(/^label_values\(\w+, (\w+)\)$/g),
        ([, label = '']) => label,
      ),
      ...Array.from(legend.matchAll(/\{\{(\w+)\}\}/g), ([, label = '']) => label),
    ].flat();
    for (const label of named)
      if (!known.every((of) => of?.has(label))) unknown.push(`${label} in ${expression}`);
  };
  const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);
  expect(targets.length).toBeGreaterThan(30);
  for (const { expr, legendFormat } of targets) read(expr, legendFormat);
  for (const { type, definition = '' } of dashboard.templating.list)
    if (type === 'query') read(definition);
  const queries = blocksOf('docs/prometheus.md')
    .filter(({ language }) => language === 'promql')
    .flatMap(({ code }) => code.split('\n'))
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(queries.length).toBeGreaterThan(5);
  for (const query of queries) read(query);
  expect(unknown).toEqual([]);
});
