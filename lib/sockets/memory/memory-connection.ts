import { asMicrotask } from '../../node-timers.js';
import type {
  Connection,
  ConnectionListener,
  OutgoingSocketFrames,
  Traffic,
} from '../socket-port.js';
import { bytesOf, TrafficTotal } from '../traffic-total.js';
import { Inbox, type InboxLimits, packed } from './inbox.js';
import { keepAlive } from './keep-alive.js';
import { boundNames, type InprocEnd } from './names.js';

/** The client's side of a connection to a server in the same thread. */
export class MemoryConnection implements Connection {
  readonly #inbox: Inbox;
  readonly #server: InprocEnd | undefined;
  readonly #traffic = new TrafficTotal();
  #isReady = false;
  #isOpen = true;

  constructor(endpoint: string, listener: ConnectionListener, limits: InboxLimits) {
    this.#inbox = new Inbox(
      {
        opened: () => {
          if (!this.#server) return;
          this.#isReady = true;
          listener.onReady();
        },
        message: (frames) => {
          this.#traffic.received += bytesOf(frames);
          listener.onMessage(frames);
        },
        ended: () => {
          this.#over();
          listener.onLost(this.#server ? CLOSED : nobodyListens(endpoint));
        },
      },
      limits,
    );
    keepAlive.opened();
    this.#server = boundNames().get(endpoint)?.connect(this.#inbox);
    this.#inbox.open();
    if (!this.#server) this.#inbox.end();
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const given = packed(frames);
    const isTaken = this.#isOpen && this.#isReady && this.#server?.take(given);
    if (isTaken) this.#traffic.sent += bytesOf(given);
    else if (onUndelivered) asMicrotask(onUndelivered);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#over();
    this.#inbox.close();
    this.#server?.end();
  }

  traffic(): Traffic {
    return this.#traffic.snapshot();
  }

  /** There is no socket of the system. */
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
