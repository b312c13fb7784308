import { connect, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsConnectionCredentials } from '../../security/client-credentials.js';
import { errorCode } from '../../sockets/error-code.js';
import { isToItself } from '../../sockets/node/client-attempt.js';
import { TCP_OPTIONS } from '../../sockets/node/tcp-options.js';
import { secured } from '../../sockets/node/tls-client.js';
import type { Target } from './check-name.js';
import { Problem } from './finding.js';
import { within } from './within.js';
import { shownMs } from './words.js';

/** The code of a system's error; `TIMEOUT`; or `ITSELF`, if this process is at both ends of the connection. */
export interface NotConnected {
  readonly code: string;
}

export type Dialled = Socket | NotConnected;

/** What TLS needs to know. */
export interface TlsAim {
  /** Of the endpoint: the certificate has to have this name, unless the credentials say another one. */
  readonly host: string;
  readonly credentials: TlsConnectionCredentials;
}

/** Connects to one address, as clients do. Never rejects. */
export async function dial({ place }: Target, timeoutMs: number): Promise<Dialled> {
  const socket = connect({ ...place, ...TCP_OPTIONS });
  // Whoever uses it hears its errors; between two users, one without a listener would end the process.
  socket.on('error', () => {});
  const outcome = await within<Dialled>(timeoutMs, (settle) => {
    socket.once('connect', () => settle(isToItself(socket) ? { code: 'ITSELF' } : socket));
    socket.once('error', (error) => settle({ code: errorCode(error) ?? error.message }));
    return () => {};
  });
  const dialled = outcome ?? { code: 'TIMEOUT' };
  if (!isConnected(dialled)) hangUp(socket);
  return dialled;
}

export function isConnected(dialled: Dialled): dialled is Socket {
  return 'destroy' in dialled;
}

/** Connects once more. @throws Problem if that has become impossible */
export async function connected(target: Target, timeoutMs: number): Promise<Socket> {
  const dialled = await dial(target, timeoutMs);
  if (isConnected(dialled)) return dialled;
  throw new Problem(
    `${target.name} accepted one connection, and not the next: ${shownCode(dialled.code, timeoutMs)}`,
    [
      'Try again: the server may have ended just now, or refuse connections when there are too many.',
    ],
  );
}

/** The handshake of TLS, as clients make it. @returns why it failed; undefined if the server did not answer in time */
export function trySecure(
  socket: Socket,
  { host, credentials }: TlsAim,
  timeoutMs: number,
): Promise<TLSSocket | { readonly reason: string } | undefined> {
  return within(timeoutMs, (settle) => {
    const tls = secured(socket, host, credentials, {
      onSecure: () => settle(tls),
      onFailed: ({ reason }) => settle({ reason }),
    });
    return () => {};
  });
}

/** As `trySecure`. @throws Problem if it fails, though it did not before */
export async function secureOver(socket: Socket, aim: TlsAim, timeoutMs: number): Promise<Socket> {
  const secure = await trySecure(socket, aim, timeoutMs);
  if (secure && 'destroy' in secure) return secure;
  hangUp(socket);
  throw new Problem(secure?.reason ?? 'it does not answer the handshake of TLS any more', [
    'Try again: the server may have ended just now.',
  ]);
}

/** Ends a connection, whatever it has to say about that: an error without a listener would end the process. */
export function hangUp(socket: Socket): void {
  socket.on('error', () => {});
  socket.destroy();
}

/** What a code of `NotConnected` means. */
export function shownCode(code: string | undefined, timeoutMs: number): string {
  if (code === undefined) return 'no reason is known';
  return code === 'TIMEOUT' ? `no answer within ${shownMs(timeoutMs)}` : (WORDS[code] ?? code);
}

const WORDS: Partial<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused (ECONNREFUSED)',
  ECONNRESET: 'the connection was closed as soon as it was made (ECONNRESET)',
  ETIMEDOUT: 'no answer (ETIMEDOUT)',
  EHOSTUNREACH: 'there is no route to it (EHOSTUNREACH)',
  ENETUNREACH: 'there is no route to its network (ENETUNREACH)',
  EADDRNOTAVAIL: 'this machine has no address to connect from (EADDRNOTAVAIL)',
  ENOENT: 'the socket is gone (ENOENT)',
  EACCES: 'this user may not connect to it (EACCES)',
  EPERM: 'this process may not connect to it (EPERM)',
  EMFILE: 'this process has no file descriptor left (EMFILE)',
  ENFILE: 'this machine has no file descriptor left (ENFILE)',
  ITSELF: 'nobody listens, and the system connected the socket to itself',
};
