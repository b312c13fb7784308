import { context, Dealer, Router } from 'zeromq';
import type { ClientCredentials } from '../security/client-credentials.js';
import type { Doorkeeper } from '../security/doorkeeper.js';
import type { FreelancePeer } from '../security/peer.js';
import { dealerSecurity, routerSecurity } from './security-options.js';
import type {
  Connection,
  ConnectionListener,
  LossCause,
  ServerListener,
  ServerSocket,
  OutgoingSocketFrames,
  SocketFrames,
  SocketPort,
} from './socket-port.js';
import { whyHandshakeFailed } from './why-handshake-failed.js';
import { type Door, ZapHandler } from './zap-handler.js';

export interface SocketOptions extends CommonOptions {
  /** What a client shows to its servers. */
  credentials?: ClientCredentials | undefined;
  /** Who lets clients in to a server. */
  doorkeeper?: Doorkeeper | undefined;
}

interface CommonOptions {
  /** ZMTP heartbeats, in ms: they see a stopped process and a cut network without the event loop. */
  heartbeatInterval: number;
  heartbeatTimeout: number;
  /** The largest frame that is taken, in bytes: who sends one that is larger loses the connection. */
  maxMessageSize: number;
}

/** How long a closed server goes on sending what it has answered, in ms. */
const SERVER_LINGER_MS = 1000;

/** How long a closed client goes on sending its last words, in ms: enough for a peer that reads. */
const CLIENT_LINGER_MS = 100;

/** How long a client may take for its side of the handshake, in ms; libzmq's own 30 s is generous. */
const SERVER_HANDSHAKE_MS = 5000;

/**
 * Messages that may wait for one client that does not read, packs of 64 KiB most of them. The next ones are
 * dropped and counted. libzmq counts messages, not bytes.
 */
const SERVER_SEND_QUEUE = 8192;

/**
 * How many sockets this process may have: a connection is two, with the one for its events, and of libzmq's
 * 1023 each client would have used up one for all of some 500 servers. A slot that is not used costs 12 bytes.
 */
const MOST_SOCKETS = 65_535;

/** Counts only before the first socket of the process, whosever that is. */
context.maxSockets = Math.max(context.maxSockets, MOST_SOCKETS);

/** The only door to ZeroMQ. */
export function zeromqSockets(options: SocketOptions): SocketPort {
  const { credentials, doorkeeper, ...common } = options;
  return {
    connect: (endpoint, listener) => connected(endpoint, listener, common, credentials),
    bind: async (addresses, listener) => {
      const guard = doorkeeper && (await guarded(doorkeeper, listener));
      const router = new RouterSocket(addresses, listener, common, guard);
      await router.bind(addresses);
      return router;
    },
  };
}

/** Where this process, or libzmq, has no room for another socket, the connection is lost at once. */
function connected(
  endpoint: string,
  listener: ConnectionListener,
  options: CommonOptions,
  credentials: ClientCredentials | undefined,
): Connection {
  try {
    return new DealerConnection(endpoint, listener, options, credentials);
  } catch (error) {
    return new NoConnection(listener, reasonOf(error));
  }
}

class NoConnection implements Connection {
  #isOpen = true;

  constructor(listener: ConnectionListener, reason: string) {
    queueMicrotask(() => this.#isOpen && listener.onLost(reason));
  }

  send(_frames: OutgoingSocketFrames, onUndelivered = () => {}): void {
    queueMicrotask(onUndelivered);
  }

  close(): void {
    this.#isOpen = false;
  }

  unwrap(): undefined {
    return undefined;
  }
}

interface Guard {
  readonly doorkeeper: Doorkeeper;
  readonly door: Door;
}

async function guarded(doorkeeper: Doorkeeper, listener: ServerListener): Promise<Guard> {
  const door = await ZapHandler.shared.guard(doorkeeper, () => listener.onRefused());
  return { doorkeeper, door };
}

class DealerConnection implements Connection {
  readonly #dealer: Dealer;
  readonly #listener: ConnectionListener;
  readonly #credentials: ClientCredentials | undefined;
  #isOpen = true;
  #received = 0;

