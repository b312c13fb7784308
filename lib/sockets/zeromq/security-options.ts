import type { ConnectionCredentials } from '../../security/client-credentials.js';
import type { OwnCredentials } from '../../security/doorkeeper.js';
import type { Door } from './zap-handler.js';

/** The options do not let that come about. */
const NO_TLS = 'libzmq has no TLS';

/** What zeromq.js has to know to show these credentials. */
export function dealerSecurity(credentials: ConnectionCredentials): object {
  if (credentials.mechanism === 'tls') throw new Error(NO_TLS);
  const { routingId } = credentials;
  return credentials.mechanism === 'curve'
    ? {
        routingId,
        curvePublicKey: credentials.publicKey,
        curveSecretKey: credentials.secretKey,
        curveServerKey: credentials.serverKey,
      }
    : { routingId, plainUsername: credentials.username, plainPassword: credentials.password };
}

/** The same for who lets them in. */
export function routerSecurity(own: OwnCredentials, { context, domain }: Door): object {
  // With no handler that says yes, nobody is let in. libzmq's own default is everybody.
  if (own.mechanism === 'tls') throw new Error(NO_TLS);
  const zap = { context, zapDomain: domain, zapEnforceDomain: true };
  return own.mechanism === 'curve'
    ? { ...zap, curveServer: true, curvePublicKey: own.publicKey, curveSecretKey: own.secretKey }
    : { ...zap, plainServer: true };
}
