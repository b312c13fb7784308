import type { ClientCredentials } from '../security/client-credentials.js';
import type { OwnCertificate } from '../security/tls-credentials.js';
import type { LossCause } from './socket-port.js';
import { untimely } from './validity.js';

/** Why a client and a server could not connect, for people, and what to do about it. */
export interface WhyHandshakeFailed {
  readonly reason: string;
  readonly cause?: LossCause;
}

type Shown = ClientCredentials | undefined;

/** The server has refused this client. */
export function notAuthorized(credentials: Shown): WhyHandshakeFailed {
  const reason = `it does not authorize this client${credentials ? `, ${named(credentials)}` : ''}`;
  return { reason, cause: 'unauthorized' };
}

/** The server could not decide whether to admit this client. */
export const COULD_NOT_CHECK: WhyHandshakeFailed = {
  reason: 'it could not check whether this client is authorized; its log may say why',
};

/** The server offers another mechanism. */
export function otherSecurity(credentials: Shown): WhyHandshakeFailed {
  const own = credentials ? credentials.mechanism.toUpperCase() : 'none';
  const reason = `it has other security than this client, which has ${own}`;
  return { reason, cause: 'unauthorized' };
}

/** The other side is no ZeroMQ peer. @param words the first bytes that it sent */
export function notZmtp(words: Buffer): WhyHandshakeFailed {
  return {
    reason:
      'what listens there does not speak the protocol of ZeroMQ, ZMTP: ' +
      `its first words are ${JSON.stringify(firstLine(words))}`,
  };
}

/**
 * The connection ended in the handshake without a word. A libzmq server does that if the client has another mechanism or the
 * wrong server key; so does anything that is no ZeroMQ server, and a proxy whose server is down. So the next attempt may succeed.
 */
export function closedInHandshake(credentials: Shown): WhyHandshakeFailed {
  const reason = `it closed the connection in the handshake: ${likelyReason(credentials)}`;
  return { reason, cause: 'unexplained' };
}

function named({ mechanism, name, certificate }: ClientCredentials): string {
  switch (mechanism) {
    case 'curve':
      return `whose public key is ${name}`;
    case 'plain':
      return `the user ${JSON.stringify(name)}`;
    case 'tls':
      return certificate
        ? describeOwn(certificate)
        : 'which shows no certificate: it may demand one (security.cert, security.key)';
  }
}

function describeOwn(certificate: OwnCertificate): string {
  const untimeliness = untimely(certificate, Date.now());
  const which = untimeliness === undefined ? '' : ` and which ${untimeliness}`;
  return `whose certificate has the fingerprint ${certificate.fingerprint256}${which}`;
}

function likelyReason(credentials: Shown): string {
  switch (credentials?.mechanism) {
    case undefined:
      return 'it may demand security, and this client has none';
    case 'plain':
      return 'it may demand other security than PLAIN, which this client has';
    case 'tls':
      return 'it may not speak ZMTP inside of TLS';
    case 'curve':
      return 'its public key may be another than serverKey says, or it may not have CURVE';
  }
}

/** Replaces what not every log can show. */
function firstLine(words: Buffer): string {
  const [line = ''] = words
    .toString('latin1')
    .slice(0, 40)
    .split(/[\r\n]/);
  return line.replaceAll(/[^ -~]/g, '.');
}
