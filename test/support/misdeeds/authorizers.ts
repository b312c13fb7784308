import type { FreelanceClientOptions, FreelanceServerSecurity } from 'nestjs-freelance';
import { generateCurveKeyPair } from 'nestjs-freelance';
import { curveClient, curveServer, keys } from '../security.js';
import type { Careless, Way } from './careless.js';
import type { Place } from './place.js';

/** A client that is refused for now tries again, and the second answer admits it. */
const GETS: Partial<Record<Way, string>> = {
  throws: 'done',
  rejects: 'done',
  'rejects later': 'Error CANCELLED',
  'never settles': 'Error CANCELLED',
  'takes long': 'done',
  'closes the client': 'Error CLOSED',
  unsubscribes: 'left',
};

interface Parties {
  readonly harmed: FreelanceClientOptions['security'];
  readonly neighbour: FreelanceClientOptions['security'];
}

function authorizer(
  security: (careless: Careless) => FreelanceServerSecurity,
  { harmed, neighbour }: Parties,
): Place {
  return {
    server: (careless) => ({ security: security(careless) }),
    clients: { security: neighbour, connectTimeout: 60_000 },
    client: () => ({ security: harmed }),
    isGate: true,
    gets: GETS,
  };
}

const neighbourKeys = generateCurveKeyPair();

/** Functions that decide who may connect. */
export const AUTHORIZERS: Record<string, Place> = {
  'authorizedClients of CURVE': authorizer(
    (careless) =>
      curveServer((publicKey) => (publicKey === keys.alice.publicKey ? careless.run(true) : true)),
    { harmed: curveClient(keys.alice), neighbour: curveClient(neighbourKeys) },
  ),
  'authorizedUsers of PLAIN': authorizer(
    (careless) => ({
      mechanism: 'plain',
      authorizedUsers: (username) => (username === 'alice' ? careless.run(true) : true),
    }),
    {
      harmed: { mechanism: 'plain', username: 'alice', password: 'secret' },
      neighbour: { mechanism: 'plain', username: 'bob', password: 'secret' },
    },
  ),
};
