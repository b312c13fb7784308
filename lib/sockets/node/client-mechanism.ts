import type { ConnectionCredentials } from '../../security/client-credentials.js';
import type { Mechanism } from '../../zmtp/mechanism.js';
import { nullMechanism } from '../../zmtp/null-mechanism.js';

const NO_ROUTING_ID = Buffer.alloc(0);

/** A fresh one, for one connection. */
export function clientMechanism(credentials: ConnectionCredentials | undefined): Mechanism {
  const own = { socketType: 'DEALER', routingId: NO_ROUTING_ID } as const;
  if (!credentials || credentials.mechanism === 'tls') return nullMechanism(own);
  throw new Error('not there yet');
}
