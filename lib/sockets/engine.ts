import { DeferredSockets } from './deferred-sockets.js';
import type { EngineOptions } from './engine-options.js';
import { errorCode } from './error-code.js';
import { reasonOf } from './reason-of.js';
import type { Batch, SocketPort } from './socket-port.js';

/**
 * The implementation of ZMTP, ZeroMQ's wire protocol, of a client or a server. The two are compatible on the wire.
 *
 * - `node`: this library's own, over Node's sockets.
 * - `libzmq`: that of the ZeroMQ project, through the package `zeromq`, in a thread of its own.
 */
export type FreelanceEngine = 'node' | 'libzmq';

export const ENGINES: readonly FreelanceEngine[] = ['node', 'libzmq'];

/**
 * A write costs about as much as two or three calls. With 16 calls in flight (`npm run bench -- --only calls`) it pays to send
 * the first half while the second is made: neither side then waits for the other.
 */
const NODE_BATCH: Batch = { messages: 8, bytes: 16 * 1024 };

/** The package `zeromq` is loaded with the first socket of its engine. */
export function socketsOf(engine: FreelanceEngine, options: EngineOptions): SocketPort {
  switch (engine) {
    case 'node':
      return new DeferredSockets(async () => {
        const { nodeSockets } = await import('./node/node-sockets.js');
        return nodeSockets(options);
      }, NODE_BATCH);
    case 'libzmq':
      return new DeferredSockets(async () => {
        const { zeromqSockets } = await import('./zeromq/zeromq-sockets.js');
        return zeromqSockets(options).catch(unloadable);
      });
  }
}

/** The package is not installed, or has no binary for this platform. */
function unloadable(error: unknown): never {
  const [reason] = reasonOf(error).split('\n');
  const text =
    `the engine libzmq cannot be loaded: ${reason}. It needs the package zeromq, with its binary for ` +
    `${process.platform}-${process.arch}; the option engine: 'node' needs neither`;
  throw Object.assign(new Error(text, { cause: error }), { code: errorCode(error) });
}
