import type {
  OutgoingSocketFrames,
  ServerListener,
  ServerSocket,
  SocketFrames,
} from '../../../lib/sockets/socket-port.js';
import type { Timeline } from '../time/timeline.js';
import type { Process } from '../world/process.js';
import type { End, EndListener } from './end.js';
import type { Engine } from './engines.js';

export interface RouterOptions {
  readonly process: Process;
  readonly timeline: Timeline;
  readonly listener: ServerListener;
  readonly engine: Engine;
  /** Messages that may wait for one client that does not read. */
  readonly sendQueue: number;
  /** Told when the message was sent that the server is about to hear; then undefined. */
  delivering(sentAt: number | undefined): void;
  unbind(): void;
}

/** A server's socket: the connections to its clients, by routing id. */
export class SimulatedRouter implements ServerSocket {
  readonly #options: RouterOptions;
  readonly #peers = new Map<string, End>();
  #nextPeer = 1;
  #isClosed = false;

  constructor(
    readonly endpoints: readonly string[],
    options: RouterOptions,
  ) {
    this.#options = options;
  }

  get process(): Process {
    return this.#options.process;
  }

  send(peer: Buffer, frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const { timeline, sendQueue } = this.#options;
    const end = this.#peers.get(keyOf(peer));
    if (end?.isOpen && end.unread < sendQueue) end.send(frames);
    else if (onUndelivered) timeline.soon(onUndelivered);
  }

  close(onFreed?: () => void): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.unbind();
    for (const end of this.#peers.values()) end.close();
    this.#peers.clear();
    onFreed?.();
  }

  /** There is no security in this network. */
  identify(): undefined {}

  left(): void {}

  isHeard(): boolean {
    return true;
  }

  unwrap(): unknown {
    return this;
  }

  /** A client connects, and gets the next routing id. */
  admit(accept: (listener: EndListener) => End): End {
    const { process, engine } = this.#options;
    const peer = Buffer.alloc(5);
    peer.writeUInt32BE(this.#nextPeer++, 1);
    const key = keyOf(peer);
    const end = accept({
      opened: () => {},
      message: (frames, sentAt) => this.#tell(() => this.#heard(end, peer, frames, sentAt)),
      over: () => {
        this.#peers.delete(key);
        if (engine === 'node') this.#tell(() => this.#options.listener.onPeerLost(peer));
        // The monitor of libzmq tells, which is a socket of its own.
        else process.hearBeside(() => !this.#isClosed && this.#options.listener.onPeerLost());
      },
    });
    this.#peers.set(key, end);
    return end;
  }

  #heard(end: End, peer: Buffer, frames: SocketFrames, sentAt: number): void {
    end.inbound.unread--;
    this.#options.delivering(sentAt);
    // As zeromq.js does it, every message has a buffer of its own for its peer.
    this.#options.listener.onMessage(Buffer.from(peer), frames);
    this.#options.delivering(undefined);
  }

  #tell(what: () => void): void {
    this.#options.process.hear(() => {
      if (!this.#isClosed) what();
    });
  }
}

function keyOf(peer: Buffer): string {
  return peer.toString('latin1');
}
