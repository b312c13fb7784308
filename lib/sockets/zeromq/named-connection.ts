import { isIP } from 'node:net';
import { asMicrotask } from '../../node-timers.js';
import { tcpAddress, tcpAddressOf } from '../../tcp-address.js';
import { nodeClock } from '../clock.js';
import { LOOKUP_MS, type ResolvedAddress, type Resolver, resolver } from '../resolver.js';
import type {
  Connection,
  ConnectionListener,
  LossCause,
  OutgoingSocketFrames,
  Traffic,
} from '../socket-port.js';
import { NO_TRAFFIC } from '../traffic-total.js';
import { STAGGER_MS } from '../times.js';

/** Whether the host of that endpoint is a name that has to be resolved. */
export function isNamed(endpoint: string): boolean {
  const address = tcpAddressOf(endpoint);
  return address?.scheme === 'tcp' && isIP(address.host) === 0;
}

/**
 * A connection to a server by its name. libzmq itself would resolve the name in its I/O thread, which blocks all connections
 * of the process, for IPv4 only; it would try the first address only, and report no reason.
 *
 * ```
 *  look-up ──▶ first address ──▶ 250 ms later, or when one fails: the next one, beside it ──▶ first one that is ready
 *     │                                                                                      │
 *     └── does not resolve ──▶ lost ◀── none is left; one of them does not let this client in ┘
 * ```
 */
export class NamedConnection implements Connection {
  readonly #port: number;
  readonly #listener: ConnectionListener;
  readonly #open: (address: string, listener: ConnectionListener) => Connection;
  readonly #cancelLookup: () => void;
  /** The addresses that were not tried yet, in order. */
  #untried: readonly ResolvedAddress[] = [];
  /** The connections being tried, by address; in the end the one that is ready. */
  readonly #tried = new Map<string, Connection>();
  readonly #failures: string[] = [];
  #cancelNext = () => {};
  #isReady = false;
  #isOpen = true;

  /**
   * @param open connects to one address, as `SocketPort.connect`
   * @param patienceMs how long the look-up may take, at most `LOOKUP_MS`
   */
  constructor(
    endpoint: string,
    listener: ConnectionListener,
    open: (address: string, listener: ConnectionListener) => Connection,
    patienceMs: number,
    names: Resolver = resolver,
  ) {
    const { host = '', port = 0 } = tcpAddressOf(endpoint) ?? {};
    this.#port = port;
    this.#listener = listener;
    this.#open = open;
    const limitMs = Math.min(LOOKUP_MS, patienceMs);
    this.#cancelLookup = names.resolve(host, limitMs, (resolution) => {
      if ('reason' in resolution) return this.#lost(resolution.reason);
      this.#untried = resolution.addresses;
      this.#tryNext();
    });
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    if (this.#isReady) this.#first?.send(frames, onUndelivered);
    else if (onUndelivered) asMicrotask(onUndelivered);
  }

  close(): void {
    this.#isOpen = false;
    this.#cancelLookup();
    this.#cancelNext();
    for (const connection of this.#tried.values()) connection.close();
  }

  traffic(): Traffic {
    return this.#first?.traffic() ?? NO_TRAFFIC;
  }

  unwrap(): unknown {
    return this.#first?.unwrap();
  }

  get #first(): Connection | undefined {
    const [first] = this.#tried.values();
    return first;
  }

  #tryNext(): void {
    this.#cancelNext();
    const [next, ...untried] = this.#untried;
    if (!next) {
      if (this.#tried.size === 0) this.#lost(this.#failures.join('; '));
      return;
    }
    this.#untried = untried;
    const { address } = next;
    // /etc/hosts may have a line twice.
    if (this.#tried.has(address)) return this.#tryNext();
    const connection = this.#open(tcpAddress('tcp', address, this.#port), {
      onReady: () => this.#ready(address),
      onMessage: (frames) => this.#listener.onMessage(frames),
      onLost: (reason, cause) => this.#failed(address, reason, cause),
    });
    this.#tried.set(address, connection);
    if (untried.length === 0) return;
    this.#cancelNext = nodeClock.after(STAGGER_MS, () => this.#tryNext());
  }

  #ready(address: string): void {
    this.#isReady = true;
    this.#untried = [];
    this.#cancelNext();
    for (const [other, connection] of this.#tried) {
      if (other === address) continue;
      connection.close();
      this.#tried.delete(other);
    }
    this.#listener.onReady();
  }

  #failed(address: string, reason: string, cause: LossCause): void {
    this.#tried.delete(address);
    const isOnlyOne = this.#untried.length + this.#tried.size + this.#failures.length === 0;
    // All addresses of a name are one server, which has refused this client.
    if (this.#isReady || isOnlyOne || cause === 'unauthorized') return this.#lost(reason, cause);
    this.#failures.push(`${address}: ${reason}`);
    this.#tryNext();
  }

  #lost(reason: string, cause?: LossCause): void {
    if (!this.#isOpen) return;
    this.close();
    this.#listener.onLost(reason, cause);
  }
}
