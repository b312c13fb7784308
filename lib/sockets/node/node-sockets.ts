import { inNobodysContext } from '../../async-context.js';
import { isInproc } from '../address.js';
import { DEFAULT_MAX_CONNECTIONS, type EngineOptions } from '../engine-options.js';
import { memorySockets } from '../memory/memory-sockets.js';
import type { ServerListener, ServerSocket, SocketPort } from '../socket-port.js';
import { ClientConnection } from './client-connection.js';
import { Heartbeats } from './heartbeats.js';
import { MixedServerSocket } from './mixed-server-socket.js';
import { NodeServerSocket } from './server-socket.js';
import { sodiumCrypto } from './sodium.js';

/** The engine over Node's sockets. The cryptography of CURVE is loaded only if it is needed. */
export async function nodeSockets(options: EngineOptions): Promise<SocketPort> {
  const {
    credentials,
    doorkeeper,
    maxMessageSize,
    maxConnections = DEFAULT_MAX_CONNECTIONS,
    routingId = '',
  } = options;
  const mechanisms = [credentials?.mechanism, doorkeeper?.own().mechanism];
  const crypto = mechanisms.includes('curve') ? await sodiumCrypto() : undefined;
  /*
   * Only servers send ZMTP heartbeats. Clients have the protocol's PING; and a ZMTP PING among the last bytes of a killed client
   * aborts a libzmq server that stands still (`!_io_error`, stream_engine_base.cpp:310).
   */
  const heartbeats = new Heartbeats({
    intervalMs: options.heartbeatInterval,
    timeoutMs: options.heartbeatTimeout,
  });
  const common = { crypto, maxMessageSize };
  // Shorter than the agent's own timeout, so that the reason can still be told.
  const patienceMs = options.heartbeatTimeout / 2;
  const memory = memorySockets();
  const bindSystem = async (addresses: readonly string[], listener: ServerListener) => {
    const socket = new NodeServerSocket(listener, {
      ...common,
      heartbeats,
      doorkeeper,
      maxConnections,
      routingId,
    });
    await socket.bind(addresses);
    return socket;
  };
  const bind = async (
    addresses: readonly string[],
    listener: ServerListener,
  ): Promise<ServerSocket> => {
    const names = addresses.filter(isInproc);
    if (names.length === addresses.length) return memory.bind(names, listener);
    const system = await bindSystem(
      addresses.filter((address) => !isInproc(address)),
      listener,
    );
    if (names.length === 0) return system;
    try {
      // Last, since it takes no time: nobody may be heard before the server has all its addresses.
      return new MixedServerSocket(addresses, system, await memory.bind(names, listener));
    } catch (error) {
      await new Promise<void>((freed) => system.close(freed));
      throw error;
    }
  };
  return {
    // Messages must not be handled in the async context of whoever opened the socket.
    connect: (endpoint, listener) =>
      isInproc(endpoint)
        ? memory.connect(endpoint, listener)
        : inNobodysContext(
            () => new ClientConnection(endpoint, listener, { ...common, credentials, patienceMs }),
          ),
    bind: (addresses, listener) => inNobodysContext(bind, addresses, listener),
  };
}
