import type { DiscoveryWatch, ServerTarget } from 'nestjs-freelance';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endpointSlices } from '../../sample/04-kubernetes/src/endpoint-slices.js';
import { FakeApiServer } from '../../sample/04-kubernetes/src/fake-api-server.js';
import { KubernetesApi } from '../../sample/04-kubernetes/src/kubernetes-api.js';
import { eventually } from '../support/eventually.js';
import { pki } from '../support/tls.js';

let server: FakeApiServer;
let api: KubernetesApi;
let address: string;
let tokens = 0;

beforeEach(async () => {
  const { cert, key } = pki.server;
  server = new FakeApiServer({ namespace: 'shop', service: 'orders', tls: { cert, key } });
  address = await server.listen();
  const token = async () => `token-${++tokens}`;
  api = new KubernetesApi({ url: address, namespace: 'shop', ca: pki.ca.cert, token });
});

afterEach(() => server.close());

type Sets = AsyncIterator<readonly (string | ServerTarget)[]>;

/** What a client would see. */
function follow(signal = new AbortController().signal): Sets {
  const watch: DiscoveryWatch = {
    signal,
    onRefresh: () => () => {},
    failed: () => {},
    warn: () => {},
  };
  return endpointSlices('orders', { port: 'freelance', api }).watch(watch)[Symbol.asyncIterator]();
}

async function next(sets: Sets): Promise<unknown> {
  const { value } = await sets.next();
  return value;
}

const a = { endpoint: 'tcp://10.0.0.1:5555', zone: 'zone-a', name: 'orders-a' };
const b = { endpoint: 'tcp://10.0.0.2:5555', name: 'orders-b' };
const podA = { address: '10.0.0.1', zone: 'zone-a' };
const podB = { address: '10.0.0.2' };

const watches = () => server.requests.filter(({ url }) => url.searchParams.has('watch'));
const isWatched = (times: number) => eventually(() => expect(watches()).toHaveLength(times));

describe('endpointSlices', () => {
  test('names the ready pods of all slices, and follows what changes', async () => {
    server.set('one', { port: 5555, pods: { 'orders-a': podA } });
    server.set('two', { port: 5555, pods: { 'orders-b': podB } });
    const sets = follow();
    expect(await next(sets)).toEqual([a, b]);
    const changed = next(sets);
    await isWatched(1);
    server.set('one', { port: 5555, pods: { 'orders-a': { ...podA, ready: false } } });
    expect(await changed).toEqual([b]);
    server.delete('two');
    expect(await next(sets)).toEqual([]);
    server.set('three', { port: 6666, pods: { 'orders-c': { address: '10.0.0.3' } } });
    expect(await next(sets)).toEqual([{ endpoint: 'tcp://10.0.0.3:6666', name: 'orders-c' }]);
    await sets.return?.();
  });

  test('shows the token of the moment with each request', async () => {
    const sets = follow();
    expect(await next(sets)).toEqual([]);
    const changed = next(sets);
    await isWatched(1);
    const [first, second] = server.requests.map(({ authorization }) => authorization);
    expect(first).toMatch(/^Bearer token-\d+$/);
    expect(second).toMatch(/^Bearer token-\d+$/);
    expect(second).not.toBe(first);
    server.set('one', { port: 5555, pods: {} });
    await changed;
    await sets.return?.();
  });

  test('watches on from where a watch ended, and misses nothing', async () => {
    const sets = follow();
    expect(await next(sets)).toEqual([]);
    const changed = next(sets);
    await isWatched(1);
    server.bookmark();
    server.endWatches();
    server.set('one', { port: 5555, pods: { 'orders-a': podA } });
    expect(await changed).toEqual([a]);
    await isWatched(2);
    const since = watches().map(({ url }) => Number(url.searchParams.get('resourceVersion')));
    expect(since[1]).toBe((since[0] ?? 0) + 1);
    expect(server.requests).toHaveLength(3);
    await sets.return?.();
  });

  test('lists anew when its version is too old', async () => {
    server.set('one', { port: 5555, pods: { 'orders-a': podA } });
    const sets = follow();
    expect(await next(sets)).toEqual([a]);
    const changed = next(sets);
    await isWatched(1);
    server.expireWatches();
    server.delete('one');
    server.set('two', { port: 5555, pods: { 'orders-b': podB } });
    expect(await changed).toEqual([b]);
    await sets.return?.();
  });

  test.each([401, 403, 500])('throws what the API server answers: %d', async (status) => {
    server.failure = status;
    await expect(follow().next()).rejects.toThrow(`the API server answers ${status}`);
  });

  test('throws when the connection breaks', async () => {
    const sets = follow();
    await sets.next();
    const broken = sets.next();
    await isWatched(1);
    server.breakConnections();
    await expect(broken).rejects.toThrow('aborted');
  });

  test('throws when the API server is not whom the authority knows', async () => {
    const token = async () => 'secret';
    api = new KubernetesApi({ url: address, namespace: 'shop', ca: pki.mallory.cert, token });
    await expect(follow().next()).rejects.toThrow(/certificate|self-signed|issuer/i);
    expect(server.requests).toEqual([]);
  });

  test('ends when its client is closed', async () => {
    const client = new AbortController();
    const sets = follow(client.signal);
    await sets.next();
    const end = sets.next().then(
      () => 'a set',
      () => 'the end',
    );
    await isWatched(1);
    client.abort();
    expect(await end).toBe('the end');
  });
});
