import type { Socket } from 'node:net';
import { asMicrotask } from '../../node-timers.js';
import { nameOf } from '../../security/credentials.js';
import type { Doorkeeper } from '../../security/doorkeeper.js';
import { ANONYMOUS, type FreelancePeer, peerOf } from '../../security/peer.js';
import type { HandshakeVerdict, ShownCredentials } from '../../zmtp/mechanism.js';
import { bindError } from '../bind-error.js';
import { isIpv6 } from '../address.js';
import { asText, OF_SYSTEM, peerKey } from '../peer-key.js';
import { Questions } from '../questions.js';
import type { OutgoingSocketFrames, ServerListener, ServerSocket } from '../socket-port.js';
import { ANSWER_MS, SERVER_HANDSHAKE_MS } from '../times.js';
import { nodeClock } from '../clock.js';
import type { CurveCrypto } from '../../zmtp/curve-crypto.js';
import { ConnectionsByName } from './connections-by-name.js';
import { Handshakes } from './handshakes.js';
import type { Heartbeats } from './heartbeats.js';
import { type Listening, listenAt } from './listen.js';
import { ServerConnection, type ServerConnectionListener } from './server-connection.js';
import { serverMechanisms } from './server-mechanism.js';
import { credentialsOf } from './shown-credentials.js';
import type { TlsGuest } from './tls-door.js';
import { TlsEntrance } from './tls-entrance.js';

export interface ServerSocketOptions {
  readonly maxMessageSize: number;
  readonly doorkeeper: Doorkeeper | undefined;
  /** How many one authenticated key or username may have; without security all clients together. */
  readonly maxConnections: number;
  /** For CURVE. */
  readonly crypto: CurveCrypto | undefined;
  readonly heartbeats: Heartbeats;
}

export class NodeServerSocket implements ServerSocket, ServerConnectionListener {
  readonly #listener: ServerListener;
  readonly #options: ServerSocketOptions;
  readonly #mechanism: ReturnType<typeof serverMechanisms>;
  readonly #entrance: TlsEntrance | undefined;
  /** Nobody has to show who it is: all connections together are bounded, since no key is. */
  readonly #isForAnybody: boolean;
  readonly #questions: Questions | undefined;
  readonly #stopListening: () => void;
  #listening: Listening[] = [];
  readonly #handshakes = new Handshakes();
  /** Those whose handshake is done, by peer. */
  readonly #connections = new Map<string, ServerConnection>();
  /** Of those. */
  readonly #sockets = new Set<Socket>();
  /** Those who have shown credentials, by name. */
  readonly #byName = new ConnectionsByName();
  #accepted = 0;
  #isBound = false;
  /** Those that came before. */
  readonly #early: Socket[] = [];
  #isOpen = true;

