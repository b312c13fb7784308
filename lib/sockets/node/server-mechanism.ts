import type { OwnCredentials } from '../../security/doorkeeper.js';
import type { Mechanism } from '../../zmtp/mechanism.js';
import { nullMechanism } from '../../zmtp/null-mechanism.js';
import { nullServer } from '../../zmtp/null-server.js';

const NO_ROUTING_ID = Buffer.alloc(0);

/** Makes a fresh one for each connection of a server. */
export function serverMechanisms(own: OwnCredentials | undefined): () => Mechanism {
  const common = { socketType: 'ROUTER', routingId: NO_ROUTING_ID } as const;
  if (!own) return () => nullMechanism(common);
  if (own.mechanism === 'tls') {
    return own.demands === 'nothing' ? () => nullMechanism(common) : () => nullServer(common);
  }
  throw new Error('not there yet');
}
