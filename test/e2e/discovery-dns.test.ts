import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import type { FreelanceClientProxy } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { dnsEndpoints, srvEndpoints } from '../../lib/discovery/index.js';
import { eventually } from '../support/eventually.js';
import { FakeDns } from '../support/fake-dns.js';
import { connectTo, serve, type Served } from '../support/nest.js';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

const echo = (client: FreelanceClientProxy) => firstValueFrom(client.send<string>('echo', 'hello'));

const known = (client: FreelanceClientProxy) => Object.keys(client.stats().endpoints).toSorted();

const portOf = ({ endpoints: [endpoint = ''] }: Served) => Number(/:(\d+)$/.exec(endpoint)?.[1]);

// Only Linux has the whole of 127.0.0.0/8 without being told so.
describe.runIf(process.platform === 'linux')('a headless service, with the names of a pod', () => {
  test('new pods get calls, gone ones do not, and what DNS does meanwhile changes nothing', async () => {
    process.env['LOCALDOMAIN'] = 'shop.svc.cluster.test svc.cluster.test cluster.test';
    process.env['RES_OPTIONS'] = 'ndots:5';
    await using dns = await FakeDns.start();
    await using one = await serve([EchoController]);
    const port = portOf(one);
    await using two = await serve([EchoController], { bind: `tcp://127.0.0.2:${port}` });
    const [first, second] = [`tcp://127.0.0.1:${port}`, `tcp://127.0.0.2:${port}`];
    expect(two.endpoints).toEqual([second]);
    const name = 'orders.shop.svc.cluster.test';
    const pods = (...addresses: string[]) =>
      dns.set('A', name, ...addresses.map((address) => ({ address, ttl: 1 })));

    pods('127.0.0.1');
    const address = `tcp://orders.shop.svc:${port}`;
    using client = connectTo(dnsEndpoints(address, { servers: [dns.server] }));
    expect(await echo(client)).toBe('hello');
    expect(known(client)).toEqual([first]);
    expect(dns.asked).toContain('A orders.shop.svc.shop.svc.cluster.test');

    pods('127.0.0.1', '127.0.0.2');
    await eventually(() => expect(client.stats().endpoints[second]?.state).toBe('alive'));

    pods();
    await eventually(() => expect(client.stats().discovery?.isFailing).toBe(true));
    expect(client.stats().discovery?.lastError).toContain('the name has no such record');
    expect(known(client)).toEqual([first, second]);

    dns.isSilent = true;
    await eventually(() =>
      expect(client.stats().discovery?.lastError).toContain('no name server has answered in time'),
    );
    expect(await echo(client)).toBe('hello');
    expect(known(client)).toEqual([first, second]);

    dns.isSilent = false;
    pods('127.0.0.2');
    await eventually(() => expect(known(client)).toEqual([second]));
    expect(await echo(client)).toBe('hello');
    expect(client.stats().discovery).toMatchObject({ servers: 1, isFailing: false });
  });
});

test('SRV records say at which ports servers are', async () => {
  await using dns = await FakeDns.start();
  await using one = await serve([EchoController]);
  await using two = await serve([EchoController]);
  const service = '_freelance._tcp.orders.test';
  const record = (port: number, target = 'pod.test') => ({ target, port, priority: 0, weight: 1 });
  dns.set('A', 'pod.test', { address: '127.0.0.1', ttl: 1 });
  dns.set('SRV', service, record(portOf(one)), record(0), record(portOf(two), 'none.test'));
  using client = connectTo(srvEndpoints(`${service}.`, { servers: [dns.server] }));
  expect(await echo(client)).toBe('hello');
  expect(known(client)).toEqual(one.endpoints);
  dns.set('SRV', service, record(portOf(two)));
  await eventually(() => expect(known(client)).toEqual(two.endpoints));
  expect(await echo(client)).toBe('hello');
});

test('clients of one process ask once, and ask no more once they are closed', async () => {
  await using dns = await FakeDns.start();
  await using server = await serve([EchoController]);
  dns.set('A', 'orders.test', { address: '127.0.0.1', ttl: 30 });
  const address = `tcp://orders.test.:${portOf(server)}`;
  const options = { servers: [dns.server] };
  const clients = Array.from({ length: 10 }, () => connectTo(dnsEndpoints(address, options)));
  await Promise.all(clients.map(echo));
  expect(dns.asked.toSorted()).toEqual(['A orders.test', 'AAAA orders.test']);
  for (const client of clients) client.close();
});
