import { asMicrotask } from '../../node-timers.js';
import type { Connection, ConnectionListener, OutgoingSocketFrames } from '../socket-port.js';
import { Inbox, packed } from './inbox.js';
import { keepAlive } from './keep-alive.js';
import { boundNames, type InprocEnd } from './names.js';

/** A client's side of a connection to a server in the same thread. */
export class MemoryConnection implements Connection {
  readonly #inbox: Inbox;
  readonly #server: InprocEnd | undefined;
  #isReady = false;
  #isOpen = true;

  constructor(endpoint: string, listener: ConnectionListener, mostBytes: number) {
    this.#inbox = new Inbox(
      {
        opened: () => {
          if (!this.#server) return;
          this.#isReady = true;
          listener.onReady();
        },
        message: (frames) => listener.onMessage(frames),
        ended: () => {
          this.#over();
          listener.onLost(this.#server ? CLOSED : nobodyListens(endpoint));
        },
      },
      mostBytes,
    );
    keepAlive.opened();
    this.#server = boundNames().get(endpoint)?.connect(this.#inbox);
    this.#inbox.open();
    if (!this.#server) this.#inbox.end();
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const isTaken = this.#isOpen && this.#isReady && this.#server?.take(packed(frames));
    if (!isTaken && onUndelivered) asMicrotask(onUndelivered);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#over();
    this.#inbox.close();
    this.#server?.end();
  }

  /** There is no socket of the system's in it. */
  unwrap(): undefined {
    return undefined;
  }

  #over(): void {
    this.#isOpen = false;
    keepAlive.closed();
  }
}

const CLOSED = 'the connection was closed';

function nobodyListens(endpoint: string): string {
  return `the connection was refused: no server of this thread, with the same engine, has bound ${endpoint}`;
}
