import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { FreelanceCertificate } from '../../security/certificate.js';
import type { TlsServerCredentials } from '../../security/tls-credentials.js';
import { untimely } from '../validity.js';
import { certificateOf } from './shown-certificate.js';
import { whyUntrusted } from './tls-words.js';

/** What a client has shown in the handshake of TLS. */
export type TlsGuest =
  /** No certificate was requested. */
  | { readonly is: 'anonymous' }
  /** It has proved to own that certificate; the doorkeeper decides whether it may connect. */
  | { readonly is: 'certified'; readonly certificate: FreelanceCertificate }
  /** @property flaw the reason, to be written after the client's name */
  | { readonly is: 'refused'; readonly flaw: string };

/** The handshake is done, and the connection is encrypted. */
export type OnSecure = (socket: TLSSocket, guest: TlsGuest) => void;

/** How long a handshake may take, in ms; the entrance ends it earlier. */
const HANDSHAKE_MS = 10_000;

/**
 * Options that a `tls.Server` keeps although its context is made. Each may contain the secret key: some users have the key and
 * the certificate in one file, and pass it as both.
 */
const NO_SECRETS = {
  key: undefined,
  passphrase: undefined,
  cert: undefined,
  ca: undefined,
  crl: undefined,
};

/**
 * The server's side of TLS over accepted connections. A client that has to be refused completes the handshake all the same, and
 * is refused by ZMTP: in TLS 1.3 a client is done before the server has read its certificate, so that an alert may come at any
 * time, or be lost with the connection.
 */
export class TlsDoor {
  readonly #server: Server;
  readonly #demands: TlsServerCredentials['demands'];
  /** Connections in the handshake, by both addresses. */
  readonly #waiting = new Map<string, OnSecure>();

  constructor({ context, demands }: TlsServerCredentials) {
    this.#demands = demands;
    this.#server = createServer({
      ...context(),
      requestCert: demands !== 'nothing',
      // Node would end the connection without a reason: `guestOf` decides instead.
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS,
    });
    // Each socket refers to the server, so printing what `unwrap()` returns would print them. OpenSSL has its own copies.
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
    // Otherwise Node would wait for a peer that hung up in the handshake until the handshake times out.
    socket.allowHalfOpen = false;
    // Source: Node's documentation, "Event: 'connection'" of `tls.Server`.
    this.#server.emit('connection', socket);
  }

  #secured(socket: TLSSocket): void {
    // From here on a channel has it, which answers what came before the FIN.
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

/** Unique among the connections that are open at one time. */
function flowOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return [remoteAddress, remotePort, localAddress, localPort].join(' ');
}
