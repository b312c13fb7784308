import { inNobodysContext } from '../../async-context.js';
import type { SocketPort } from '../socket-port.js';
import { MemoryConnection } from './memory-connection.js';
import { MemoryServer } from './memory-server.js';

export interface MemoryOptions {
  /** How much may wait on each side of a connection, in bytes. @default 64 MiB */
  readonly mostBytes?: number;
}

const MOST_BYTES = 64 * 1024 * 1024;

/**
 * `inproc://` of the engine `node`: messages between clients and servers of one thread, without a socket of the system. They
 * are delivered in order, in a later turn of the event loop.
 */
export function memorySockets({ mostBytes = MOST_BYTES }: MemoryOptions = {}): SocketPort {
  return {
    connect: (endpoint, listener) =>
      inNobodysContext(() => new MemoryConnection(endpoint, listener, mostBytes)),
    bind: (names, listener) =>
      inNobodysContext(() => MemoryServer.bind(names, listener, mostBytes)),
  };
}
