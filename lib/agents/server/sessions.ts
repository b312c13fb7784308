import type { Agenda } from '../agenda.js';
import { ClientSession, type SessionCourier } from './client-session.js';

/** How messages to a client travel on. */
export type PeerCourier = (peer: Buffer) => SessionCourier;

/** The clients of the negotiated dialect that a server has heard lately, by routing id. */
export class Sessions {
  readonly #agenda: Agenda;
  readonly #courierTo: PeerCourier;
  readonly #sessions = new Map<string, ClientSession>();
  #latestPeer: Buffer | undefined;
  #latest: ClientSession | undefined;

  constructor(agenda: Agenda, courierTo: PeerCourier) {
    this.#agenda = agenda;
    this.#courierTo = courierTo;
  }

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): IterableIterator<ClientSession> {
    return this.#sessions.values();
  }

  /** The session of who has just been heard. */
  heard(peer: Buffer, now: number): ClientSession {
    const session = this.find(peer) ?? this.#open(peer, now);
    session.heard(now);
    return session;
  }

  #open(peer: Buffer, now: number): ClientSession {
    const due = (later: number) => this.#due(peer, later);
    const session = new ClientSession(peer, now, this.#courierTo(peer), due);
    this.#sessions.set(keyOf(peer), session);
    this.#latest = session;
    this.#agenda.schedule(session, session.goneAt);
    return session;
  }

  find(peer: Buffer): ClientSession | undefined {
    // The messages of one pack have one and the same buffer for their peer.
    if (peer === this.#latestPeer) return this.#latest;
    this.#latestPeer = peer;
    this.#latest = this.#sessions.get(keyOf(peer));
    return this.#latest;
  }

  /** The client is gone: what runs for it is stopped. */
  end(peer: Buffer): void {
    const session = this.find(peer);
    if (!session) return;
    this.#sessions.delete(keyOf(peer));
    this.#latest = undefined;
    this.#agenda.cancel(session);
    session.abandonAll();
  }

  #due(peer: Buffer, now: number): void {
    const session = this.find(peer);
    if (!session) return;
    if (session.goneAt <= now) this.end(peer);
    else this.#agenda.schedule(session, session.goneAt);
  }
}

function keyOf(peer: Buffer): string {
  return peer.toString('latin1');
}