  constructor(listener: ServerListener, options: ServerSocketOptions) {
    const { doorkeeper } = options;
    this.#listener = listener;
    this.#options = options;
    const own = doorkeeper?.own();
    this.#isForAnybody = !own || (own.mechanism === 'tls' && own.demands === 'nothing');
    this.#mechanism = serverMechanisms(own, options.crypto);
    if (own?.mechanism === 'tls') {
      this.#entrance = new TlsEntrance(own, this.#handshakes, SERVER_HANDSHAKE_MS, {
        onSecure: (socket, guest, leftMs) => this.#greet(socket, leftMs, guest),
        onFailed: () => {},
      });
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
        const accept = (socket: Socket) => this.#accept(socket);
        this.#listening.push(await listenAt(address, needsIpv6, accept));
      } catch (error) {
        await new Promise<void>((freed) => this.close(freed));
        throw await bindError(address, error);
      }
    }
    // Nobody is heard before the server has all its addresses.
    this.#isBound = true;
    for (const socket of this.#early.splice(0)) if (!socket.destroyed) this.#accept(socket);
  }

  get endpoints(): readonly string[] {
    return this.#listening.map(({ endpoint }) => endpoint);
  }

  identify(peer: Buffer): FreelancePeer | undefined {
    const connection = this.#connections.get(asText(peer));
    return connection?.isRevoked ? undefined : connection?.identity;
  }

  isHeard(peer: Buffer): boolean {
    return !this.#options.doorkeeper || this.identify(peer) !== undefined;
  }

  /** The connection itself says so. */
  left(): void {}

  send(peer: Buffer, frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const isTaken = this.#connections.get(asText(peer))?.send(frames) ?? false;
    if (!isTaken && onUndelivered) asMicrotask(onUndelivered);
  }

  close(onFreed = () => {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stopListening();
    for (const socket of this.#early.splice(0)) socket.destroy();
    for (const unknown of this.#handshakes) unknown.drop();
    for (const connection of this.#connections.values()) this.#close(connection);
    this.#connections.clear();
    this.#byName.clear();
    void Promise.all(this.#listening.map((one) => one.close())).then(onFreed);
  }

  /** Node's sockets of the clients that are connected, now and later. */
  unwrap(): ReadonlySet<Socket> {
    return this.#sockets;
  }

  #accept(socket: Socket): void {
    if (!this.#isOpen || this.#isFull) socket.destroy();
    else if (!this.#isBound) this.#keepWaiting(socket);
    else if (this.#entrance) this.#entrance.enter(socket);
    else this.#greet(socket, SERVER_HANDSHAKE_MS);
  }

  get #isFull(): boolean {
    return this.#isForAnybody && this.#connections.size >= this.#options.maxConnections;
  }

  #keepWaiting(socket: Socket): void {
    // An error that nobody listens to, such as a reset, would end the process.
    socket.on('error', () => {});
    this.#early.push(socket);
  }

  #greet(socket: Socket, leftMs: number, guest?: TlsGuest): void {
    if (!this.#isOpen) return void socket.destroy();
    const { maxMessageSize } = this.#options;
    const peer = peerKey(OF_SYSTEM, this.#accepted++);
    const connection = new ServerConnection(socket, peer, this.#mechanism(), maxMessageSize, this);
    connection.guest = guest;
    if (guest?.is === 'anonymous') connection.identity = ANONYMOUS;
    if (!this.#handshakes.add(connection)) return;
    connection.cancelDeadline = nodeClock.after(leftMs, () => connection.drop());
    connection.channel.start();
  }

  onAsk(connection: ServerConnection, shown: ShownCredentials): void {
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

  /** The places of a name are for those who have its credentials: until the verdict anybody may claim it. */
  #admit(name: string, connection: ServerConnection): HandshakeVerdict {
    const { maxConnections } = this.#options;
    if (this.#byName.admit(connection, maxConnections)) return 'admitted';
    this.#listener.onUndecided(new Error(tooMany(name, maxConnections)));
    return 'failed';
  }

  onReady(connection: ServerConnection): void {
    connection.cancelDeadline();
    this.#handshakes.delete(connection);
    // As many as there is room for may have come before the first of them was ready.
    if (this.#isFull) return connection.drop();
    this.#connections.set(asText(connection.peer), connection);
    this.#sockets.add(connection.channel.socket);
    this.#options.heartbeats.add(connection.channel);
  }

  onMessage(connection: ServerConnection, frames: Buffer[]): void {
    if (this.#isOpen && !connection.isRevoked) this.#listener.onMessage(connection.peer, frames);
  }

  onEnded(connection: ServerConnection): void {
    connection.cancelDeadline();
    this.#handshakes.delete(connection);
    this.#byName.delete(connection);
    this.#options.heartbeats.delete(connection.channel);
    this.#sockets.delete(connection.channel.socket);
    const wasConnected = this.#connections.delete(asText(connection.peer));
    if (!this.#isOpen || connection.isRevoked) return;
    // Of one whose handshake was not done nobody has heard: there is nothing to stop for it.
    if (wasConnected) this.#listener.onPeerLost(connection.peer);
  }

  /** Its clients are told, those that have not connected yet by the handshake, and then their connections end. */
  #revoked(name: string): void {
    const own = this.#byName.take(name);
    for (const connection of own) connection.isRevoked = true;
    const connected = own.filter(({ isReady }) => isReady);
    this.#listener.onRevoked(connected.map(({ peer }) => peer));
    for (const connection of own) {
      if (connection.isReady) {
        this.#connections.delete(asText(connection.peer));
        this.#close(connection);
      } else if (connection.isAdmitted) {
        connection.drop();
      } else {
        connection.channel.decide('refused');
      }
    }
  }

  #close({ channel }: ServerConnection): void {
    this.#sockets.delete(channel.socket);
    this.#options.heartbeats.delete(channel);
    channel.close();
  }
}

const NO_TEXT = 'with a name or a password that is not UTF-8';

const tooMany = (name: string, most: number) =>
  `${name} has ${most} connections, as many as it may have (maxConnections): a further one was told to try again later.`;
