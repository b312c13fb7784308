import { Logger } from '@nestjs/common';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { dnsEndpoints, type DnsEndpointsOptions } from 'nestjs-freelance/discovery';
import { setTimeout as delay } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';

/** How many orders are placed each second. */
const RATE = 100;

/** A line is printed each time that so many orders were placed. */
const PER_LINE = 100;

/** The port, and for a try without Docker another name server. */
const port = process.env['PORT'] ?? '5555';
const server = process.env['NAME_SERVER'];
const options: DnsEndpointsOptions = server === undefined ? {} : { servers: [server] };

Logger.overrideLogger(['error']);
// Docker's name server answers with the addresses of all containers of a service.
const orders = new FreelanceClientProxy({
  endpoints: dnsEndpoints(`tcp://orders:${port}`, { ...options, family: 4 }),
});
process.once('SIGTERM', () => {
  orders.close();
  process.exit();
});

let placedAt = new Map<string, number>();
let placed = 0;
let failed = 0;

async function place(): Promise<void> {
  try {
    const answer = orders.send<{ placedAt: string }>('orders.place', 'book');
    const { placedAt: at } = await firstValueFrom(answer);
    placedAt.set(at, (placedAt.get(at) ?? 0) + 1);
  } catch (error) {
    failed++;
    console.error(String(error));
  }
  if (++placed % PER_LINE !== 0) return;
  const names = [...placedAt.keys()].toSorted((one, other) => one.localeCompare(other));
  const counts = names.map((name) => `${name} ${placedAt.get(name)}`);
  console.log(`${counts.join(', ')}; ${failed} failed`);
  placedAt = new Map();
}

for (;;) {
  void place();
  await delay(1000 / RATE);
}
