import { ClientProxyFactory, type NatsOptions, Transport } from '@nestjs/microservices';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import { type Client, only } from './subject.js';

const at = (broker: string): NatsOptions => ({
  transport: Transport.NATS,
  options: { servers: [`nats://${broker}`] },
});

export async function serve(broker: string): Promise<string> {
  await nestServer(at(broker));
  return broker;
}

export function connect(brokers: readonly string[]): Promise<Client> {
  return nestClient(ClientProxyFactory.create(at(only(brokers))));
}
