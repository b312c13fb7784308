import { inNobodysContext } from '../../async-context.js';
import type { SocketPort } from '../socket-port.js';
import { turns } from '../turns.js';
import type { InboxLimits } from './inbox.js';
import { MemoryConnection } from './memory-connection.js';
import { MemoryServer } from './memory-server.js';

/** How much may wait on each side of a connection: 64 MiB. Messages are delivered in the turns of this thread. */
const LIMITS: InboxLimits = { mostBytes: 64 * 1024 * 1024, turns };

/**
 * `inproc://` of the engine `node`: messages between clients and servers of one thread, without a socket of the system. They
 * are delivered in order, in a later turn of the event loop.
 */
export function memorySockets(given: Partial<InboxLimits> = {}): SocketPort {
  const limits = { ...LIMITS, ...given };
  return {
    connect: (endpoint, listener) =>
      inNobodysContext(() => new MemoryConnection(endpoint, listener, limits)),
    bind: (names, listener) => inNobodysContext(() => MemoryServer.bind(names, listener, limits)),
  };
}
