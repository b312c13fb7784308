import { ClientProxyFactory, type RedisOptions, Transport } from '@nestjs/microservices';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import { type Client, only } from './subject.js';

function at(broker: string): RedisOptions {
  const [host = '', port] = broker.split(':');
  return { transport: Transport.REDIS, options: { host, port: Number(port) } };
}

export async function serve(broker: string): Promise<string> {
  await nestServer(at(broker));
  return broker;
}

export function connect(brokers: readonly string[]): Promise<Client> {
  return nestClient(ClientProxyFactory.create(at(only(brokers))));
}
