import type { EventSubscriber, Router } from 'zeromq';
import { setImmediate } from '../../node-timers.js';
import type { OwnCredentials } from '../../security/doorkeeper.js';
import type { FreelancePeer } from '../../security/peer.js';
import type { SealBook } from '../../security/seal-book.js';
import { isIpv6 } from '../address.js';
import { bindError } from '../bind-error.js';
import { errorCode } from '../error-code.js';
import { isServed } from '../is-served.js';
import { zeromq } from './library.js';
import { monitor } from './monitor.js';
import { routerSecurity } from './security-options.js';
import type {
  OutgoingSocketFrames,
  ServerListener,
  ServerSocket,
  SocketFrames,
} from '../socket-port.js';
import { deliver } from '../deliver.js';
import type { SocketOptions } from '../socket-options.js';
import { SERVER_HANDSHAKE_MS, SERVER_LINGER_MS } from '../times.js';
import { TurnBudget } from './turn-budget.js';
import { sendNow } from './send-now.js';
import type { Door } from './zap-handler.js';

/**
 * Messages that may wait for one client that does not read, packs of 64 KiB most of them. The next ones are
 * dropped and counted. libzmq counts messages, not bytes.
 */
const SERVER_SEND_QUEUE = 8192;

const TAKEN = Object.assign(new Error('Address already in use'), { code: 'EADDRINUSE' });

export interface Guard {
  readonly own: OwnCredentials;
  readonly seals: SealBook;
  readonly door: Door;
}

export class RouterSocket implements ServerSocket {
  readonly #router: Router;
  readonly #listener: ServerListener;
  readonly #endpoints: string[] = [];
  readonly #guard: Guard | undefined;
  /** Those of the endpoints whose listeners have not ended: others cannot bind them yet. */
  readonly #taken = new Set<string>();
  #isOpen = true;
  #onFreed = () => {};

  constructor(
    addresses: readonly string[],
    listener: ServerListener,
    { maxMessageSize, heartbeatInterval, heartbeatTimeout }: SocketOptions,
    guard: Guard | undefined,
  ) {
    this.#listener = listener;
    this.#guard = guard;
    this.#router = new (zeromq().Router)({
      maxMessageSize,
      ...(guard && routerSecurity(guard.own, guard.door)),
      ipv6: addresses.some(isIpv6),
      // A reply to a client that is gone is an error that can be counted, not silence.
      mandatory: true,
      sendTimeout: 0,
      sendHighWaterMark: SERVER_SEND_QUEUE,
      linger: SERVER_LINGER_MS,
      handshakeInterval: SERVER_HANDSHAKE_MS,
      ...forgettingVanished(heartbeatInterval, heartbeatTimeout),
    });
    const events = monitor(this.#router);
    events.on('close', ({ address }) => this.#freed(address));
    // Some ms after `close()`, when libzmq has taken the socket apart. A name of `inproc` has no listener whose end is told.
    events.on('end', () => {
      for (const endpoint of this.#taken) this.#freed(endpoint);
      guard?.door.leave();
    });
  }

  get endpoints(): readonly string[] {
    return this.#endpoints;
  }

  async bind(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      try {
        if (address.startsWith('ipc:') && (await isServed(address))) throw TAKEN;
        await this.#router.bind(address);
      } catch (error) {
        // Whoever has closed it meanwhile waits for that.
        if (this.#isOpen) await new Promise<void>((freed) => this.close(freed));
        throw await bindError(address, error);
      }
      const endpoint = this.#router.lastEndpoint ?? address;
      this.#endpoints.push(endpoint);
      this.#taken.add(endpoint);
    }
    this.#watchLosses(monitor(this.#router));
    // Who has bound it learns that first: over `inproc://` messages may wait already.
    setImmediate(() => void this.#receive());
  }

  send(peer: Buffer, frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const undelivered = this.#guard ? this.#noticingEnd(peer, onUndelivered) : onUndelivered;
    sendNow(this.#router, [peer, ...frames], undelivered);
  }

  /**
   * ZeroMQ closes a socket in the background: who bound the same address right after `close()` would find
   * it taken. That a listener has ended, its monitor tells.
   *
   * Nothing is unbound before: zeromq.js does that in another thread, while this one receives, and ZeroMQ's
   * sockets are not safe for that. One close in a few thousand fails an assertion of libzmq (pipe.cpp:355),
   * and the process with it.
   */
  close(onFreed = () => {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#guard?.seals.close();
    this.#router.close();
    if (this.#taken.size === 0) onFreed();
    else this.#onFreed = onFreed;
  }

  /**
   * libzmq tells first that a handshake failed, then that the connection ended, both from the thread of that connection.
   * Not of every one: an HTTP client at a server with CURVE, for one, counts as a peer that was lost.
   */
  #watchLosses(events: EventSubscriber): void {
    let wasStranger = false;
    const failed = () => (wasStranger = true);
    events.on('handshake:error:protocol', failed);
    events.on('handshake:error:other', failed);
    events.on('disconnect', () => {
      if (wasStranger) this.#listener.onStrangerLost();
      else this.#listener.onPeerLost();
      wasStranger = false;
    });
  }

  #freed(endpoint: string): void {
    if (this.#taken.delete(endpoint) && this.#taken.size === 0) this.#onFreed();
  }

  identify(peer: Buffer): FreelancePeer | undefined {
    return this.#guard?.seals.identify(peer);
  }

  #noticingEnd(peer: Buffer, onUndelivered = () => {}): (error?: unknown) => void {
    return (error) => {
      if (isUnreachable(error)) this.left(peer);
      onUndelivered();
    };
  }

  left(peer: Buffer): void {
    this.#guard?.seals.left(peer);
  }

  isHeard(peer: Buffer): boolean {
    return !this.#guard || this.identify(peer) !== undefined;
  }

  unwrap(): Router {
    return this.#router;
  }

  async #receive(): Promise<void> {
    const turnBudget = new TurnBudget();
    try {
      while (this.#isOpen) {
        const [peer, ...frames] = await this.#router.receive();
        if (peer && this.#isOpen) deliver(() => this.#heard(peer, frames));
        if (turnBudget.isDue) await turnBudget.take();
      }
    } catch (error) {
      // A pending receive ends with an error when the socket is closed: that is how the loop stops.
      if (this.#isOpen) this.#listener.onFailed(error);
    }
  }

  #heard(peer: Buffer, frames: SocketFrames): void {
    if (this.isHeard(peer)) this.#listener.onMessage(peer, frames);
    else this.#listener.onStranger(peer);
  }
}

/**
 * By TCP, and not by ZMTP's heartbeats: with those, a receive queue that is full and a reset end in an assertion of libzmq, and
 * the process with it (`!_io_error`, stream_engine_base.cpp:310). libzmq sets TCP_USER_TIMEOUT, with which Linux
 * also ends the connection of a peer that has not read for so long.
 */
function forgettingVanished(interval: number, timeout: number): Partial<Router> {
  const seconds = Math.ceil(interval / 1000);
  return {
    tcpKeepalive: 1,
    tcpKeepaliveIdle: seconds,
    tcpKeepaliveInterval: seconds,
    tcpKeepaliveCount: Math.max(1, Math.round(timeout / interval) - 1),
    tcpMaxRetransmitTimeout: timeout,
  };
}

/** There is no connection under that routing id. Else, with EAGAIN, its peer does not read. */
function isUnreachable(error: unknown): boolean {
  return errorCode(error) === 'EHOSTUNREACH';
}
