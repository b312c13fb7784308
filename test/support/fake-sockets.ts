import type { ClientMessage, Frames, ServerMessage } from '../../lib/protocol/messages.js';
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
} from '../../lib/protocol/plain-frames.js';
import type {
  Connection,
  ConnectionListener,
  ServerListener,
  ServerSocket,
  SocketPort,
} from '../../lib/sockets/socket-port.js';

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

  send(frames: Frames, onUndelivered?: () => void): void {
    if (this.takes) this.#sent.push(frames);
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
    return this.#sent.splice(0).map((frames) => sound(decodeClientMessage(frames)));
  }

  says(message: ServerMessage | Frames): void {
    this.listener.onMessage('type' in message ? encodeServerMessage(message) : message);
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

  constructor(
    readonly endpoints: readonly string[],
    readonly listener: ServerListener,
  ) {}

  send(peer: Buffer, frames: Frames, onUndelivered?: () => void): void {
    if (this.gone.has(peer.toString())) onUndelivered?.();
    else this.#sent.push({ peer: peer.toString(), frames });
  }

  close(): void {
    this.isClosed = true;
  }

  unwrap(): unknown {
    return this;
  }

  /** What the server has sent to that peer since this was last asked. */
  receivedBy(peer: string): ServerMessage[] {
    const all = this.#sent.splice(0);
    this.#sent.push(...all.filter((sent) => sent.peer !== peer));
    return all
      .filter((sent) => sent.peer === peer)
      .map(({ frames }) => sound(decodeServerMessage(frames)));
  }

  hears(peer: string, message: ClientMessage | Frames): void {
    this.listener.onMessage(
      Buffer.from(peer),
      'type' in message ? encodeClientMessage(message) : message,
    );
  }
}

function sound<T extends { type: string }>(message: T): Exclude<T, { type: 'malformed' }> {
  if (message.type === 'malformed') throw new Error(`sent nonsense: ${JSON.stringify(message)}`);
  return message as Exclude<T, { type: 'malformed' }>;
}
