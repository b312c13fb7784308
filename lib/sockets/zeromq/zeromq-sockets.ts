import { inNobodysContext } from '../../async-context.js';
import { asMicrotask } from '../../node-timers.js';
import type { ClientCredentials } from '../../security/client-credentials.js';
import type { Doorkeeper } from '../../security/doorkeeper.js';
import { SealBook } from '../../security/seal-book.js';
import { loadZeromq, zeromq } from './library.js';
import { DealerConnection } from './dealer-connection.js';
import { isNamed, NamedConnection } from './named-connection.js';
import { type Guard, RouterSocket } from './router-socket.js';
import type {
  Connection,
  ConnectionListener,
  OutgoingSocketFrames,
  ServerListener,
  SocketPort,
} from '../socket-port.js';
import type { EngineOptions } from '../engine-options.js';
import { reasonOf } from '../reason-of.js';
import type { SocketOptions } from '../socket-options.js';
import { ZapHandler } from './zap-handler.js';

/**
 * How many sockets this process may have: a connection is two, with the one for its events, and of libzmq's
 * 1023 each client would have used up one for all of some 500 servers. A slot that is not used costs 12 bytes.
 */
const MOST_SOCKETS = 65_535;

/** The only door to ZeroMQ. @throws if the package `zeromq` cannot be loaded */
export async function zeromqSockets(options: EngineOptions): Promise<SocketPort> {
  await loadZeromq();
  // Counts only before the first socket of the process, whosever that is.
  const { context } = zeromq();
  context.maxSockets = Math.max(context.maxSockets, MOST_SOCKETS);
  const { credentials, doorkeeper, maxMessageSize, heartbeatInterval, heartbeatTimeout } = options;
  // No more than that: zeromq.js takes each of its options for an option of libzmq's, and throws if it knows none.
  const common = { maxMessageSize, heartbeatInterval, heartbeatTimeout };
  return {
    // The loops that receive outlive whoever opened the socket: what they hear is not for its context.
    connect: (endpoint, listener) =>
      inNobodysContext(connected, endpoint, listener, common, credentials),
    bind: (addresses, listener) => inNobodysContext(bound, addresses, listener, common, doorkeeper),
  };
}

async function bound(
  addresses: readonly string[],
  listener: ServerListener,
  options: SocketOptions,
  doorkeeper: Doorkeeper | undefined,
): Promise<RouterSocket> {
  const guard = doorkeeper && (await guarded(doorkeeper, listener));
  const router = opened(addresses, listener, options, guard);
  await router.bind(addresses);
  return router;
}

async function guarded(doorkeeper: Doorkeeper, listener: ServerListener): Promise<Guard> {
  const seals = new SealBook(doorkeeper, {
    onRevoked: (peers) => listener.onRevoked(peers),
    onForged: (name) => listener.onRefused(`one that claims to be ${name}`),
  });
  try {
    return { own: doorkeeper.own(), seals, door: await ZapHandler.shared.guard(seals, listener) };
  } catch (error) {
    seals.close();
    throw error;
  }
}

/** Where there is no room for another socket nobody stands behind the door, for which the process would go on. */
function opened(
  addresses: readonly string[],
  listener: ServerListener,
  options: SocketOptions,
  guard: Guard | undefined,
): RouterSocket {
  try {
    return new RouterSocket(addresses, listener, options, guard);
  } catch (error) {
    guard?.seals.close();
    guard?.door.leave();
    throw error;
  }
}

function connected(
  endpoint: string,
  listener: ConnectionListener,
  options: SocketOptions,
  credentials: ClientCredentials | undefined,
): Connection {
  const open = (address: string, itsListener: ConnectionListener) =>
    dealt(endpoint, address, itsListener, options, credentials);
  return isNamed(endpoint)
    ? new NamedConnection(endpoint, listener, open, options.heartbeatTimeout / 2)
    : open(endpoint, listener);
}

/** Where this process, or libzmq, has no room for another socket, the connection is lost at once. */
function dealt(
  endpoint: string,
  address: string,
  listener: ConnectionListener,
  options: SocketOptions,
  credentials: ClientCredentials | undefined,
): Connection {
  try {
    return new DealerConnection(endpoint, address, listener, options, credentials);
  } catch (error) {
    return new NoConnection(listener, reasonOf(error));
  }
}

class NoConnection implements Connection {
  #isOpen = true;

  constructor(listener: ConnectionListener, reason: string) {
    asMicrotask(() => this.#isOpen && listener.onLost(reason));
  }

  send(_frames: OutgoingSocketFrames, onUndelivered = () => {}): void {
    asMicrotask(onUndelivered);
  }

  close(): void {
    this.#isOpen = false;
  }

  unwrap(): undefined {
    return undefined;
  }
}
