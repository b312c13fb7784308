import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import type { AddressInfo, Server } from 'node:net';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import { only, type Client } from './subject.js';

const host = '127.0.0.1';

export async function serve(): Promise<string> {
  const app = await nestServer({ transport: Transport.TCP, options: { host, port: 0 } });
  return String((app.unwrap<Server>().address() as AddressInfo).port);
}

export function connect(servers: readonly string[]): Promise<Client> {
  const options = { host, port: Number(only(servers)) };
  return nestClient(ClientProxyFactory.create({ transport: Transport.TCP, options }));
}
