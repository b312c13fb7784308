import { once } from 'node:events';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { type AddressInfo, createServer, isIP, type ListenOptions, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from '../../node-timers.js';
import { tcpAddress } from '../../tcp-address.js';
import { LONGEST_PATH } from '../address.js';
import { errorCode } from '../error-code.js';
import { isServed } from '../is-served.js';
import { LOOKUP_MS, type ResolvedAddress, type Resolver, resolver } from '../resolver.js';
import { clearStale } from './clear-stale.js';
import { placeOf, whyNoPath } from './place.js';
import { TCP_OPTIONS } from './tcp-options.js';

/** An address that is bound. */
export interface Listening {
  /** The address, with what `*` stood for. */
  readonly endpoint: string;
  /** Resolves once the address may be bound again. */
  close(): Promise<void>;
}

export interface ListenListener {
  onConnection(socket: Socket): void;
  /** A connection could not be accepted. The others go on, and later ones may be accepted. */
  onAcceptFailed(error: unknown): void;
}

/**
 * Listens at one address. In workers of `node:cluster` a port is shared with those of the other workers.
 *
 * @param needsIpv6 whether `*` stands for the interfaces of both families
 */
export async function listenAt(
  address: string,
  needsIpv6: boolean,
  listener: ListenListener,
  names: Resolver = resolver,
): Promise<Listening> {
  const place = placeOf(address);
  if (place.scheme === 'ipc') return listenAtPath(place.path, listener);
  const host = await hostToBind(place.host, needsIpv6, names);
  const { info, close } = await listening({ host, port: place.port }, listener);
  const { address: bound, port } = info as AddressInfo;
  const scheme = address.startsWith('tls:') ? 'tls' : 'tcp';
  return { endpoint: tcpAddress(scheme, bound, port), close };
}

/** As in libzmq: `*` for all interfaces, the name of an interface, or a host. */
async function hostToBind(host: string, needsIpv6: boolean, names: Resolver): Promise<string> {
  if (host === '*') return needsIpv6 ? '::' : '0.0.0.0';
  if (isIP(host) !== 0) return host;
  const own = networkInterfaces()[host] ?? (await addressesOf(host, names));
  const [first] = own;
  const ipv4 = own.find(({ family }) => family === 'IPv4' || family === 4);
  return (ipv4 ?? first)?.address ?? host;
}

function addressesOf(name: string, names: Resolver): Promise<readonly ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    names.resolve(name, LOOKUP_MS, (resolution) => {
      if ('addresses' in resolution) resolve(resolution.addresses);
      else reject(Object.assign(new Error(resolution.reason), { code: resolution.code }));
    });
  });
}

async function listenAtPath(given: string, listener: ListenListener): Promise<Listening> {
  const flaw = whyNoPath(given);
  if (flaw !== undefined) throw Object.assign(new Error(flaw), { code: 'ENOTSUP' });
  const isAny = given === '*';
  const directory = isAny ? mkdtempSync(join(tmpdir(), 'tmp')) : undefined;
  const path = directory === undefined ? given : join(directory, 'socket');
  const leave = () => {
    if (directory !== undefined) removed(directory);
  };
  try {
    // Node 20 truncates it silently.
    if (Buffer.byteLength(path) > LONGEST_PATH) throw TOO_LONG;
    const { close } = await listeningAtPath(path, listener);
    return { endpoint: `ipc://${path}`, close: () => close().then(leave) };
  } catch (error) {
    leave();
    throw error;
  }
}

/** Replaces the file of a process that died without closing its socket. */
async function listeningAtPath(path: string, listener: ListenListener) {
  const options = { path };
  try {
    return await listening(options, listener);
  } catch (error) {
    if (!existsSync(dirname(path))) throw NO_DIRECTORY;
    const isTaken = errorCode(error) === 'EADDRINUSE';
    if (!isTaken || (await isServed(`ipc://${path}`)) || !(await clearStale(path))) throw error;
    return await listening(options, listener);
  }
}

const TOO_LONG = Object.assign(new Error('The path is too long'), { code: 'ENAMETOOLONG' });

/** libuv reports EACCES instead. */
const NO_DIRECTORY = Object.assign(new Error('No such directory'), { code: 'ENOENT' });

async function listening(options: ListenOptions, listener: ListenListener) {
  const server = createServer(TCP_OPTIONS, (socket) => listener.onConnection(socket));
  server.listen({ ...options, exclusive: false });
  await once(server, 'listening');
  // Node reports here that it is out of descriptors.
  server.on('error', (error) => listener.onAcceptFailed(error));
  const info = server.address();
  const close = () => {
    // The descriptor is closed at once; the server's own callback would wait for the connections.
    server.close();
    return new Promise<void>((closed) => setImmediate(() => closed()));
  };
  return { info, close };
}

function removed(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Somebody else has put a file there, or has removed the directory.
  }
}
