import type { OutgoingSocketFrames, SocketFrames } from '../../../lib/sockets/socket-port.js';
import type { Timeline } from '../time/timeline.js';
import type { Process } from '../world/process.js';
import type { Engine } from './engines.js';
import type { ZmtpHeartbeats } from './heartbeat-watch.js';
import type { Parcel, Pipe } from './pipe.js';

/** Events of an end for its socket, in the I/O thread of its process, or in the event loop if there is none. */
export interface EndListener {
  opened(): void;
  message(frames: SocketFrames, sentAt: number): void;
  /** Ended by anything but the socket itself. Called once, after the last message. */
  over(reason: string): void;
}

/** Observes everything on the network. */
export interface Traffic {
  connecting(from: Process, to: string): void;
  sent(from: Process, to: string, frames: SocketFrames): void;
  ended(process: Process, other: string, reason: string): void;
}

export interface EndOptions {
  readonly process: Process;
  readonly engine: Engine;
  /** The side of the client or the server. */
  readonly isClient: boolean;
  readonly inbound: Pipe;
  readonly outbound: Pipe;
  readonly heartbeats: ZmtpHeartbeats;
  readonly timeline: Timeline;
  readonly traffic: Traffic;
  ended(end: End): void;
}

/** One end of a TCP connection. */
export class End {
  /** Unknown until the other side has accepted the connection. */
  other: End | undefined;
  readonly #options: EndOptions;
  readonly #listener: EndListener;
  /** `closed` by its own process, or `lost`. */
  #state: 'opening' | 'open' | 'closed' | 'lost' = 'opening';

  constructor(options: EndOptions, listener: EndListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get process(): Process {
    return this.#options.process;
  }

  get heartbeats(): ZmtpHeartbeats {
    return this.#options.heartbeats;
  }

  get inbound(): Pipe {
    return this.#options.inbound;
  }

  get outbound(): Pipe {
    return this.#options.outbound;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isOver(): boolean {
    return this.#state === 'closed' || this.#state === 'lost';
  }

  /** Messages that the other side has not read yet. */
  get unread(): number {
    return this.#options.outbound.unread;
  }

  /**
   * Since when this end cannot hear anything; Infinity if it can, or if it does not watch.
   *
   * The engine `node` sends ZMTP heartbeats. Those of libzmq can abort the process, so its clients have none, and its
   * servers use TCP keep-alive, which the other side's kernel answers whatever its process does.
   */
  get deafSince(): number {
    const { inbound, outbound, engine, isClient } = this.#options;
    if (engine === 'node')
      return Math.min(inbound.route.darkSince, this.other?.muteSince ?? Infinity);
    return isClient ? Infinity : Math.min(inbound.route.darkSince, outbound.route.darkSince);
  }

  /** Since when this end answers no heartbeats. libzmq's I/O threads answer them while the event loop is blocked. */
  get muteSince(): number {
    const { process, engine } = this.#options;
    return engine === 'node' ? process.pausedSince : process.stoppedSince;
  }

  /** Whether it neither reads nor watches. */
  get standsStill(): boolean {
    return this.muteSince < Infinity;
  }

  /** @param givenAt when the process gave it to its socket */
  send(given: OutgoingSocketFrames, givenAt = this.#options.timeline.now): void {
    const { outbound, traffic } = this.#options;
    const frames = given.map((frame) => (typeof frame === 'string' ? Buffer.from(frame) : frame));
    traffic.sent(this.process, outbound.route.to, frames);
    outbound.send({ type: 'message', frames, sentAt: givenAt });
  }

  /** Everything sent earlier still arrives. */
  close(): void {
    if (this.isOver) return;
    this.#state = 'closed';
    this.#options.ended(this);
    this.#options.outbound.send({ type: 'close' });
  }

  /** The I/O thread has detected that the peer is gone. */
  lose(reason: string): void {
    if (this.isOver) return;
    this.close();
    this.#lost(reason);
  }

  /** The process was killed: its kernel closes the connection, and unwritten messages are lost. */
  die(unwrittenSince: number): void {
    if (this.#state === 'lost') return;
    this.#options.outbound.cut(unwrittenSince);
    this.close();
  }

  arrived(parcel: Parcel): void {
    const received = () => this.#received(parcel);
    if (this.#options.engine === 'node') this.process.receiveInLoop(received);
    else this.process.receive(received);
  }

  #received(parcel: Parcel): void {
    if (this.isOver) return;
    switch (parcel.type) {
      case 'message':
        return this.#listener.message(parcel.frames, parcel.sentAt);
      case 'open':
        this.#state = 'open';
        return this.#options.outbound.send({ type: 'accept' });
      case 'accept':
        this.#state = 'open';
        return this.#listener.opened();
      case 'refuse':
        return this.#lost('the connection was refused');
      case 'close':
        this.#options.outbound.send({ type: 'close' });
        return this.#lost('the connection was closed');
    }
  }

  #lost(reason: string): void {
    const { traffic, outbound } = this.#options;
    this.#state = 'lost';
    this.#options.ended(this);
    traffic.ended(this.process, outbound.route.to, reason);
    this.#listener.over(reason);
  }
}
