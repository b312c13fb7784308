import type { ZmtpError } from './zmtp-error.js';

/** Source: RFC 23, 24 and 26 of ZeroMQ. */
export type MechanismName = 'NULL' | 'PLAIN' | 'CURVE';

/** The socket types of this library and of its peers. Source: RFC 28. `REQ` and `REP` speak the older dialects. */
export type SocketType = 'DEALER' | 'ROUTER' | 'REQ' | 'REP';

/** The properties that a peer sends at the end of its handshake. */
export interface PeerMetadata {
  readonly socketType: SocketType;
  /** At most 255 bytes; empty if the peer chose none. */
  readonly routingId: Buffer;
}

/** The credentials of a client, byte for byte as received. */
export type ShownCredentials =
  /** The transport below has the credentials, if there are any. */
  | { readonly mechanism: 'NULL' }
  | { readonly mechanism: 'PLAIN'; readonly username: Buffer; readonly password: Buffer }
  /** The peer has proved that it owns the key. */
  | { readonly mechanism: 'CURVE'; readonly publicKey: Buffer };

/** `failed`: no decision is possible at the moment. */
export type HandshakeVerdict = 'admitted' | 'refused' | 'failed';

/** What to do after one step of a handshake. */
export interface HandshakeStep {
  /** Bodies of commands to send, in order; also before a failure. */
  readonly send: readonly Buffer[];
  readonly outcome: HandshakeOutcome;
}

export type HandshakeOutcome =
  /** Wait for the peer's next command. */
  | { readonly type: 'wait' }
  /** Decide whether this client may connect, then call `decide`. Nothing is read meanwhile. */
  | { readonly type: 'ask'; readonly credentials: ShownCredentials }
  | { readonly type: 'ready'; readonly peer: PeerMetadata }
  | { readonly type: 'failed'; readonly error: ZmtpError };

/** One side of the handshake of one connection: a state machine over the bodies of commands. */
export interface Mechanism {
  readonly name: MechanismName;
  /** The as-server bit of the greeting. */
  readonly isServer: boolean;
  /** Both greetings have been exchanged and name the same mechanism. */
  start(): HandshakeStep;
  /** @param command the body of a command: the length of its name, its name, its data */
  receive(command: Buffer): HandshakeStep;
  /** The answer to `ask`. */
  decide(verdict: HandshakeVerdict): HandshakeStep;
  /** Encrypts frames once ready. Undefined if they travel unencrypted. */
  readonly cipher: FrameCipher | undefined;
  /** The connection has ended: wipes secrets. May be called at any time, and repeatedly. */
  dispose(): void;
}

/** Encrypts and decrypts the frames of one connection after its handshake. */
export interface FrameCipher {
  /**
   * @param flags MORE and COMMAND, as in the flags of a frame
   * @returns the body of the frame that carries it; an error once the nonces are used up, and the connection has to end
   */
  seal(flags: number, body: Buffer): Buffer | ZmtpError;
  /** @returns what was sealed, or an error, after which the connection has to end */
  open(body: Buffer): { readonly flags: number; readonly body: Buffer } | ZmtpError;
}
