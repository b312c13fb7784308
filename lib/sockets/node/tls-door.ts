import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { FreelanceCertificate } from '../../security/certificate.js';
import type { TlsServerCredentials } from '../../security/tls-credentials.js';
import { untimely } from '../validity.js';
import { certificateOf } from './shown-certificate.js';
import { whyUntrusted } from './tls-words.js';

/** What a client has shown in the handshake of TLS. */
export type TlsGuest =
  /** It was not asked. */
  | { readonly is: 'anonymous' }
  /** It has proved to own that one, and whether it may connect is to be asked. */
  | { readonly is: 'certified'; readonly certificate: FreelanceCertificate }
  /** @property flaw why not, behind who it is */
  | { readonly is: 'refused'; readonly flaw: string };

/** The handshake took place: the connection is encrypted. */
export type OnSecure = (socket: TLSSocket, guest: TlsGuest) => void;

/** How long a handshake may take, in ms, should nobody end it earlier. */
const HANDSHAKE_MS = 10_000;

/**
 * What a `tls.Server` keeps of its options though it has made its context of them. Some have the key and the certificate in
 * one file, and give it as both.
 */
const NO_SECRETS = {
  key: undefined,
  passphrase: undefined,
  cert: undefined,
  ca: undefined,
  crl: undefined,
};

/**
 * The server's side of TLS over connections that were accepted by others. A client that is to be refused is let in so far:
 * what it is told, it is told by ZMTP. In TLS 1.3 a client is done before the server has read its certificate, so that an
 * alert might come at any time, or be lost with the connection.
 */
export class TlsDoor {
  readonly #server: Server;
  readonly #demands: TlsServerCredentials['demands'];
  /** Those in the handshake, by both ends of their connection. */
  readonly #waiting = new Map<string, OnSecure>();

  constructor({ context, demands }: TlsServerCredentials) {
    this.#demands = demands;
    this.#server = createServer({
      ...context(),
      requestCert: demands !== 'nothing',
      // Not by Node, which would end the connection without a word: by `guestOf`.
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS,
    });
    // Each of its sockets holds the server, and so whoever prints what `unwrap()` returns would print them. OpenSSL has them.
    Object.assign(this.#server, NO_SECRETS);
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** If the handshake fails, the socket closes. */
  enter(socket: Socket, onSecure: OnSecure): void {
    const flow = flowOf(socket);
    this.#waiting.set(flow, onSecure);
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#waiting.get(flow) === onSecure) this.#waiting.delete(flow);
    });
    // Who hangs up amid the handshake is gone at once; Node would go on waiting for more until the handshake has to be done.
    socket.allowHalfOpen = false;
    // Source: Node's documentation, "Event: 'connection'" of `tls.Server`.
    this.#server.emit('connection', socket);
  }

  #secured(socket: TLSSocket): void {
    // From here on it is a channel's, which answers what came before the end.
    socket.allowHalfOpen = true;
    const flow = flowOf(socket);
    const onSecure = this.#waiting.get(flow);
    this.#waiting.delete(flow);
    if (onSecure) onSecure(socket, this.#guestOf(socket));
    else socket.destroy();
  }

  #guestOf(socket: TLSSocket): TlsGuest {
    if (this.#demands === 'nothing') return { is: 'anonymous' };
    const certificate = certificateOf(socket.getPeerCertificate());
    if (!certificate) return { is: 'refused', flaw: 'which shows no certificate' };
    const time = untimely(certificate, Date.now());
    const isTrusted = this.#demands === 'certificate' || socket.authorized;
    const flaw = time ?? (isTrusted ? undefined : whyUntrusted(String(socket.authorizationError)));
    if (flaw === undefined) return { is: 'certified', certificate };
    const { fingerprint256 } = certificate;
    return { is: 'refused', flaw: `with the certificate ${fingerprint256}, which ${flaw}` };
  }
}

/** Two connections that are open at the same time differ in it. */
function flowOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
