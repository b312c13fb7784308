import type { Agenda } from '../agenda.js';
import type { Courier } from '../outbox.js';
import { ClientSession } from './client-session.js';

/** How messages to a client travel on. */
export type PeerCourier = (peer: Buffer) => Courier<ClientSession>;

/** The clients of the negotiated dialect that a server has heard lately, by routing id. */
export class Sessions {
  readonly #agenda: Agenda;
  readonly #courierTo: PeerCourier;
  readonly #sessions = new Map<string, ClientSession>();

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
    const key = keyOf(peer);
    let session = this.#sessions.get(key);
    if (session) {
      session.heard(now);
      return session;
    }
    session = new ClientSession(peer, now, this.#courierTo(peer), (later) =>
      this.#due(peer, later),
    );
    this.#sessions.set(key, session);
    this.#agenda.schedule(session, session.goneAt);
    return session;
  }

  find(peer: Buffer): ClientSession | undefined {
    return this.#sessions.get(keyOf(peer));
  }

  /** The client is gone: what runs for it is stopped. */
  end(peer: Buffer): void {
    const session = this.find(peer);
    if (!session) return;
    this.#sessions.delete(keyOf(peer));
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
