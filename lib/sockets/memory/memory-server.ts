import { asMicrotask } from '../../node-timers.js';
import { bindError } from '../bind-error.js';
import { asText } from '../peer-key.js';
import type { OutgoingSocketFrames, ServerListener, ServerSocket } from '../socket-port.js';
import { Inbox, packed } from './inbox.js';
import { keepAlive } from './keep-alive.js';
import { boundNames, type InprocEnd, type InprocName } from './names.js';

interface Client {
  /** Its side: what this server sends goes there. */
  readonly end: InprocEnd;
  /** This side: what it sends to this server. */
  readonly inbox: Inbox;
}

/** A server's socket that clients in the same thread reach by name. */
export class MemoryServer implements ServerSocket, InprocName {
  readonly endpoints: readonly string[];
  readonly #listener: ServerListener;
  readonly #mostBytes: number;
  readonly #newPeer: () => Buffer;
  readonly #clients = new Map<string, Client>();
  #isOpen = true;

  /** @throws if one of the names is bound already; then none is */
  static async bind(
    names: readonly string[],
    listener: ServerListener,
    mostBytes: number,
    newPeer: () => Buffer,
  ): Promise<MemoryServer> {
    const bound = boundNames();
    const taken = names.find((name, i) => bound.has(name) || names.indexOf(name) < i);
    if (taken !== undefined) throw await bindError(taken, IN_USE);
    return new MemoryServer(names, listener, mostBytes, newPeer);
  }

  private constructor(
    names: readonly string[],
    listener: ServerListener,
    mostBytes: number,
    newPeer: () => Buffer,
  ) {
    this.endpoints = [...names];
    this.#listener = listener;
    this.#mostBytes = mostBytes;
    this.#newPeer = newPeer;
    for (const name of names) boundNames().set(name, this);
    keepAlive.opened();
  }

  connect(end: InprocEnd): InprocEnd {
    const peer = this.#newPeer();
    const key = asText(peer);
    const inbox = new Inbox(
      {
        opened() {},
        message: (frames) => this.#listener.onMessage(peer, frames),
        ended: () => {
          this.#clients.delete(key);
          this.#listener.onPeerLost(peer);
        },
      },
      this.#mostBytes,
    );
    this.#clients.set(key, { end, inbox });
    return inbox;
  }

  send(peer: Buffer, frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const isTaken = this.#clients.get(asText(peer))?.end.take(packed(frames)) ?? false;
    if (!isTaken && onUndelivered) asMicrotask(onUndelivered);
  }

  close(onFreed = () => {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const name of this.endpoints) boundNames().delete(name);
    for (const { end, inbox } of this.#clients.values()) {
      inbox.close();
      end.end();
    }
    this.#clients.clear();
    keepAlive.closed();
    asMicrotask(onFreed);
  }

  /** What never leaves the process knows no security. */
  identify(): undefined {
    return undefined;
  }

  isHeard(): boolean {
    return true;
  }

  left(): void {}

  /** There is no socket of the system's in it. */
  unwrap(): undefined {
    return undefined;
  }
}

const IN_USE = Object.assign(new Error('Address already in use'), { code: 'EADDRINUSE' });
