import {
  FreelanceClientProxy,
  FreelanceTransportServer,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import { only, type Client } from './subject.js';

/** What the client has to know: where the server is, its key, and a pair of its own. */
interface Invitation {
  readonly endpoint: string;
  readonly serverKey: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

export async function serve(): Promise<string> {
  const [server, client] = [generateCurveKeyPair(), generateCurveKeyPair()];
  const strategy = new FreelanceTransportServer({
    bind: 'tcp://127.0.0.1:*',
    security: { mechanism: 'curve', ...server, authorizedClients: [client.publicKey] },
  });
  await nestServer({ strategy });
  const [endpoint = ''] = strategy.endpoints;
  const invitation: Invitation = { endpoint, serverKey: server.publicKey, ...client };
  return JSON.stringify(invitation);
}

export function connect(servers: readonly string[]): Promise<Client> {
  const { endpoint, ...security } = JSON.parse(only(servers)) as Invitation;
  const options = { endpoints: endpoint, security: { mechanism: 'curve', ...security } } as const;
  return nestClient(new FreelanceClientProxy(options));
}
