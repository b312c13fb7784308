import type { TlsClientSecurity, TlsServerSecurity } from 'nestjs-freelance';
import { type Certificate, makeCertificate } from './certificates.js';

const ca = makeCertificate({ cn: 'The authority' });
const names = ['localhost', 'server.example', '127.0.0.1', '::1'];

/** An authority, and certificates that it has issued. */
export const pki = {
  ca,
  server: makeCertificate({ cn: 'server', names, by: ca }),
  alice: makeCertificate({ cn: 'alice', names: ['spiffe://example/alice'], by: ca }),
  mallory: makeCertificate({ cn: 'mallory', by: ca }),
};

/** The options of a server that demands certificates of the authority. */
export function tlsServer(
  authorizedClients: TlsServerSecurity['authorizedClients'],
  more: Partial<TlsServerSecurity> = {},
) {
  const { cert, key } = pki.server;
  const security: TlsServerSecurity = {
    mechanism: 'tls',
    cert,
    key,
    ca: ca.cert,
    authorizedClients,
    ...more,
  };
  return { bind: 'tls://127.0.0.1:*', engine: 'node', security } as const;
}

/** @param own undefined for a client that shows no certificate */
export function tlsClient(own?: Certificate, more: Partial<TlsClientSecurity> = {}) {
  const security: TlsClientSecurity = {
    mechanism: 'tls',
    ca: ca.cert,
    ...(own && { cert: own.cert, key: own.key }),
    ...more,
  };
  return { engine: 'node', security } as const;
}
