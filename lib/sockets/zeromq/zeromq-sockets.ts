import { inNobodysContext } from '../../async-context.js';
import { asMicrotask } from '../../node-timers.js';
import type { ClientCredentials } from '../../security/client-credentials.js';
import type { Doorkeeper } from '../../security/doorkeeper.js';
import { SealBook } from '../../security/seal-book.js';
import { loadZeromq, zeromq } from './library.js';
import { DealerConnection } from './dealer-connection.js';
import { isNamed, NamedConnection } from './named-connection.js';
import { type Guard, type RouterOptions, RouterSocket } from './router-socket.js';
import type {
  Connection,
  ConnectionListener,
  OutgoingSocketFrames,
  ServerListener,
  SocketPort,
  Traffic,
} from '../socket-port.js';
import { NO_TRAFFIC } from '../traffic-total.js';
import type { EngineOptions } from '../engine-options.js';
import { reasonOf } from '../reason-of.js';
import type { SocketOptions } from '../socket-options.js';
import { ZapHandler } from './zap-handler.js';

/**
 * How many sockets this process may have. A connection takes two, one of them for its events, so libzmq's default of 1023 would
 * be used up by some 500 connections.
 */
const MOST_SOCKETS = 65_535;

/** The engine over libzmq. @throws if the package `zeromq` cannot be loaded */
export async function zeromqSockets(options: EngineOptions): Promise<SocketPort> {
  await loadZeromq();
  // Has an effect only before the first ZeroMQ socket of the process.
  const { context } = zeromq();
  context.maxSockets = Math.max(context.maxSockets, MOST_SOCKETS);
  const { credentials, doorkeeper, routingId, maxMessageSize } = options;
  const { heartbeatInterval, heartbeatTimeout } = options;
  // Only these: zeromq.js throws on options that libzmq does not know.
  const common = { maxMessageSize, heartbeatInterval, heartbeatTimeout };
  return {
    // Messages must not be handled in the async context of whoever opened the socket.
    connect: (endpoint, listener) =>
      inNobodysContext(connected, endpoint, listener, common, credentials),
    bind: (addresses, listener) =>
      inNobodysContext(bound, addresses, listener, { ...common, routingId }, doorkeeper),
  };
}

async function bound(
  addresses: readonly string[],
  listener: ServerListener,
  options: RouterOptions,
  doorkeeper: Doorkeeper | undefined,
): Promise<RouterSocket> {
  let router: RouterSocket | undefined;
  const revoked = (keys: readonly string[]) => router?.revoked(keys);
  const guard = doorkeeper && (await guarded(doorkeeper, listener, revoked));
  router = opened(addresses, listener, options, guard);
  await router.bind(addresses);
  return router;
}

async function guarded(
  doorkeeper: Doorkeeper,
  listener: ServerListener,
  onRevoked: (keys: readonly string[]) => void,
): Promise<Guard> {
  const seals = new SealBook(doorkeeper, {
    onRevoked,
    onForged: (name) => listener.onRefused(`one that claims to be ${name}`),
  });
  try {
    return { own: doorkeeper.own(), seals, door: await ZapHandler.shared.guard(seals, listener) };
  } catch (error) {
    seals.close();
    throw error;
  }
}

/** If there is no room for another socket, the registration is undone: it would keep the process alive. */
function opened(
  addresses: readonly string[],
  listener: ServerListener,
  options: RouterOptions,
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

/** If this process or libzmq has no room for another socket, the connection is lost at once. */
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

  traffic(): Traffic {
    return NO_TRAFFIC;
  }

  unwrap(): undefined {
    return undefined;
  }
}
