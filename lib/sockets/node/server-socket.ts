import type { Frame } from '../../frame.js';
import type { Socket } from 'node:net';
import { nameOf } from '../../security/credentials.js';
import type { Doorkeeper } from '../../security/doorkeeper.js';
import { ANONYMOUS, peerOf } from '../../security/peer.js';
import type { HandshakeVerdict, ShownCredentials } from '../../zmtp/mechanism.js';
import { bindError } from '../bind-error.js';
import { isIpv6 } from '../address.js';
import { Questions } from '../questions.js';
import type { ServerListener, ServerSocket, Traffic } from '../socket-port.js';
import { ANSWER_MS, SERVER_HANDSHAKE_MS } from '../times.js';
import { TrafficTotal, totalOf } from '../traffic-total.js';
import { nodeClock } from '../clock.js';
import type { CurveCrypto } from '../../zmtp/curve-crypto.js';
import { ConnectionsByName } from './connections-by-name.js';
import { Handshakes } from './handshakes.js';
import type { Heartbeats } from './heartbeats.js';
import { type Listening, listenAt, type ListenListener } from './listen.js';
import { AcceptedConnection, type AcceptedConnectionListener } from './accepted-connection.js';
import { serverMechanisms } from './server-mechanism.js';
import { credentialsOf } from './shown-credentials.js';
import type { TlsGuest } from './tls-door.js';
import { TlsEntrance } from './tls-entrance.js';

export interface ServerSocketOptions {
  readonly maxMessageSize: number;
  readonly doorkeeper: Doorkeeper | undefined;
  /** How many connections one authenticated key or username may have; without security, all clients together. */
  readonly maxConnections: number;
  /** What the ROUTER calls itself; empty for none. */
  readonly routingId: string;
  /** For CURVE. */
  readonly crypto: CurveCrypto | undefined;
  readonly heartbeats: Heartbeats;
}

export class NodeServerSocket implements ServerSocket, AcceptedConnectionListener, ListenListener {
  readonly #listener: ServerListener;
  readonly #options: ServerSocketOptions;
  readonly #mechanism: ReturnType<typeof serverMechanisms>;
  readonly #entrance: TlsEntrance | undefined;
  /** Clients need no credentials, so there is no limit per key: the limit is for all connections together. */
  readonly #isForAnybody: boolean;
  readonly #questions: Questions | undefined;
  readonly #stopListening: () => void;
  #listening: Listening[] = [];
  readonly #handshakes = new Handshakes();
  /** Those whose handshake is done. */
  readonly #connections = new Set<AcceptedConnection>();
  /** Their sockets. */
  readonly #sockets = new Set<Socket>();
  /** The traffic of those that have ended. */
  readonly #past = new TrafficTotal();
  /** Those that have shown credentials. */
  readonly #byName = new ConnectionsByName();
  #isBound = false;
  /** Sockets that were accepted before. */
  readonly #early: Socket[] = [];
  #isOpen = true;

