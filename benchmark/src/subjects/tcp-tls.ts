import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import { only, type Client } from './subject.js';

const host = '127.0.0.1';

const certificate = (ending: string) =>
  readFileSync(
    new URL(`../../certificate/for-the-benchmark-only.${ending}`, import.meta.url),
    'utf8',
  );

/** Both sides show and check a certificate, as both sides of CURVE have a key. */
const tlsOptions = () => {
  const cert = certificate('crt');
  return { key: certificate('key'), cert, ca: cert, rejectUnauthorized: true };
};

export async function serve(): Promise<string> {
  const options = { host, port: 0, tlsOptions: { ...tlsOptions(), requestCert: true } };
  const app = await nestServer({ transport: Transport.TCP, options });
  return String((app.unwrap<Server>().address() as AddressInfo).port);
}

export function connect(servers: readonly string[]): Promise<Client> {
  const options = {
    host,
    port: Number(only(servers)),
    tlsOptions: { ...tlsOptions(), servername: 'localhost' },
  };
  return nestClient(ClientProxyFactory.create({ transport: Transport.TCP, options }));
}
