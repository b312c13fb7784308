import type { Frame } from '../../frame.js';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Mechanism } from '../../zmtp/mechanism.js';
import { errorCode } from '../error-code.js';
import { reasonOf } from '../reason-of.js';
import { CLIENT_LINGER_MS } from '../times.js';
import { bytesOnly } from './bytes-only.js';
import type { ChannelEnd } from './channel-options.js';
import { Channel } from './channel.js';
import type { Attempt, AttemptListener, DialFailure } from './dialler.js';
import { TCP_OPTIONS } from './tcp-options.js';
import type { TlsClientListener } from './tls-client.js';

export interface AttemptOptions {
  readonly maxMessageSize: number;
  readonly mostQueuedBytes: number;
  readonly mechanism: () => Mechanism;
  /** Whether the server authenticates this client, perhaps by a slow function of its user. */
  readonly isAsked: boolean;
  /** Puts TLS between the connection and ZMTP. */
  readonly secure?: ((socket: Socket, listener: TlsClientListener) => Socket) | undefined;
  /** Explains why a handshake failed. */
  readonly why: (end: ChannelEnd) => DialFailure;
}

/** Owns the connection once its handshake is done. */
export interface AttemptOwner {
  onMessage(frames: Frame[]): void;
  onEnded(end: ChannelEnd): void;
}

/** One attempt of a client at one address, and the connection that it leads to. */
export class ClientAttempt implements Attempt {
  #socket: Socket;
  #channel: Channel | undefined;
  readonly #mayThink: boolean;
  #isSecure = false;
  #isOver = false;

  constructor(
    place: NetConnectOpts,
    options: AttemptOptions,
    listener: AttemptListener,
    owner: AttemptOwner,
  ) {
    this.#mayThink = options.isAsked;
    const socket = connect({ ...place, ...TCP_OPTIONS });
    this.#socket = socket;
    const failed = (error: Error) => {
      if (!this.#isOver) listener.onFailed(whyNotConnected(error));
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      if (this.#isOver) return;
      if (isToItself(socket)) {
        this.abandon();
        listener.onFailed({ reason: WHY_REFUSED });
      } else {
        this.#connected(options, listener, owner);
      }
    });
  }

  get wasHeard(): boolean {
    return this.#isSecure || (this.#channel?.wasHeard ?? false);
  }

  get mayThink(): boolean {
    return this.#mayThink;
  }

  get socket(): Socket {
    return this.#socket;
  }

  get channel(): Channel | undefined {
    return this.#channel;
  }

  abandon(): void {
    this.#isOver = true;
    // An error without a listener would end the process.
    this.#socket.on('error', () => {});
    if (this.#channel) this.#channel.destroy();
    else this.#socket.destroy();
  }

  #connected(options: AttemptOptions, listener: AttemptListener, owner: AttemptOwner): void {
    listener.onConnected();
    const { secure } = options;
    if (!secure) return this.#open(options, listener, owner);
    this.#socket = secure(this.#socket, {
      onSecure: () => {
        this.#isSecure = true;
        this.#open(options, listener, owner);
      },
      onFailed: (failure) => {
        if (!this.#isOver) listener.onFailed(failure);
      },
    });
  }

  #open(options: AttemptOptions, listener: AttemptListener, owner: AttemptOwner): void {
    if (this.#isOver) return;
    const { maxMessageSize, mostQueuedBytes } = options;
    let mechanism: Mechanism;
    try {
      mechanism = options.mechanism();
    } catch (error) {
      this.abandon();
      return listener.onFailed({ reason: reasonOf(error) });
    }
    const limits = {
      mechanism,
      maxMessageSize,
      mostQueuedBytes,
      farewellMs: 0,
      lingerMs: CLIENT_LINGER_MS,
    };
    this.#channel = new Channel(bytesOnly(this.#socket), limits, {
      onAsk: () => {},
      onReady: () => listener.onReady(),
      onMessage: (frames) => owner.onMessage(frames),
      onEnded: (end) => {
        if (end.wasReady) owner.onEnded(end);
        else listener.onFailed(options.why(end));
      },
    });
    this.#channel.start();
  }
}

function whyNotConnected(error: Error): DialFailure {
  const code = errorCode(error);
  return { reason: (code !== undefined && WHY[code]) || error.message };
}

/**
 * If nobody listens at an ephemeral port, the system may choose that very port for the client. The connection then leads to
 * itself (RFC 9293, 3.5, "simultaneous open"), and keeps the server from binding its port.
 */
export function isToItself({
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
}: Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}

const WHY_REFUSED = 'the connection was refused';

const WHY: Partial<Record<string, string>> = {
  ECONNREFUSED: WHY_REFUSED,
  ECONNRESET: 'it closed the connection as soon as it was made (ECONNRESET)',
  ENOENT: 'the connection was refused: there is no such path',
  ETIMEDOUT: 'there was no answer (ETIMEDOUT)',
  EHOSTUNREACH: 'there is no route to it (EHOSTUNREACH)',
  ENETUNREACH: 'there is no route to its network (ENETUNREACH)',
  EACCES: 'this process may not connect to it (EACCES)',
  EMFILE: 'this process has no file descriptor left (EMFILE)',
  ENFILE: 'this machine has no file descriptor left (ENFILE)',
};
