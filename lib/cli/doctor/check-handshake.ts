import type { Socket } from 'node:net';
import type { ClientCredentials } from '../../security/client-credentials.js';
import type { ChannelEnd } from '../../sockets/node/channel-options.js';
import { clientMechanism } from '../../sockets/node/client-mechanism.js';
import { sodiumCrypto } from '../../sockets/node/sodium.js';
import { whyHandshakeFailed } from '../../sockets/node/why-lost.js';
import { Conversation, isConversation } from './conversation.js';
import { hangUp } from './dial.js';
import { type Finding, Problem } from './finding.js';
import { shownMs } from './words.js';

/** The handshake of ZMTP with the mechanism of the client's `security`: whether each side accepts the other. */
export async function checkHandshake(
  open: () => Promise<Socket>,
  endpoint: string,
  credentials: ClientCredentials | undefined,
  timeoutMs: number,
): Promise<Finding<Conversation>> {
  const crypto = credentials?.mechanism === 'curve' ? await sodiumCrypto() : undefined;
  const mechanism = clientMechanism(credentials?.for(endpoint), crypto);
  const socket = await open();
  const opened = await Conversation.open(socket, mechanism, timeoutMs);
  if (!isConversation(opened)) {
    hangUp(socket);
    throw opened ? failed(opened, credentials) : unanswered(timeoutMs);
  }
  const { socketType } = opened.peer;
  return {
    value: opened,
    summary: `${admitted(credentials)}; its socket is a ${socketType}`,
    facts: { mechanism: mechanism.name, socketType },
  };
}

function admitted(credentials: ClientCredentials | undefined): string {
  switch (credentials?.mechanism) {
    case undefined:
      return 'done, without security';
    case 'curve':
      return 'the server has the key that was given, and accepts ours';
    case 'plain':
      return `the server accepts the user ${JSON.stringify(credentials.name)}`;
    case 'tls':
      return 'done, inside of TLS';
  }
}

function unanswered(timeoutMs: number): Problem {
  return new Problem(
    `it greets, and does not complete the handshake within ${shownMs(timeoutMs)}`,
    [
      'Look at the log of the server: its function that says who may connect may hang.',
      'Its process may be stopped, or its event loop busy.',
    ],
  );
}

function failed(end: ChannelEnd, credentials: ClientCredentials | undefined): Problem {
  const { reason } = whyHandshakeFailed(end, credentials);
  const code = end.failure?.code;
  // The greeting has shown that it is the same mechanism. A CURVE server cannot read what was encrypted for another key.
  if (code === undefined && credentials?.mechanism === 'curve') {
    return new Problem(
      'it closes the connection in the handshake: --curve-server-key is not its public key',
      [
        "Give the public key of this server. `nestjs-freelance keygen` has printed it together with the server's secret key.",
        'If an address leads to several servers, such as that of a load balancer, they all need the same key pair.',
      ],
      { code: 'wrong-server-key' },
    );
  }
  return new Problem(reason, adviceOn(end, credentials), { code: code ?? end.code ?? 'closed' });
}

function adviceOn(
  { failure, code }: ChannelEnd,
  credentials: ClientCredentials | undefined,
): string[] {
  switch (failure?.code) {
    case 'refused':
      return refusedAdvice(credentials);
    case 'undecided':
      return [
        'Look at the log of the server: its function that says who may connect threw, or took too long.',
      ];
    case 'socket-type':
      return [
        'It is a ZeroMQ socket, and not that of a freelance server, which binds a ROUTER: correct the port.',
      ];
    case undefined:
      return code?.startsWith('ERR_SSL_')
        ? ['Give --tls-cert and --tls-key: a certificate that this server accepts.']
        : [
            'Look at the log of the server. It may have ended just now, or have more connections than its maxConnections.',
          ];
    default:
      return ['It is no peer that this library can talk to: see PROTOCOL.md.'];
  }
}

function refusedAdvice(credentials: ClientCredentials | undefined): string[] {
  switch (credentials?.mechanism) {
    case 'curve':
      return [
        `Add this client's public key to security.authorizedClients of the server, or server.authorize() it: ${credentials.name}`,
      ];
    case 'plain':
      return [
        'Correct the username or the password: security.authorizedUsers of the server decides.',
      ];
    case 'tls':
      return [
        credentials.certificate
          ? `Authorize the certificate at the server (security.authorizedClients): ${credentials.certificate.fingerprint256}`
          : 'Give --tls-cert and --tls-key: the server asks for a certificate.',
      ];
    case undefined:
      return ['The server demands security: give the flags of its mechanism.'];
  }
}
