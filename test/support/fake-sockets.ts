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
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
} from '../../lib/protocol/plain-frames.js';
import type { FreelancePeer } from '../../lib/security/peer.js';
import type {
  Connection,
  ConnectionListener,
  ServerListener,
  ServerSocket,
  SocketPort,
} from '../../lib/sockets/socket-port.js';
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

  constructor(
    readonly endpoint: string,
    readonly listener: ConnectionListener,
  ) {}

  send(frames: OutgoingFrames, onUndelivered?: () => void): void {
    if (this.takes) this.#sent.push(onTheWire(frames));
    else if (onUndelivered) this.#undelivered.push(onUndelivered);
  }

  close(): void {
    this.isClosed = true;
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
        (isPack(frames) ? decodeClientPack(frames) : [decodeClientMessage(frames)]).map((message) =>
          sound(message),
        ),
      );
  }

  says(message: OutgoingServerMessage | OutgoingFrames): void {
    const frames = 'type' in message ? encodeServerMessage(message) : message;
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

  constructor(
    readonly endpoints: readonly string[],
    readonly listener: ServerListener,
  ) {}

  send(peer: Buffer, frames: OutgoingFrames, onUndelivered?: () => void): void {
    if (this.gone.has(peer.toString())) onUndelivered?.();
    else this.#sent.push({ peer: peer.toString(), frames: onTheWire(frames) });
  }

  left(): void {}

  isHeard(peer: Buffer): boolean {
    return !this.unheard.has(peer.toString());
  }

  identify(peer: Buffer): FreelancePeer | undefined {
    return this.known.get(peer.toString());
  }

  close(onFreed?: () => void): void {
    this.isClosed = true;
    onFreed?.();
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
        (isPack(frames) ? decodeServerPack(frames) : [decodeServerMessage(frames)]).map((message) =>
          sound(message),
        ),
      );
  }

  hears(peer: string, message: OutgoingClientMessage | OutgoingFrames): void {
    const frames = 'type' in message ? encodeClientMessage(message) : message;
    this.listener.onMessage(Buffer.from(peer), onTheWire(frames));
  }
}

function sound<T extends { type: string }>(message: T): Exclude<T, { type: 'malformed' }> {
  if (message.type === 'malformed') throw new Error(`sent nonsense: ${JSON.stringify(message)}`);
  return message as Exclude<T, { type: 'malformed' }>;
}
