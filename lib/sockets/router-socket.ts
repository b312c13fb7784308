import { type EventOfType, Router } from 'zeromq';
import type { Doorkeeper } from '../security/doorkeeper.js';
import type { FreelancePeer } from '../security/peer.js';
import { routerSecurity } from './security-options.js';
import type {
  OutgoingSocketFrames,
  ServerListener,
  ServerSocket,
  SocketFrames,
} from './socket-port.js';
import {
  type CommonOptions,
  deliver,
  isInproc,
  isIpv6,
  reasonOf,
  sendNow,
} from './socket-tools.js';
import type { Door } from './zap-handler.js';

/** How long a closed server goes on sending what it has answered, in ms. */
const SERVER_LINGER_MS = 1000;

/** How long a client may take for its side of the handshake, in ms; libzmq's own 30 s is generous. */
const SERVER_HANDSHAKE_MS = 5000;

/**
 * Messages that may wait for one client that does not read, packs of 64 KiB most of them. The next ones are
 * dropped and counted. libzmq counts messages, not bytes.
 */
const SERVER_SEND_QUEUE = 8192;

export interface Guard {
  readonly doorkeeper: Doorkeeper;
  readonly door: Door;
}

export class RouterSocket implements ServerSocket {
  readonly #router: Router;
  readonly #listener: ServerListener;
  readonly #endpoints: string[] = [];
  readonly #guard: Guard | undefined;
  /** With a guard, when the last connection has ended, some ms after `close()`: see `ZapHandler`. */
  readonly #ended: Promise<void> = Promise.resolve();
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
    this.#ended = new Promise<void>((resolve) => this.#router.events.on('end', () => resolve()));
    void this.#ended.then(() => guard.door.leave());
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
      void this.#ended.then(onFreed);
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
    const { events } = this.#router;
    return new Promise((resolve) => {
      const closed = ({ address }: EventOfType<'close'>) => {
        if (address !== endpoint) return;
        events.off('close', closed);
        resolve();
      };
      events.on('close', closed);
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