  constructor(
    endpoint: string,
    listener: ConnectionListener,
    common: CommonOptions,
    credentials: ClientCredentials | undefined,
  ) {
    this.#listener = listener;
    this.#credentials = credentials;
    this.#dealer = new Dealer({
      ...common,
      ipv6: isIpv6(endpoint),
      // A send to nobody fails, instead of waiting for a server that comes back and runs it then.
      immediate: true,
      // With no time to wait a send is settled at once, so that two never overlap (EBUSY).
      sendTimeout: 0,
      // The agent bounds its open calls; a second bound here would refuse bursts that it accepted.
      sendHighWaterMark: 0,
      linger: CLIENT_LINGER_MS,
      // The agent decides when to try again, with a back-off of its own.
      reconnectInterval: -1,
      handshakeInterval: 0,
    });
    this.#watch(endpoint);
    try {
      if (credentials) Object.assign(this.#dealer, dealerSecurity(credentials.for(endpoint)));
      this.#dealer.connect(endpoint);
    } catch (error) {
      queueMicrotask(() => this.#lost(reasonOf(error)));
      return;
    }
    // libzmq's monitor does not report inproc connections: they are there from the start.
    if (isInproc(endpoint)) queueMicrotask(() => this.#isOpen && listener.onReady());
    void this.#receive();
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    sendNow(this.#dealer, [...frames], onUndelivered);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#dealer.close();
  }

  unwrap(): Dealer {
    return this.#dealer;
  }

  #watch(endpoint: string): void {
    const { events } = this.#dealer;
    events.on('handshake', () => this.#isOpen && this.#listener.onReady());
    events.on('disconnect', () => void this.#lostAfterLastWords('the connection was closed'));
    events.on('close', () => this.#lost('the connection was refused'));
    events.on('connect:retry', () => this.#lost(`${hostOf(endpoint)} cannot be resolved`));
    events.on('handshake:error:protocol', ({ error }) => this.#handshakeFailed(error));
    events.on('handshake:error:auth', ({ error }) => this.#handshakeFailed(error));
    events.on('handshake:error:other', ({ error }) => this.#handshakeFailed(error));
  }

  #handshakeFailed(error: Error): void {
    const { reason, cause } = whyHandshakeFailed(error, this.#credentials);
    this.#lost(reason, cause);
  }

  async #receive(): Promise<void> {
    try {
      while (this.#isOpen) {
        const frames = await this.#dealer.receive();
        this.#received++;
        if (this.#isOpen) deliver(() => this.#listener.onMessage(frames));
      }
    } catch (error) {
      this.#lost(reasonOf(error));
    }
  }

  /**
   * Answers that came before the end may still be in the socket: they are heard first, until a whole
   * turn of the event loop brings none. (To ask `readable` would be shorter, but it takes the signal
   * away from the pending receive: ZeroMQ's file descriptor is edge-triggered.)
   */
  async #lostAfterLastWords(reason: string): Promise<void> {
    let before: number;
    do {
      before = this.#received;
      await new Promise(setImmediate);
    } while (this.#received > before);
    this.#lost(reason);
  }

  #lost(reason: string, cause?: LossCause): void {
    if (!this.#isOpen) return;
    this.close();
    this.#listener.onLost(reason, cause);
  }
}

class RouterSocket implements ServerSocket {
  readonly #router: Router;
  readonly #listener: ServerListener;
  readonly #endpoints: string[] = [];
  readonly #guard: Guard | undefined;
  #isOpen = true;

  constructor(
    addresses: readonly string[],
    listener: ServerListener,
    common: CommonOptions,
    guard: Guard | undefined,
  ) {
    this.#listener = listener;
    this.#guard = guard;
    this.#router = new Router({
      ...common,
      ...(guard && routerSecurity(guard.doorkeeper.own(), guard.door)),
      ipv6: addresses.some(isIpv6),
      // A reply to a client that is gone is an error that can be counted, not silence.
      mandatory: true,
      sendTimeout: 0,
      sendHighWaterMark: SERVER_SEND_QUEUE,
      linger: SERVER_LINGER_MS,
      handshakeInterval: SERVER_HANDSHAKE_MS,
    });
    if (!guard) return;
    guard.doorkeeper.onRevoked = (peer) => this.#isOpen && listener.onRevoked(peer);
    // Not before: see `Door`.
    this.#router.events.on('end', () => guard.door.leave());
  }

  get endpoints(): readonly string[] {
    return this.#endpoints;
  }

  async bind(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      try {
        await this.#router.bind(address);
      } catch (error) {
        await new Promise<void>((freed) => this.close(freed));
        throw new Error(`cannot bind ${address}: ${reasonOf(error)}`, { cause: error });
      }
      this.#endpoints.push(this.#router.lastEndpoint ?? address);
    }
    this.#router.events.on('disconnect', () => this.#listener.onPeerLost());
    void this.#receive();
  }

  send(peer: Buffer, frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    sendNow(this.#router, [peer, ...frames], onUndelivered);
  }

  close(onFreed = () => {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const close = () => {
      this.#router.close();
      onFreed();
    };
    // What somebody who unwrapped the socket has unbound, or closed, is free already.
    void this.#freeAddresses().then(close, close);
  }

  /**
   * ZeroMQ closes a socket in the background: who bound the same address right after `close()` would find
   * it taken. That a listener has ended, its monitor tells; `inproc` has none, and ends at once.
   */
  async #freeAddresses(): Promise<void> {
    for (const endpoint of this.#endpoints) {
      if (this.#router.closed) return;
      const ended = isInproc(endpoint) ? undefined : this.#listenerEnded(endpoint);
      await this.#router.unbind(endpoint);
      await ended;
    }
  }

  #listenerEnded(endpoint: string): Promise<void> {
    return new Promise((resolve) => {
      this.#router.events.on('close', ({ address }) => {
        if (address === endpoint) resolve();
      });
    });
  }

  identify(peer: Buffer): FreelancePeer | undefined {
    return this.#guard?.doorkeeper.identify(peer);
  }

  unwrap(): Router {
    return this.#router;
  }

  async #receive(): Promise<void> {
    try {
      while (this.#isOpen) {
        const [peer, ...frames] = await this.#router.receive();
        if (peer && this.#isOpen) deliver(() => this.#heard(peer, frames));
      }
    } catch (error) {
      // A pending receive ends with an error when the socket is closed: that is how the loop stops.
      if (this.#isOpen) this.#listener.onFailed(error);
    }
  }

  #heard(peer: Buffer, frames: SocketFrames): void {
    if (this.#guard && !this.identify(peer)) this.#listener.onStranger(peer);
    else this.#listener.onMessage(peer, frames);
  }
}

/**
 * A fault of the listener is no fault of the socket: it surfaces as an uncaught exception, and should
 * the process survive that, the next messages are still received.
 */
function deliver(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}

function sendNow(
  socket: Dealer | Router,
  frames: (Buffer | string)[],
  onUndelivered = () => {},
): void {
  if (socket.closed) {
    queueMicrotask(onUndelivered);
    return;
  }
  socket.send(frames).catch(onUndelivered);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hostOf(endpoint: string): string {
  return endpoint.replace(/^\w+:\/\//, '').replace(/:\d+$/, '');
}

function isInproc(address: string): boolean {
  return address.startsWith('inproc:');
}

/** ZeroMQ understands such addresses only if it is told to. */
function isIpv6(address: string): boolean {
  return address.startsWith('tcp://[');
}
