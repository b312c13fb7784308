import type { Frame } from '../../frame.js';
import type { Socket } from 'node:net';
import { asMicrotask } from '../../node-timers.js';
import type { FreelancePeer } from '../../security/peer.js';
import type { Mechanism, ShownCredentials } from '../../zmtp/mechanism.js';
import { newPeerKey } from '../peer-key.js';
import type { OutgoingSocketFrames, Peer } from '../socket-port.js';
import { SERVER_LINGER_MS } from '../times.js';
import { bytesOnly } from './bytes-only.js';
import { Channel } from './channel.js';
import { plainAddress } from './plain-address.js';
import type { TlsGuest } from './tls-door.js';

/** How long libzmq clients get to read the last messages before the FIN, in ms. */
const FAREWELL_MS = 50;

/** How much may wait for one client that does not read, in bytes. Further messages are dropped and counted. */
const MOST_QUEUED_BYTES = 256 * 1024 * 1024;

export interface AcceptedConnectionListener {
  onAsk(connection: AcceptedConnection, credentials: ShownCredentials): void;
  onReady(connection: AcceptedConnection): void;
  onMessage(connection: AcceptedConnection, frames: Frame[]): void;
  onEnded(connection: AcceptedConnection): void;
}

/** The connection of one client to a server. */
export class AcceptedConnection implements Peer {
  readonly key = newPeerKey();
  readonly address: string;
  /** The client as the handshake shows it; not authenticated before `isReady`. */
  identity: FreelancePeer | undefined;
  /** What the client has shown in the handshake of TLS. */
  guest: TlsGuest | undefined;
  isReady = false;
  /** The client may connect. With PLAIN the handshake goes on after that. */
  isAdmitted = false;
  isRevoked = false;
  /** Cancels the deadline of the handshake. */
  cancelDeadline = () => {};
  readonly channel: Channel;
  readonly #listener: AcceptedConnectionListener;

  constructor(
    socket: Socket,
    mechanism: Mechanism,
    maxMessageSize: number,
    listener: AcceptedConnectionListener,
  ) {
    this.#listener = listener;
    this.address = plainAddress(socket);
    const options = {
      mechanism,
      maxMessageSize,
      mostQueuedBytes: MOST_QUEUED_BYTES,
      farewellMs: FAREWELL_MS,
      lingerMs: SERVER_LINGER_MS,
    };
    this.channel = new Channel(bytesOnly(socket), options, {
      onAsk: (credentials) => listener.onAsk(this, credentials),
      onReady: () => {
        this.isReady = true;
        listener.onReady(this);
      },
      onMessage: (frames) => listener.onMessage(this, frames),
      onEnded: () => listener.onEnded(this),
    });
  }

  get isHeard(): boolean {
    return !this.isRevoked;
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    if (!this.channel.send(frames) && onUndelivered) asMicrotask(onUndelivered);
  }

  /** Needs no action: the connection will end. */
  left(): void {}

  /** Ends the connection at once. */
  drop(): void {
    this.channel.destroy();
    this.#listener.onEnded(this);
  }
}
