import {
  FreelanceClientProxy,
  type FreelanceEngine,
  FreelanceTransportServer,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import { only, type Subject } from './subject.js';

/** What the client needs: the server's address, its key, and a key pair of its own. */
interface Invitation {
  readonly endpoint: string;
  readonly serverKey: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

/** @param engine of both ends; `undefined` is the one that they have by themselves */
export function freelanceCurve(engine?: FreelanceEngine): Subject {
  return {
    serve: () => serve(engine),
    connect: (servers) => {
      const { endpoint: endpoints, ...keys } = JSON.parse(only(servers)) as Invitation;
      const security = { mechanism: 'curve', ...keys } as const;
      return nestClient(new FreelanceClientProxy({ endpoints, engine, security }));
    },
  };
}

async function serve(engine: FreelanceEngine | undefined): Promise<string> {
  const [server, client] = [generateCurveKeyPair(), generateCurveKeyPair()];
  const strategy = new FreelanceTransportServer({
    bind: 'tcp://127.0.0.1:*',
    engine,
    security: { mechanism: 'curve', ...server, authorizedClients: [client.publicKey] },
  });
  await nestServer({ strategy });
  const [endpoint = ''] = strategy.endpoints;
  const invitation: Invitation = { endpoint, serverKey: server.publicKey, ...client };
  return JSON.stringify(invitation);
}
