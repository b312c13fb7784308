import type { ZmtpError } from './zmtp-error.js';

/** Source: RFC 23, 24 and 26 of ZeroMQ. */
export type MechanismName = 'NULL' | 'PLAIN' | 'CURVE';

/** Socket types that this library is, and those that its peers may be: RFC 28, `REQ` and `REP` speak the older dialects. */
export type SocketType = 'DEALER' | 'ROUTER' | 'REQ' | 'REP';

/** The properties that a peer sends at the end of its handshake. */
export interface PeerMetadata {
  readonly socketType: SocketType;
  /** At most 255 bytes; empty if the peer chose none. */
  readonly routingId: Buffer;
}

/** What a client shows, byte for byte as it came. */
export type ShownCredentials =
  /** What it shows it shows to the transport below. */
  | { readonly mechanism: 'NULL' }
  | { readonly mechanism: 'PLAIN'; readonly username: Buffer; readonly password: Buffer }
  /** The peer has proved to own it. */
  | { readonly mechanism: 'CURVE'; readonly publicKey: Buffer };

/** `failed`: nobody can tell, for now. */
export type HandshakeVerdict = 'admitted' | 'refused' | 'failed';

/** What is to be done after a step of a handshake. */
export interface HandshakeStep {
  /** Bodies of commands to send, in order; before a failure, too. */
  readonly send: readonly Buffer[];
  readonly outcome: HandshakeOutcome;
}

export type HandshakeOutcome =
  /** For the peer's next command. */
  | { readonly type: 'wait' }
  /** Whether this client may connect is to be decided: then call `decide`. Nothing is read meanwhile. */
  | { readonly type: 'ask'; readonly credentials: ShownCredentials }
  | { readonly type: 'ready'; readonly peer: PeerMetadata }
  | { readonly type: 'failed'; readonly error: ZmtpError };

/** One side of the handshake of one connection: a state machine over the bodies of commands. */
export interface Mechanism {
  readonly name: MechanismName;
  /** The as-server bit of the greeting. */
  readonly isServer: boolean;
  /** Greetings have been exchanged, and name the same mechanism. */
  start(): HandshakeStep;
  /** @param command the body of a command: a length, a name, and its data */
  receive(command: Buffer): HandshakeStep;
  /** The answer to `ask`. */
  decide(verdict: HandshakeVerdict): HandshakeStep;
  /** Once ready: how frames are encrypted. Undefined if they travel as they are. */
  readonly cipher: FrameCipher | undefined;
  /** The connection has ended: secrets are wiped. May be called at any time, and more than once. */
  dispose(): void;
}

/** Encrypts and decrypts the frames of one connection, after its handshake. */
export interface FrameCipher {
  /**
   * @param flags MORE and COMMAND, as they stand in the flags of a frame
   * @returns the body of the frame that carries it, or an error: the cipher has no nonces left, so the connection has to end
   */
  seal(flags: number, body: Buffer): Buffer | ZmtpError;
  /** @returns what was sealed, or an error: the connection has to end then */
  open(body: Buffer): { readonly flags: number; readonly body: Buffer } | ZmtpError;
}
