import type { Frame } from '../frame.js';
import type { FreelancePeer } from '../security/peer.js';

/** What the agents know of ZeroMQ. The engines implement it, and so do the simulation and the tests of the agents. */
export interface SocketPort {
  /** Connects a DEALER to one server. Never throws: failures go to the listener. */
  connect(endpoint: string, listener: ConnectionListener): Connection;
  /**
   * Binds a ROUTER to all of these addresses.
   *
   * @throws if one of them cannot be bound; then none is
   */
  bind(addresses: readonly string[], listener: ServerListener): Promise<ServerSocket>;
  /** How much makes it worth to send before the turn of the event loop ends. Undefined for the usual batch. */
  readonly firstBatch?: Batch | undefined;
}

/** This many messages or bytes, whichever is reached first. */
export interface Batch {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Why a connection ended, where that matters.
 *
 * - `unauthorized`: the server refuses this client, and would do so again.
 * - `unexplained`: it ended in the handshake, without a word. Perhaps for the same reason.
 */
export type LossCause = 'unauthorized' | 'unexplained' | undefined;

/** The frames of one received message. */
export type SocketFrames = readonly Frame[];

/** The frames of one message to send. Strings are sent as UTF-8. */
export type OutgoingSocketFrames = readonly (Buffer | string)[];

/**
 * How many bytes have gone each way, as the engine counts them: Node's sockets count what is on the wire, ZMTP's greeting and
 * framing included, but not what TLS adds; libzmq and `inproc://` the bytes of the frames alone. Neither number ever shrinks.
 */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
}

export interface ConnectionListener {
  /** The handshake is done, and messages can be sent. */
  onReady(): void;
  onMessage(frames: SocketFrames): void;
  /** The connection was refused, or ended by the other side. Called once, after the last message. */
  onLost(reason: string, cause?: LossCause): void;
}

/** One connection. It does not reconnect once it is lost. */
export interface Connection {
  /** Sends a message. `onUndelivered` is called, later, if the connection did not accept it. */
  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void;
  /** Closes the connection; the listener hears nothing more. What was sent still leaves, for a short while. */
  close(): void;
  /** So far, also of a connection that has ended. */
  traffic(): Traffic;
  /** The socket of the engine. */
  unwrap(): unknown;
}

/**
 * A server's connection to one client. An engine that tells messages apart by routing id alone may hand out several of these
 * for one connection: they have the same key, and are the same in all else.
 */
export interface Peer {
  /** Identifies the connection among those of its server. */
  readonly key: string;
  /**
   * The authenticated client; undefined if the connection needs no authentication. To be read only while `isHeard`: after a
   * revocation one engine still knows it.
   */
  readonly identity: FreelancePeer | undefined;
  /** Whether its messages may be heard. At a server with security, the client may have been revoked meanwhile. */
  readonly isHeard: boolean;
  /** `onUndelivered` is called, later, if the client is gone or does not read. */
  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void;
  /** The client has said that it leaves: whoever uses its routing id again has to be admitted again. */
  left(): void;
}

export interface ServerListener {
  onMessage(peer: Peer, frames: SocketFrames): void;
  /**
   * A connection ended.
   *
   * @param peer undefined if the engine does not know which one. Then only an undelivered message shows it
   */
  onPeerLost(peer?: Peer): void;
  /**
   * A connection ended before its handshake was done, so it probably was of nobody who was heard. An engine that names its
   * peers need not report these.
   */
  onStrangerLost(): void;
  /**
   * A client was revoked: nothing more is heard from these connections, nor from others whose `Peer.isHeard` is false from now
   * on. What the listener sends to them still leaves; then the engine closes them. libzmq has no call for that, and leaves it
   * to the client.
   */
  onRevoked(peers: readonly Peer[]): void;
  /**
   * A connection was refused: its credentials are not authorized, or it claims to be another client's.
   *
   * @param who for people; contains what the client says of itself, unescaped
   */
  onRefused(who: string): void;
  /** Whether a client may connect could not be decided: it was told to try again later. */
  onUndecided(error: unknown): void;
  /** A message came from a client that does not say who it is, though this server demands it, or is not believed. */
  onStranger(peer: Peer): void;
  /** A connection could not be accepted: the process or the system has no file descriptor left. The others go on. */
  onAcceptFailed(error: unknown): void;
  /** The socket can no longer receive. */
  onFailed(error: unknown): void;
}

export interface ServerSocket {
  /** The addresses that were bound, with the ports that `*` stood for. */
  readonly endpoints: readonly string[];
  /**
   * Unbinds. What was sent still leaves, for a short while; nothing more is heard.
   *
   * @param onFreed called once the addresses may be bound again
   */
  close(onFreed?: () => void): void;
  /** Of all its connections so far. One whose handshake was never done may be missing. */
  traffic(): Traffic;
  /** The socket or sockets of the engine. */
  unwrap(): unknown;
}
