import { Admissions } from './admissions.js';
import { AnonymousGate } from './anonymous-gate.js';
import { type Credentials, nameOf, type Verdict } from './credentials.js';
import { sharedSecret } from './curve-keys.js';
import type { Doorkeeper } from './doorkeeper.js';
import { Guests } from './guests.js';
import { ANONYMOUS, type FreelancePeer, peerOf } from './peer.js';
import { readSeal, secretOf } from './seal.js';

/** Who has the connections of a server's socket. */
export interface SealListener {
  /**
   * A client was revoked. These of its connections are remembered; there may be others: `identify` knows none of them
   * any more.
   */
  onRevoked(routingIds: readonly Buffer[]): void;
  /** A connection claims to be that client's, who was not let in by it. Told once of each. */
  onForged(name: string): void;
}

/**
 * Whose the connections of one socket are, for an engine that authenticates connections and does not tell which message
 * came by which: by the seal of its routing id a connection says, and proves, who has it.
 */
export class SealBook {
  readonly #doorkeeper: Doorkeeper;
  readonly #listener: SealListener;
  readonly #admissions = new Admissions();
  readonly #guests = new Guests();
  readonly #anonymous = new AnonymousGate();
  #latest: { routingId: Buffer | undefined; peer: FreelancePeer | undefined } = NOBODY;
  readonly #stopListening: () => void;

  constructor(doorkeeper: Doorkeeper, listener: SealListener) {
    this.#doorkeeper = doorkeeper;
    this.#listener = listener;
    this.#stopListening = doorkeeper.listen({
      onRevoked: (name) => this.#revoked(name),
      onAuthorized: () => this.#authorized(),
    });
  }

  /** The socket has ended: nothing more is told. */
  close(): void {
    this.#stopListening();
  }

  /**
   * Whether a connection may be made.
   *
   * @param question as soon as it is over nobody waits for the answer, and nothing of it is remembered
   * @throws what the user's function throws
   */
  async admit(
    credentials: Credentials,
    address: string,
    question: { readonly isOver: boolean } = OPEN,
  ): Promise<Verdict> {
    const verdict = await this.#doorkeeper.admit(credentials, address);
    if (verdict !== 'admitted') return verdict;
    if (this.#doorkeeper.isRevoked(nameOf(credentials))) return 'refused';
    if (question.isOver) return 'failed';
    return this.#remember(credentials, address) ? 'admitted' : 'refused';
  }

  /** Whose connection that is; undefined if nothing that comes by it is to be heard. */
  identify(routingId: Buffer): FreelancePeer | undefined {
    // The calls of one pack have one and the same buffer for their sender.
    if (routingId !== this.#latest.routingId) {
      this.#latest = { routingId, peer: this.#identify(routingId) };
    }
    return this.#latest.peer;
  }

  #identify(routingId: Buffer): FreelancePeer | undefined {
    const key = routingId.toString('latin1');
    const guest = this.#guests.peerOf(key);
    if (guest || this.#guests.isDenied(key)) return guest;
    const peer = this.#ownerOf(routingId);
    if (peer) this.#guests.welcome(key, peer);
    else this.#guests.deny(key);
    return peer;
  }

  /** That connection has ended. */
  left(routingId: Buffer): void {
    this.#guests.left(routingId.toString('latin1'));
  }

  #authorized(): void {
    this.#guests.pardonAll();
    this.#latest = NOBODY;
  }

  /**
   * Nothing more is heard of its connections, nor of those of clients that do not say who they are: one of
   * them may be it, and the others may connect anew.
   */
  #revoked(name: string): void {
    this.#admissions.revoke(name);
    this.#anonymous.close();
    this.#latest = NOBODY;
    const dismissed = [...this.#guests.dismiss(name), ...this.#guests.dismiss(ANONYMOUS.userId)];
    this.#listener.onRevoked(dismissed.map((key) => Buffer.from(key, 'latin1')));
  }

  #ownerOf(routingId: Buffer): FreelancePeer | undefined {
    const claim = readSeal(routingId);
    if (!claim) return this.#isHeardUnnamed(routingId) ? ANONYMOUS : undefined;
    const isOwn = claim.mechanism === this.#doorkeeper.own().mechanism;
    const peer = isOwn ? this.#admissions.claim(claim) : undefined;
    if (!peer) this.#listener.onForged(claim.name);
    return peer;
  }

  #isHeardUnnamed(routingId: Buffer): boolean {
    return this.#doorkeeper.allowsAnonymous && this.#anonymous.hears(routingId);
  }

  #remember(credentials: Credentials, address: string): boolean {
    const secret = this.#secretWith(credentials);
    if (!secret) return false;
    this.#admissions.add(nameOf(credentials), peerOf(credentials, address), secret);
    this.#guests.forgetGone();
    this.#latest = NOBODY;
    return true;
  }

  #secretWith(credentials: Credentials): Buffer | undefined {
    const own = this.#doorkeeper.own();
    if (credentials.mechanism === 'plain') return secretOf(credentials.password);
    return own.mechanism === 'curve' && credentials.mechanism === 'curve'
      ? sharedSecret(own.secretKey, credentials.publicKey)
      : undefined;
  }
}

const OPEN = { isOver: false };

const NOBODY = { routingId: undefined, peer: undefined };
