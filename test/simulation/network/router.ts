import type {
  OutgoingSocketFrames,
  Peer,
  ServerListener,
  ServerSocket,
  SocketFrames,
  Traffic,
} from '../../../lib/sockets/socket-port.js';
import { bytesOf, TrafficTotal } from '../../../lib/sockets/traffic-total.js';
import type { Timeline } from '../time/timeline.js';
import type { Process } from '../world/process.js';
import type { End, EndListener } from './end.js';
import type { Engine } from './engines.js';

export interface RouterOptions {
  readonly process: Process;
  readonly timeline: Timeline;
  readonly listener: ServerListener;
  readonly engine: Engine;
  /** How many messages may wait for a client that does not read. */
  readonly sendQueue: number;
  /** Receives the sending time of the message that the server is about to hear, and undefined afterwards. */
  delivering(sentAt: number | undefined): void;
  unbind(): void;
}

/** A client, as the server's socket hands it out. There is no security in this network. */
class SimulatedPeer implements Peer {
  readonly identity = undefined;
  readonly isHeard = true;
  readonly #end: () => End;
  readonly #options: RouterOptions;
  readonly #traffic: TrafficTotal;

  constructor(
    readonly key: string,
    end: () => End,
    options: RouterOptions,
    traffic: TrafficTotal,
  ) {
    this.#end = end;
    this.#options = options;
    this.#traffic = traffic;
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const { timeline, sendQueue } = this.#options;
    const end = this.#end();
    if (end.isOpen && end.unread < sendQueue) {
      this.#traffic.sent += bytesOf(frames);
      end.send(frames);
    } else if (onUndelivered) {
      timeline.soon(onUndelivered);
    }
  }

  left(): void {}

  /** The client of another message: libzmq's engine hands out an object for each. */
  again(): SimulatedPeer {
    return new SimulatedPeer(this.key, this.#end, this.#options, this.#traffic);
  }
}

/** A server's socket: the connections to its clients. */
export class SimulatedRouter implements ServerSocket {
  readonly #options: RouterOptions;
  readonly #ends = new Set<End>();
  readonly #traffic = new TrafficTotal();
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

  close(onFreed?: () => void): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.unbind();
    for (const end of this.#ends) end.close();
    this.#ends.clear();
    onFreed?.();
  }

  traffic(): Traffic {
    return this.#traffic.snapshot();
  }

  unwrap(): unknown {
    return this;
  }

  /** A client connects, and gets the next key. */
  admit(accept: (listener: EndListener) => End): End {
    const { process, engine } = this.#options;
    const key = String(this.#nextPeer++);
    const peer = new SimulatedPeer(key, () => end, this.#options, this.#traffic);
    const end = accept({
      opened: () => {},
      message: (frames, sentAt) => this.#tell(() => this.#heard(end, peer, frames, sentAt)),
      over: () => {
        this.#ends.delete(end);
        if (engine === 'node') this.#tell(() => this.#options.listener.onPeerLost(peer));
        // libzmq reports this by its monitor, which is a socket of its own.
        else process.hearBeside(() => !this.#isClosed && this.#options.listener.onPeerLost());
      },
    });
    this.#ends.add(end);
    return end;
  }

  #heard(end: End, peer: SimulatedPeer, frames: SocketFrames, sentAt: number): void {
    end.inbound.unread--;
    this.#traffic.received += bytesOf(frames);
    this.#options.delivering(sentAt);
    const isNode = this.#options.engine === 'node';
    this.#options.listener.onMessage(isNode ? peer : peer.again(), frames);
    this.#options.delivering(undefined);
  }

  #tell(what: () => void): void {
    this.#options.process.hear(() => {
      if (!this.#isClosed) what();
    });
  }
}
