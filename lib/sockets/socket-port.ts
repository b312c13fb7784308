import type { FreelancePeer } from '../security/peer.js';

/**
 * What the agents know of ZeroMQ. The simulation and the agent tests put their own network behind it.
 */
export interface SocketPort {
  /** Opens one DEALER to one server. Never throws: what fails is told to the listener. */
  connect(endpoint: string, listener: ConnectionListener): Connection;
  /**
   * Binds one ROUTER to all of these addresses.
   *
   * @throws if one of them cannot be bound; then none is.
   */
  bind(addresses: readonly string[], listener: ServerListener): Promise<ServerSocket>;
  /** How much is worth to be handed over before the turn of the event loop ends; a usual batch, unless it says so. */
  readonly firstBatch?: Batch | undefined;
}

/** So many messages, or bytes, whichever is reached first. */
export interface Batch {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Why a connection ended, where that matters.
 *
 * - `unauthorized`: the server does not let this client in, and will not do so the next time.
 * - `unexplained`: in the handshake, without a word. Perhaps for the same reason.
 */
export type LossCause = 'unauthorized' | 'unexplained' | undefined;

/** The frames of one message, as they came. */
export type SocketFrames = readonly Buffer[];

/** The frames of one message to send; text goes as UTF-8. */
export type OutgoingSocketFrames = readonly (Buffer | string)[];

export interface ConnectionListener {
  /** The handshake is done: from now on messages can be sent. */
  onReady(): void;
  onMessage(frames: SocketFrames): void;
  /** Refused, or ended by the other side. Comes once, after the last message; then nothing more. */
  onLost(reason: string, cause?: LossCause): void;
}

/** One connection, which does not come back by itself once it is lost. */
export interface Connection {
  /** Hands a message over. `onUndelivered` is called, later, if the connection did not take it. */
  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void;
  /** Ends the connection; the listener hears nothing more. What was sent goes out, if it soon can. */
  close(): void;
  /** The engine's socket itself. */
  unwrap(): unknown;
}

export interface ServerListener {
  onMessage(peer: Buffer, frames: SocketFrames): void;
  /**
   * A connection ended.
   *
   * @param peer whose; undefined if the engine cannot tell. Then a message that cannot be delivered does
   */
  onPeerLost(peer?: Buffer): void;
  /**
   * A connection ended before its handshake was done: probably nobody who was heard had it. An engine that tells whose
   * connections end need not tell of these.
   */
  onStrangerLost(): void;
  /**
   * A client is no longer authorized, and nothing more is heard of it: of these connections, and of all others that
   * `isHeard` denies from now on. What is sent to them meanwhile still leaves; then an engine that can ends them. libzmq has no
   * call for it, and leaves it to the client.
   */
  onRevoked(peers: readonly Buffer[]): void;
  /**
   * A connection was refused: it showed no credentials that are authorized, or claims to be another client's.
   *
   * @param who for people; what of it is the client's word is not escaped
   */
  onRefused(who: string): void;
  /** Whether a connection may be made could not be told, so that it was refused for now. */
  onUndecided(error: unknown): void;
  /** A message came of somebody who does not say who it is, as this server demands, or is not believed. */
  onStranger(peer: Buffer): void;
  /** The socket can no longer receive. */
  onFailed(error: unknown): void;
}

export interface ServerSocket {
  /** What was really bound: the ports that `*` stood for are filled in. */
  readonly endpoints: readonly string[];
  /** Who that is, of one that was heard; undefined if the server has no security. */
  identify(peer: Buffer): FreelancePeer | undefined;
  /** Whether what that one says is to be heard: if the server has security, it may have been revoked meanwhile. */
  isHeard(peer: Buffer): boolean;
  /** That one has said that it leaves: who comes under its routing id again has to be let in again. */
  left(peer: Buffer): void;
  /** `onUndelivered` is called, later, if that peer is gone or does not read. */
  send(peer: Buffer, frames: OutgoingSocketFrames, onUndelivered?: () => void): void;
  /**
   * Unbinds; messages that were handed over are still sent, for a short while. Nothing more is heard.
   *
   * @param onFreed called once the addresses may be bound again
   */
  close(onFreed?: () => void): void;
  /** The engine's socket itself, or its sockets. */
  unwrap(): unknown;
}
