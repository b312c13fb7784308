import type { EventSubscriber, Router } from 'zeromq';
import { setImmediate } from '../../node-timers.js';
import type { OwnCredentials } from '../../security/doorkeeper.js';
import type { SealBook } from '../../security/seal-book.js';
import { isIpv6 } from '../address.js';
import { bindError } from '../bind-error.js';
import { errorCode } from '../error-code.js';
import { isServed } from '../is-served.js';
import { zeromq } from './library.js';
import { monitor } from './monitor.js';
import { RouterPeer } from './router-peer.js';
import { routerSecurity } from './security-options.js';
import type { ServerListener, ServerSocket, SocketFrames, Traffic } from '../socket-port.js';
import { bytesOf, TrafficTotal } from '../traffic-total.js';
import { deliver } from '../deliver.js';
import type { SocketOptions } from '../socket-options.js';
import { SERVER_HANDSHAKE_MS, SERVER_LINGER_MS } from '../times.js';
import { TurnBudget } from './turn-budget.js';
import type { Door } from './zap-handler.js';

/**
 * How many messages may wait for one client that does not read, most of them packs of up to 64 KiB. Further ones are dropped and
 * counted. libzmq counts messages, not bytes.
 */
const SERVER_SEND_QUEUE = 8192;

const TAKEN = Object.assign(new Error('Address already in use'), { code: 'EADDRINUSE' });

const OUT_OF_DESCRIPTORS = new Set<string | undefined>(['EMFILE', 'ENFILE']);

export interface RouterOptions extends SocketOptions {
  readonly routingId: string | undefined;
}

/** The security of a server, as libzmq's engine needs it. */
export interface Guard {
  readonly own: OwnCredentials;
  /** Tells whose a message is, by its routing id. */
  readonly seals: SealBook;
  /** Answers libzmq's questions whether a client may connect (ZAP). */
  readonly door: Door;
}

/** The socket of a server with libzmq's engine: one ROUTER for all its addresses, and its monitor. */
export class RouterSocket implements ServerSocket {
  readonly #router: Router;
  readonly #listener: ServerListener;
  readonly #endpoints: string[] = [];
  readonly #traffic = new TrafficTotal();
  readonly #guard: Guard | undefined;
  /** The endpoints that libzmq still listens at, so that they cannot be bound again yet. */
  readonly #taken = new Set<string>();
  #isOpen = true;
  #onFreed = () => {};

  constructor(
    addresses: readonly string[],
    listener: ServerListener,
    { maxMessageSize, heartbeatInterval, heartbeatTimeout, routingId }: RouterOptions,
    guard: Guard | undefined,
  ) {
    this.#listener = listener;
    this.#guard = guard;
    this.#router = new (zeromq().Router)({
      maxMessageSize,
      ...(routingId !== undefined && { routingId }),
      ...(guard && routerSecurity(guard.own, guard.door)),
      ipv6: addresses.some(isIpv6),
      // A reply to a client that is gone is an error, which can be counted, and not dropped silently.
      mandatory: true,
      sendTimeout: 0,
      sendHighWaterMark: SERVER_SEND_QUEUE,
      linger: SERVER_LINGER_MS,
      handshakeInterval: SERVER_HANDSHAKE_MS,
      ...forgettingVanished(heartbeatInterval, heartbeatTimeout),
    });
    const events = monitor(this.#router);
    events.on('close', ({ address }) => this.#freed(address));
    // Comes some ms after `close()`, when libzmq has destroyed the socket. An inproc name has no listener that could report its end.
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
        // If it was closed meanwhile, somebody waits for that already.
        if (this.#isOpen) await new Promise<void>((freed) => this.close(freed));
        throw await bindError(address, error);
      }
      const endpoint = this.#router.lastEndpoint ?? address;
      this.#endpoints.push(endpoint);
      this.#taken.add(endpoint);
    }
    const events = monitor(this.#router);
    // Other errors mean that the client hung up before it was accepted.
    events.on('accept:error', ({ error }) => {
      if (OUT_OF_DESCRIPTORS.has(errorCode(error))) this.#listener.onAcceptFailed(error);
    });
    this.#watchLosses(events);
    // Messages may wait already over `inproc://`, but the caller of `bind` has to return first.
    setImmediate(() => void this.#receive());
  }

  /**
   * ZeroMQ closes a socket in the background, so its addresses stay in use for a while after `close()`. The monitor reports when
   * the listeners have ended.
   *
   * Nothing is unbound before: zeromq.js would do that in another thread while this one receives, and ZeroMQ's sockets are not
   * thread-safe. Now and then that fails an assertion of libzmq (pipe.cpp:355), which ends the process.
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
   * libzmq reports first that a handshake failed, then that the connection ended, both from the same thread. It does not report
   * every failed handshake: an HTTP client at a server with CURVE, for example, counts as a lost peer.
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

  /** What was given to libzmq, also what did not leave. */
  traffic(): Traffic {
    return this.#traffic.snapshot();
  }

  unwrap(): Router {
    return this.#router;
  }

  /** @param keys the keys of the peers that are no longer heard */
  revoked(keys: readonly string[]): void {
    this.#listener.onRevoked(keys.map((key) => this.#peer(Buffer.from(key, 'latin1'))));
  }

  #peer(routingId: Buffer): RouterPeer {
    return new RouterPeer(this.#router, this.#guard?.seals, this.#traffic, routingId);
  }

  async #receive(): Promise<void> {
    const turnBudget = new TurnBudget();
    try {
      while (this.#isOpen) {
        const [routingId, ...frames] = await this.#router.receive();
        if (routingId && this.#isOpen) deliver(() => this.#heard(routingId, frames));
        if (turnBudget.isDue) await turnBudget.take();
      }
    } catch (error) {
      // Closing the socket makes the pending receive fail, which ends the loop.
      if (this.#isOpen) this.#listener.onFailed(error);
    }
  }

  #heard(routingId: Buffer, frames: SocketFrames): void {
    this.#traffic.received += bytesOf(frames);
    const peer = this.#peer(routingId);
    if (peer.isHeard) this.#listener.onMessage(peer, frames);
    else this.#listener.onStranger(peer);
  }
}

/**
 * Detects vanished clients by TCP's keep-alive, not by ZMTP heartbeats: together with a full receive queue and a reset, those
 * fail an assertion of libzmq, which ends the process (`!_io_error`, stream_engine_base.cpp:310). libzmq also sets
 * TCP_USER_TIMEOUT, with which Linux ends the connection of a peer that has not read for that long.
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
