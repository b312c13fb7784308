import { asMicrotask } from '../../node-timers.js';
import { bindError } from '../bind-error.js';
import { newPeerKey } from '../peer-key.js';
import type {
  OutgoingSocketFrames,
  Peer,
  ServerListener,
  ServerSocket,
  Traffic,
} from '../socket-port.js';
import { bytesOf, TrafficTotal } from '../traffic-total.js';
import { Inbox, type InboxLimits, packed } from './inbox.js';
import { keepAlive } from './keep-alive.js';
import { boundNames, type InprocEnd, type InprocName } from './names.js';

/** A client in the same thread. Messages that never leave the process need no security. */
class MemoryPeer implements Peer {
  readonly key = newPeerKey();
  readonly identity = undefined;
  readonly isHeard = true;

  readonly #traffic: TrafficTotal;

  /**
   * @param end the client's side, to which the server sends
   * @param traffic of the server
   */
  constructor(
    readonly end: InprocEnd,
    traffic: TrafficTotal,
  ) {
    this.#traffic = traffic;
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const given = packed(frames);
    if (this.end.take(given)) this.#traffic.sent += bytesOf(given);
    else if (onUndelivered) asMicrotask(onUndelivered);
  }

  left(): void {}
}

/** The socket of a server that clients in the same thread reach by name. */
export class MemoryServer implements ServerSocket, InprocName {
  readonly endpoints: readonly string[];
  readonly #listener: ServerListener;
  readonly #limits: InboxLimits;
  /** The clients, each with the inbox of what it has sent. */
  readonly #clients = new Map<MemoryPeer, Inbox>();
  readonly #traffic = new TrafficTotal();
  #isOpen = true;

  /** @throws if one of the names is bound already; then none is */
  static async bind(
    names: readonly string[],
    listener: ServerListener,
    limits: InboxLimits,
  ): Promise<MemoryServer> {
    const bound = boundNames();
    const taken = names.find((name, i) => bound.has(name) || names.indexOf(name) < i);
    if (taken !== undefined) throw await bindError(taken, IN_USE);
    return new MemoryServer(names, listener, limits);
  }

  private constructor(names: readonly string[], listener: ServerListener, limits: InboxLimits) {
    this.endpoints = [...names];
    this.#listener = listener;
    this.#limits = limits;
    for (const name of names) boundNames().set(name, this);
    keepAlive.opened();
  }

  connect(end: InprocEnd): InprocEnd {
    const peer = new MemoryPeer(end, this.#traffic);
    const inbox = new Inbox(
      {
        opened() {},
        message: (frames) => {
          this.#traffic.received += bytesOf(frames);
          this.#listener.onMessage(peer, frames);
        },
        ended: () => {
          this.#clients.delete(peer);
          this.#listener.onPeerLost(peer);
        },
      },
      this.#limits,
    );
    this.#clients.set(peer, inbox);
    return inbox;
  }

  close(onFreed = () => {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const name of this.endpoints) boundNames().delete(name);
    for (const [{ end }, inbox] of this.#clients) {
      inbox.close();
      end.end();
    }
    this.#clients.clear();
    keepAlive.closed();
    asMicrotask(onFreed);
  }

  traffic(): Traffic {
    return this.#traffic.snapshot();
  }

  /** There is no socket of the system. */
  unwrap(): undefined {
    return undefined;
  }
}

const IN_USE = Object.assign(new Error('Address already in use'), { code: 'EADDRINUSE' });
