import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule } from '@nestjs/microservices';
import { type FreelanceClientOptions, FreelanceClientProxy } from 'nestjs-freelance';
import { dnsEndpoints, srvEndpoints } from 'nestjs-freelance/discovery';
import { createInterface } from 'node:readline';
import { RatedLoad } from './rated-load.js';
import type { ClientArguments, ClientOrder, ClientReport, Whereabouts } from './messages.js';

/** Argument: what to call, and how often, as JSON. */
const { servers, options, loads } = JSON.parse(process.argv[2] ?? '{}') as ClientArguments;

@Injectable()
class Caller {
  constructor(@Inject('SERVERS') readonly client: FreelanceClientProxy) {}
}

@Module({
  imports: [
    ClientsModule.register([
      {
        name: 'SERVERS',
        customClass: FreelanceClientProxy,
        options: {
          ...options,
          endpoints: endpointsOf(servers),
        } satisfies FreelanceClientOptions,
      },
    ]),
  ],
  providers: [Caller],
})
class ClientModule {}

function endpointsOf(where: Whereabouts): FreelanceClientOptions['endpoints'] {
  if ('dns' in where) return dnsEndpoints(where.dns);
  return 'srv' in where ? srvEndpoints(where.srv) : where.endpoints;
}

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const app = await NestFactory.createApplicationContext(ClientModule, { logger: ['error'] });
const { client } = app.get(Caller);
await client.connect();
const [idempotent, atMostOnce] = loads;
const running = [new RatedLoad(client, idempotent), new RatedLoad(client, atMostOnce)] as const;

async function obey({ order }: ClientOrder): Promise<unknown> {
  if (order === 'mark') {
    for (const load of running) load.mark();
    return Date.now();
  }
  if (order === 'stop') await Promise.all(running.map((load) => load.end()));
  return report();
}

function report(): ClientReport {
  const states = Object.entries(client.stats().endpoints).map(
    ([endpoint, { state }]): [string, string] => [endpoint, state],
  );
  return {
    loads: [running[0].report(), running[1].report()],
    endpoints: Object.fromEntries(states),
  };
}

createInterface(process.stdin)
  .on('line', (line) => void obey(JSON.parse(line) as ClientOrder).then(say))
  // A safety net in case the suite dies.
  .on('close', () => process.exit());
say('ready');
