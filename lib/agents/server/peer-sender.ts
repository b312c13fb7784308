import type {
  Denied,
  OutgoingFrames,
  OutgoingServerMessage,
  Pong,
} from '../../protocol/messages.js';
import { encodeServerMessage } from '../../protocol/plain-frames.js';
import type { Peer } from '../../sockets/socket-port.js';
import type { ClientSession } from './client-session.js';
import type { ListeningSocket } from './listening-socket.js';

export interface PeerSenderDeps {
  readonly socket: Pick<ListeningSocket, 'isOpen'>;
  session(peer: Peer): ClientSession | undefined;
  /** Something that was sent outside a session could not be delivered. */
  undelivered(peer: Peer): void;
}

/** Sends to peers, with or without a session, while the socket is open. */
export class PeerSender {
  readonly #deps: PeerSenderDeps;

  constructor(deps: PeerSenderDeps) {
    this.#deps = deps;
  }

  send(peer: Peer, message: OutgoingServerMessage): void {
    this.post(peer, encodeServerMessage(message), () => this.#deps.undelivered(peer));
  }

  post(peer: Peer, frames: OutgoingFrames, onUndelivered: () => void): void {
    if (this.#deps.socket.isOpen) peer.send(frames, onUndelivered);
  }

  /** The server does not, or no longer, know the peer. */
  deny(peer: Peer): void {
    this.send(peer, DENIED);
  }

  /** That of a client with a session goes through it, which adds whether answers were lost. */
  pong(peer: Peer, pong: Pong): void {
    // The client may have been revoked while the readiness check ran.
    if (!peer.isHeard) return;
    if (pong.dialect === 'negotiated') this.#deps.session(peer)?.send(pong);
    else this.send(peer, pong);
  }
}

const DENIED: Denied = { type: 'denied' };
