import type {
  Connection,
  ConnectionListener,
  OutgoingSocketFrames,
  SocketFrames,
  Traffic,
} from '../../../lib/sockets/socket-port.js';
import { bytesOf, TrafficTotal } from '../../../lib/sockets/traffic-total.js';
import type { Timeline } from '../time/timeline.js';
import type { Process } from '../world/process.js';
import type { End, EndListener } from './end.js';

/** A client's socket: one connection, used once. */
export class SimulatedDealer implements Connection, EndListener {
  readonly end: End;
  readonly #process: Process;
  readonly #listener: ConnectionListener;
  readonly #timeline: Timeline;
  readonly #dropsUnread: () => boolean;
  #isClosed = false;
  #isLost = false;
  /** How often unread messages were dropped. */
  #drops = 0;
  readonly #traffic = new TrafficTotal();

  constructor(
    process: Process,
    listener: ConnectionListener,
    timeline: Timeline,
    dropsUnread: () => boolean,
    connect: (listener: EndListener) => End,
  ) {
    this.#process = process;
    this.#listener = listener;
    this.#timeline = timeline;
    this.#dropsUnread = dropsUnread;
    this.end = connect(this);
  }

  /** @param givenAt when the agent gave it to its socket, if earlier than now */
  send(frames: OutgoingSocketFrames, onUndelivered?: () => void, givenAt?: number): void {
    if (this.end.isOpen) {
      this.#traffic.sent += bytesOf(frames);
      this.end.send(frames, givenAt);
    } else if (onUndelivered) {
      this.#timeline.soon(onUndelivered);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.end.close();
  }

  traffic(): Traffic {
    return this.#traffic.snapshot();
  }

  unwrap(): unknown {
    return this;
  }

  opened(): void {
    this.#tell(() => this.#listener.onReady());
  }

  message(frames: SocketFrames): void {
    const before = this.#drops;
    this.#tell(() => {
      this.end.inbound.unread--;
      if (before !== this.#drops) return;
      this.#traffic.received += bytesOf(frames);
      this.#listener.onMessage(frames);
    });
  }

  over(reason: string): void {
    if (this.#dropsUnread()) this.#drops++;
    this.#tell(() => {
      this.#isLost = true;
      this.#listener.onLost(reason);
    });
  }

  #tell(what: () => void): void {
    this.#process.hear(() => {
      if (!this.#isClosed && !this.#isLost) what();
    });
  }
}