  constructor(listener: ServerListener, options: ServerSocketOptions) {
    const { doorkeeper } = options;
    this.#listener = listener;
    this.#options = options;
    const own = doorkeeper?.own();
    this.#isForAnybody = !own || (own.mechanism === 'tls' && own.demands === 'nothing');
    this.#mechanism = serverMechanisms(own, options.crypto, options.routingId);
    if (own?.mechanism === 'tls') {
      this.#entrance = new TlsEntrance(
        own,
        this.#handshakes,
        SERVER_HANDSHAKE_MS,
        (socket, guest, leftMs) => this.#greet(socket, leftMs, guest),
      );
    }
    this.#questions = doorkeeper && new Questions(doorkeeper, listener, ANSWER_MS);
    this.#stopListening =
      doorkeeper?.listen({
        onRevoked: (name) => this.#revoked(name),
        onAuthorized: () => {},
      }) ?? (() => {});
  }

  /** @throws if one of them cannot be bound; then none is */
  async bind(addresses: readonly string[]): Promise<void> {
    const needsIpv6 = addresses.some(isIpv6);
    for (const address of addresses) {
      try {
        this.#listening.push(await listenAt(address, needsIpv6, this));
      } catch (error) {
        await new Promise<void>((freed) => this.close(freed));
        throw await bindError(address, error);
      }
    }
    // Nobody may be heard before the server has all its addresses.
    this.#isBound = true;
    for (const socket of this.#early.splice(0)) if (!socket.destroyed) this.onConnection(socket);
  }

  get endpoints(): readonly string[] {
    return this.#listening.map(({ endpoint }) => endpoint);
  }

  close(onFreed = () => {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stopListening();
    for (const socket of this.#early.splice(0)) socket.destroy();
    for (const unknown of this.#handshakes) unknown.drop();
    for (const connection of this.#connections) this.#close(connection);
    this.#byName.clear();
    void Promise.all(this.#listening.map((one) => one.close())).then(onFreed);
  }

  traffic(): Traffic {
    return totalOf([this.#past, ...[...this.#connections].map(({ channel }) => channel.traffic)]);
  }

  /** The sockets of the connected clients: a live set. */
  unwrap(): ReadonlySet<Socket> {
    return this.#sockets;
  }

  onConnection(socket: Socket): void {
    if (!this.#isOpen || this.#isFull) socket.destroy();
    else if (!this.#isBound) this.#keepWaiting(socket);
    else if (this.#entrance) this.#entrance.enter(socket);
    else this.#greet(socket, SERVER_HANDSHAKE_MS);
  }

  get #isFull(): boolean {
    return this.#isForAnybody && this.#connections.size >= this.#options.maxConnections;
  }

  onAcceptFailed(error: unknown): void {
    if (this.#isOpen) this.#listener.onAcceptFailed(error);
  }

  #keepWaiting(socket: Socket): void {
    // An error without a listener, such as a reset, would end the process.
    socket.on('error', () => {});
    this.#early.push(socket);
  }

  #greet(socket: Socket, leftMs: number, guest?: TlsGuest): void {
    if (!this.#isOpen) return void socket.destroy();
    const { maxMessageSize } = this.#options;
    const connection = new AcceptedConnection(socket, this.#mechanism(), maxMessageSize, this);
    connection.guest = guest;
    if (guest?.is === 'anonymous') connection.identity = ANONYMOUS;
    if (!this.#handshakes.add(connection)) return;
    connection.cancelDeadline = nodeClock.after(leftMs, () => connection.drop());
    connection.channel.start();
  }

  onAsk(connection: AcceptedConnection, shown: ShownCredentials): void {
    const { guest, address } = connection;
    const credentials = credentialsOf(shown, guest);
    if (!credentials || !this.#questions) {
      this.#listener.onRefused(`${address}, ${guest?.is === 'refused' ? guest.flaw : NO_TEXT}`);
      return connection.channel.decide('refused');
    }
    connection.identity = peerOf(credentials, address);
    const name = nameOf(credentials);
    this.#byName.add(name, connection);
    void this.#questions.ask(credentials, address).then((verdict) => {
      if (connection.isRevoked) return;
      connection.channel.decide(verdict === 'admitted' ? this.#admit(name, connection) : verdict);
    });
  }

  /** Only admitted connections count for the limit of a name: before the verdict, anybody may claim it. */
  #admit(name: string, connection: AcceptedConnection): HandshakeVerdict {
    const { maxConnections } = this.#options;
    if (this.#byName.admit(connection, maxConnections)) return 'admitted';
    this.#listener.onUndecided(new Error(tooMany(name, maxConnections)));
    return 'failed';
  }

  onReady(connection: AcceptedConnection): void {
    connection.cancelDeadline();
    this.#handshakes.delete(connection);
    // More than there is room for may have been in their handshake at once.
    if (this.#isFull) return connection.drop();
    this.#connections.add(connection);
    this.#sockets.add(connection.channel.socket);
    this.#options.heartbeats.add(connection.channel);
  }

  onMessage(connection: AcceptedConnection, frames: Frame[]): void {
    if (this.#isOpen && !connection.isRevoked) this.#listener.onMessage(connection, frames);
  }

  onEnded(connection: AcceptedConnection): void {
    connection.cancelDeadline();
    this.#handshakes.delete(connection);
    this.#byName.delete(connection);
    this.#options.heartbeats.delete(connection.channel);
    this.#sockets.delete(connection.channel.socket);
    const wasConnected = this.#connections.delete(connection);
    if (wasConnected) this.#past.add(connection.channel.traffic);
    if (!this.#isOpen || connection.isRevoked) return;
    // Before the handshake was done nothing was heard of it, so there is nothing to stop.
    if (wasConnected) this.#listener.onPeerLost(connection);
  }

  /** Tells the clients of that name, by the handshake if that is not done, and ends their connections. */
  #revoked(name: string): void {
    const own = this.#byName.take(name);
    for (const connection of own) connection.isRevoked = true;
    this.#listener.onRevoked(own.filter(({ isReady }) => isReady));
    for (const connection of own) {
      if (connection.isReady) {
        this.#close(connection);
      } else if (connection.isAdmitted) {
        connection.drop();
      } else {
        connection.channel.decide('refused');
      }
    }
  }

  #close(connection: AcceptedConnection): void {
    const { channel } = connection;
    this.#connections.delete(connection);
    this.#sockets.delete(channel.socket);
    this.#options.heartbeats.delete(channel);
    channel.close();
    this.#past.add(channel.traffic);
  }
}

const NO_TEXT = 'with a name or a password that is not UTF-8';

const tooMany = (name: string, most: number) =>
  `${name} has ${most} connections, as many as it may have (maxConnections): a further one was told to try again later.`;
