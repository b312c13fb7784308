import type { Socket } from 'node:net';
import type { FreelancePeer } from '../../security/peer.js';
import type { Mechanism, ShownCredentials } from '../../zmtp/mechanism.js';
import type { OutgoingSocketFrames } from '../socket-port.js';
import { SERVER_LINGER_MS } from '../times.js';
import { Channel } from './channel.js';
import { plainAddress } from './plain-address.js';
import type { TlsGuest } from './tls-door.js';

/** For clients of libzmq to read the last words in, in ms: milliseconds, and more on a busy machine. */
const FAREWELL_MS = 50;

/** What may wait to be sent to one client that does not read, in bytes. What comes then is dropped and counted. */
const MOST_QUEUED_BYTES = 256 * 1024 * 1024;

export interface ServerConnectionListener {
  onAsk(connection: ServerConnection, credentials: ShownCredentials): void;
  onReady(connection: ServerConnection): void;
  onMessage(connection: ServerConnection, frames: Buffer[]): void;
  onEnded(connection: ServerConnection): void;
}

/** A connection of one client to a server. */
export class ServerConnection {
  /** Its `peerKey`. */
  readonly peer: Buffer;
  readonly address: string;
  /** Who it is, as the handshake has shown; not yet believed before it is ready. */
  identity: FreelancePeer | undefined;
  /** What it has shown in the handshake of TLS. */
  guest: TlsGuest | undefined;
  isReady = false;
  /** It may connect. With PLAIN the handshake goes on after that. */
  isAdmitted = false;
  isRevoked = false;
  /** Calls off what ends it if its handshake takes too long. */
  cancelDeadline = () => {};
  readonly channel: Channel;
  readonly #listener: ServerConnectionListener;

  constructor(
    socket: Socket,
    peer: Buffer,
    mechanism: Mechanism,
    maxMessageSize: number,
    listener: ServerConnectionListener,
  ) {
    this.peer = peer;
    this.#listener = listener;
    this.address = plainAddress(socket);
    const options = {
      mechanism,
      maxMessageSize,
      mostQueuedBytes: MOST_QUEUED_BYTES,
      farewellMs: FAREWELL_MS,
      lingerMs: SERVER_LINGER_MS,
    };
    this.channel = new Channel(socket, options, {
      onAsk: (credentials) => listener.onAsk(this, credentials),
      onReady: () => {
        this.isReady = true;
        listener.onReady(this);
      },
      onMessage: (frames) => listener.onMessage(this, frames),
      onEnded: () => listener.onEnded(this),
    });
  }

  send(frames: OutgoingSocketFrames): boolean {
    return this.channel.send(frames);
  }

  /** Ends it at once. */
  drop(): void {
    this.channel.destroy();
    this.#listener.onEnded(this);
  }
}
