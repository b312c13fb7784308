import { inNobodysContext } from '../../async-context.js';
import { OF_THREAD, peerKey } from '../peer-key.js';
import type { SocketPort } from '../socket-port.js';
import { MemoryConnection } from './memory-connection.js';
import { MemoryServer } from './memory-server.js';

export interface MemoryOptions {
  /** What may wait to be heard on each side of a connection, in bytes. @default 64 MiB */
  readonly mostBytes?: number;
  /** Names the next client of a server. @default 0x01 and a number, so that it is none of those of other sockets */
  readonly newPeer?: () => Buffer;
}

const MOST_BYTES = 64 * 1024 * 1024;

/**
 * `inproc://` of the engine `node`: messages between clients and servers of one thread, without a socket of the system's.
 * They are heard in a later turn of the event loop, in their order.
 */
export function memorySockets({
  mostBytes = MOST_BYTES,
  newPeer = nextPeer,
}: MemoryOptions = {}): SocketPort {
  return {
    connect: (endpoint, listener) =>
      inNobodysContext(() => new MemoryConnection(endpoint, listener, mostBytes)),
    bind: (names, listener) =>
      inNobodysContext(() => MemoryServer.bind(names, listener, mostBytes, newPeer)),
  };
}

let peers = 0;

function nextPeer(): Buffer {
  return peerKey(OF_THREAD, peers++);
}
