import { decodeAnyClientMessage } from '../../protocol/guide-frames.js';
import type { Malformed } from '../../protocol/malformed.js';
import type {
  ClientMessage,
  Event,
  Frames,
  NegotiatedRequest,
  OutgoingServerMessage,
  Ping,
  Request,
} from '../../protocol/messages.js';
import { decodeClientPack, isPack } from '../../protocol/pack.js';
import { decodeClientMessage } from '../../protocol/plain-frames.js';
import type { Peer } from '../../sockets/socket-port.js';
import { deliverAll } from '../deliver-all.js';
import type { ClientProber } from './client-prober.js';
import type { Clients } from './clients.js';
import type { Intake } from './intake.js';
import type { Notifications } from '../notifications.js';
import type { PingResponder } from './ping-responder.js';

export interface MessageRouterOptions {
  /** Whether clients may speak the guide dialect. @default false */
  readonly servesGuide?: boolean | undefined;
}

export interface MessageRouterDeps {
  readonly notifications: Notifications;
  readonly clients: Clients;
  readonly intake: Intake;
  readonly pingResponder: PingResponder;
  readonly prober: ClientProber;
  isClosed(): boolean;
  tell(peer: Peer, message: OutgoingServerMessage): void;
}

export interface MessageRouterListener {
  malformed(message: Malformed): void;
  pinged(): void;
  /** A client has said that it leaves. */
  goodbye(peer: Peer): void;
}

/** Decodes what clients send, and passes each message to the part of the server that handles it. */
export class MessageRouter {
  readonly #servesGuide: boolean;
  readonly #deps: MessageRouterDeps;
  readonly #listener: MessageRouterListener;

  constructor(
    { servesGuide = false }: MessageRouterOptions,
    deps: MessageRouterDeps,
    listener: MessageRouterListener,
  ) {
    this.#servesGuide = servesGuide;
    this.#deps = deps;
    this.#listener = listener;
  }

  received(peer: Peer, frames: Frames): void {
    if (isPack(frames))
      deliverAll(decodeClientPack(frames), (message) => this.#enter(peer, message));
    else this.#enter(peer, this.#decode(frames));
  }

  #decode(frames: Frames): ClientMessage | Malformed {
    return this.#servesGuide ? decodeAnyClientMessage(frames) : decodeClientMessage(frames);
  }

  #enter(peer: Peer, message: ClientMessage | Malformed): void {
    const { notifications } = this.#deps;
    notifications.enter();
    try {
      this.#route(peer, message);
    } finally {
      notifications.leave();
    }
  }

  #route(peer: Peer, message: ClientMessage | Malformed): void {
    const { clients } = this.#deps;
    // A handler started by the previous message of the same pack may have closed the server or revoked the client.
    if (this.#deps.isClosed() || !peer.isHeard) return;
    switch (message.type) {
      case 'malformed':
        return this.#listener.malformed(message);
      case 'ping':
        return this.#pinged(peer, message);
      case 'request':
        return this.#requested(peer, message);
      case 'event':
        return this.#takeIn(peer, message);
      case 'cancel':
        return clients.job(peer, message.id)?.abandon();
      case 'credit':
        return clients.job(peer, message.id)?.grant(message.values);
      case 'goodbye':
        return this.#listener.goodbye(peer);
    }
  }

  #pinged(peer: Peer, ping: Ping): void {
    const { clients, pingResponder } = this.#deps;
    if (ping.dialect === 'negotiated') clients.heard(peer).pinged(ping);
    pingResponder.pinged(peer, ping);
    this.#listener.pinged();
  }

  #requested(peer: Peer, message: Request): void {
    if (message.dialect === 'negotiated') this.#takeIn(peer, message);
    else this.#deps.intake.takeUntyped(peer, message, (reply) => this.#deps.tell(peer, reply));
  }

  #takeIn(peer: Peer, message: NegotiatedRequest | Event): void {
    const { clients, intake, prober } = this.#deps;
    const session = clients.heard(peer);
    intake.take(peer, session, message);
    prober.heardLate(session);
  }
}
