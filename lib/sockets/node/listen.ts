import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { existsSync, mkdtempSync, rmdirSync, unlinkSync } from 'node:fs';
import { type AddressInfo, createServer, isIP, type ListenOptions, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from '../../node-timers.js';
import { LONGEST_PATH } from '../address.js';
import { errorCode } from '../error-code.js';
import { isServed } from '../is-served.js';
import { endpointOf, placeOf, whyNoPath } from './place.js';
import { TCP_OPTIONS } from './tcp-options.js';

/** An address that is bound. */
export interface Listening {
  /** With what `*` stood for filled in. */
  readonly endpoint: string;
  /** @returns once it may be bound again */
  close(): Promise<void>;
}

/**
 * Listens at one address. In workers of `node:cluster` a port is shared with those of the other workers.
 *
 * @param needsIpv6 whether `*` stands for the interfaces of both families
 */
export async function listenAt(
  address: string,
  needsIpv6: boolean,
  accept: (socket: Socket) => void,
): Promise<Listening> {
  const place = placeOf(address);
  if (place.scheme === 'ipc') return listenAtPath(place.path, accept);
  const host = await hostToBind(place.host, needsIpv6);
  const { info, close } = await listening({ host, port: place.port }, accept);
  const { address: bound, port } = info as AddressInfo;
  const scheme = address.startsWith('tls:') ? 'tls' : 'tcp';
  return { endpoint: endpointOf(scheme, bound, port), close };
}

/** As libzmq has it: every interface, the interface of that name, or the address of a host. */
async function hostToBind(host: string, needsIpv6: boolean): Promise<string> {
  if (host === '*') return needsIpv6 ? '::' : '0.0.0.0';
  if (isIP(host) !== 0) return host;
  const own = networkInterfaces()[host] ?? (await lookup(host, { all: true }));
  const [first] = own;
  const ipv4 = own.find(({ family }) => family === 'IPv4' || family === 4);
  return (ipv4 ?? first)?.address ?? host;
}

async function listenAtPath(given: string, accept: (socket: Socket) => void): Promise<Listening> {
  const flaw = whyNoPath(given);
  if (flaw !== undefined) throw Object.assign(new Error(flaw), { code: 'ENOTSUP' });
  const isAny = given === '*';
  const directory = isAny ? mkdtempSync(join(tmpdir(), 'tmp')) : undefined;
  const path = directory === undefined ? given : join(directory, 'socket');
  const leave = () => {
    if (directory !== undefined) removed(directory);
  };
  try {
    // Node 20 cuts it off, and says nothing.
    if (Buffer.byteLength(path) > LONGEST_PATH) throw TOO_LONG;
    const { close } = await listeningAtPath(path, accept);
    return { endpoint: `ipc://${path}`, close: () => close().then(leave) };
  } catch (error) {
    leave();
    throw error;
  }
}

/** What a process has left behind that did not close its socket is in nobody's way. */
async function listeningAtPath(path: string, accept: (socket: Socket) => void) {
  const options = { path };
  try {
    return await listening(options, accept);
  } catch (error) {
    if (!existsSync(dirname(path))) throw NO_DIRECTORY;
    const isStale = errorCode(error) === 'EADDRINUSE';
    if (!isStale || (await isServed(`ipc://${path}`))) throw error;
    unlinkSync(path);
    return await listening(options, accept);
  }
}

const TOO_LONG = Object.assign(new Error('The path is too long'), { code: 'ENAMETOOLONG' });

/** libuv says EACCES instead. */
const NO_DIRECTORY = Object.assign(new Error('No such directory'), { code: 'ENOENT' });

async function listening(options: ListenOptions, accept: (socket: Socket) => void) {
  const server = createServer(TCP_OPTIONS, accept);
  server.listen({ ...options, exclusive: false });
  await once(server, 'listening');
  // Out of descriptors: the newest connection is refused, and those that stand are served.
  server.on('error', () => {});
  const info = server.address();
  const close = () => {
    // The descriptor is closed at once. That the server has ended is told when its connections have, too.
    server.close();
    return new Promise<void>((closed) => setImmediate(() => closed()));
  };
  return { info, close };
}

function removed(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Somebody else has put something there, or taken it away.
  }
}
