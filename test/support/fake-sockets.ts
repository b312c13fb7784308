import type { Malformed } from '../../lib/protocol/malformed.js';
import type {
  ClientMessage,
  Frames,
  OutgoingClientMessage,
  OutgoingFrames,
  OutgoingServerMessage,
  ServerMessage,
} from '../../lib/protocol/messages.js';
import { decodeClientPack, decodeServerPack, isPack } from '../../lib/protocol/pack.js';
import {
  decodeAnyClientMessage,
  decodeGuideServerMessage,
} from '../../lib/protocol/guide-frames.js';
import {
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
} from '../../lib/protocol/plain-frames.js';
import type { FreelancePeer } from '../../lib/security/peer.js';
import type {
  Connection,
  ConnectionListener,
  Peer,
  ServerListener,
  ServerSocket,
  SocketPort,
} from '../../lib/sockets/socket-port.js';
import { bytesOf, TrafficTotal } from '../../lib/sockets/traffic-total.js';
import { onTheWire } from './wire.js';

/** Sockets without a network: a test plays the other side, message by message. */
export class FakeSockets implements SocketPort {
  readonly connections: FakeConnection[] = [];
  server: FakeServerSocket | undefined;

  connect(endpoint: string, listener: ConnectionListener): FakeConnection {
    const connection = new FakeConnection(endpoint, listener);
    this.connections.push(connection);
    return connection;
  }

  bind(addresses: readonly string[], listener: ServerListener): Promise<FakeServerSocket> {
    this.server = new FakeServerSocket(addresses, listener);
    return Promise.resolve(this.server);
  }

  /** The connection of the moment to that server. */
  to(endpoint: string): FakeConnection {
    const latest = this.connections.findLast((connection) => connection.endpoint === endpoint);
    if (!latest) throw new Error(`nobody connected to ${endpoint}`);
    return latest;
  }
}

export class FakeConnection implements Connection {
  readonly #sent: Frames[] = [];
  isClosed = false;
  /** Whether messages are taken; otherwise `undelivered()` tells their senders. */
  takes = true;
  readonly #undelivered: (() => void)[] = [];
  readonly #traffic = new TrafficTotal();

  constructor(
    readonly endpoint: string,
    readonly listener: ConnectionListener,
  ) {}

  send(frames: OutgoingFrames, onUndelivered?: () => void): void {
    if (this.takes) {
      this.#traffic.sent += bytesOf(frames);
      this.#sent.push(onTheWire(frames));
    } else if (onUndelivered) this.#undelivered.push(onUndelivered);
  }

  close(): void {
    this.isClosed = true;
  }

  traffic(): TrafficTotal {
    return this.#traffic;
  }

  unwrap(): unknown {
    return this;
  }

  /** What the client has sent since this was last asked. */
  received(): ClientMessage[] {
    return this.posts().flat();
  }

  /** The same, by ZeroMQ message: more than one where a PACK brought them. */
  posts(): ClientMessage[][] {
    return this.#sent
      .splice(0)
      .map((frames) =>
        (isPack(frames) ? decodeClientPack(frames) : [decodeAnyClientMessage(frames)]).map(
          (message) => sound(message),
        ),
      );
  }

  says(message: OutgoingServerMessage | OutgoingFrames): void {
    const frames = 'type' in message ? encodeServerMessage(message) : message;
    this.#traffic.received += bytesOf(frames);
    this.listener.onMessage(onTheWire(frames));
  }

  undelivered(): void {
    for (const tell of this.#undelivered.splice(0)) tell();
  }
}

export class FakeServerSocket implements ServerSocket {
  readonly #sent: { peer: string; frames: Frames }[] = [];
  isClosed = false;
  /** Peers that are gone, though nobody has said so. */
  readonly gone = new Set<string>();
  /** Who they are, of a server with security. */
  readonly known = new Map<string, FreelancePeer>();
  /** Those that were revoked. */
  readonly unheard = new Set<string>();
  readonly #traffic = new TrafficTotal();
  /** Called before each message that is sent. */
  whenSent: () => void = () => {};

  constructor(
    readonly endpoints: readonly string[],
    readonly listener: ServerListener,
  ) {}

  /** The client of that name. Another object each time, as libzmq's engine has it: its key is all that is the same. */
  peer(key: string): Peer {
    const isHeard = () => !this.unheard.has(key);
    return {
      key,
      identity: this.known.get(key),
      get isHeard() {
        return isHeard();
      },
      send: (frames, onUndelivered) => {
        this.whenSent();
        if (this.gone.has(key)) onUndelivered?.();
        else this.#took(key, frames);
      },
      left: () => {},
    };
  }

  close(onFreed?: () => void): void {
    this.isClosed = true;
    onFreed?.();
  }

  traffic(): TrafficTotal {
    return this.#traffic;
  }

  unwrap(): unknown {
    return this;
  }

  /** What the server has sent to that peer since this was last asked. */
  receivedBy(peer: string): ServerMessage[] {
    return this.postsTo(peer).flat();
  }

  /** The same, by ZeroMQ message: more than one where a PACK brought them. */
  postsTo(peer: string): ServerMessage[][] {
    const all = this.#sent.splice(0);
    this.#sent.push(...all.filter((sent) => sent.peer !== peer));
    return all
      .filter((sent) => sent.peer === peer)
      .map(({ frames }) =>
        (isPack(frames) ? decodeServerPack(frames) : [decodeOne(frames)]).map((message) =>
          sound(message),
        ),
      );
  }

  hears(peer: string, message: OutgoingClientMessage | OutgoingFrames): void {
    const frames = 'type' in message ? encodeClientMessage(message) : message;
    this.#traffic.received += bytesOf(frames);
    this.listener.onMessage(this.peer(peer), onTheWire(frames));
  }

  #took(peer: string, frames: OutgoingFrames): void {
    this.#traffic.sent += bytesOf(frames);
    this.#sent.push({ peer, frames: onTheWire(frames) });
  }
}

function decodeOne(frames: Frames): ServerMessage | Malformed {
  return frames[0]?.length === 0 ? decodeServerMessage(frames) : decodeGuideServerMessage(frames);
}

function sound<T extends { type: string }>(message: T): Exclude<T, { type: 'malformed' }> {
  if (message.type === 'malformed') throw new Error(`sent nonsense: ${JSON.stringify(message)}`);
  return message as Exclude<T, { type: 'malformed' }>;
}
