import type { ConnectionCredentials } from '../../security/client-credentials.js';
import type { OwnCredentials } from '../../security/doorkeeper.js';
import type { Door } from './zap-handler.js';

/** A guard: the options refuse this combination earlier. */
const NO_TLS = 'libzmq has no TLS';

/** The options with which zeromq.js presents these credentials. */
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

/** The options with which zeromq.js admits clients. */
export function routerSecurity(own: OwnCredentials, { context, domain }: Door): object {
  // Without a handler nobody is admitted. libzmq's own default would admit everybody.
  if (own.mechanism === 'tls') throw new Error(NO_TLS);
  const zap = { context, zapDomain: domain, zapEnforceDomain: true };
  return own.mechanism === 'curve'
    ? { ...zap, curveServer: true, curvePublicKey: own.publicKey, curveSecretKey: own.secretKey }
    : { ...zap, plainServer: true };
}
