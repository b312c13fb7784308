import { Admissions } from './admissions.js';
import { AnonymousGate } from './anonymous-gate.js';
import { type Credentials, nameOf, type Verdict } from './credentials.js';
import { sharedSecret } from './curve-keys.js';
import type { Doorkeeper } from './doorkeeper.js';
import { Guests } from './guests.js';
import { ANONYMOUS, type FreelancePeer, peerOf } from './peer.js';
import { readSeal, secretOf } from './seal.js';

/** Hears of revoked clients and forged seals. */
export interface SealListener {
  /**
   * A client was revoked.
   *
   * @param keys its connections that are remembered. There may be others, which `identify` no longer knows either
   */
  onRevoked(keys: readonly string[]): void;
  /** A connection claims to be that client's, but was not admitted as such. Called once per connection. */
  onForged(name: string): void;
}

/**
 * Identifies the clients of one socket, for an engine that authenticates connections but does not report which connection a
 * message came by: the seal in its routing id proves whose a connection is. Its key is the routing id, as latin1.
 */
export class SealBook {
  readonly #doorkeeper: Doorkeeper;
  readonly #listener: SealListener;
  readonly #admissions = new Admissions();
  readonly #guests = new Guests();
  readonly #anonymous = new AnonymousGate();
  readonly #stopListening: () => void;

  constructor(doorkeeper: Doorkeeper, listener: SealListener) {
    this.#doorkeeper = doorkeeper;
    this.#listener = listener;
    this.#stopListening = doorkeeper.listen({
      onRevoked: (name) => this.#revoked(name),
      onAuthorized: () => this.#authorized(),
    });
  }

  /** The socket was closed: the listener hears nothing more. */
  close(): void {
    this.#stopListening();
  }

  /**
   * Whether a client may connect.
   *
   * @param question once `isOver`, nobody waits for the answer, and it is not remembered
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

  /** The client of that connection; undefined if its messages must not be heard. */
  identify(key: string): FreelancePeer | undefined {
    const guest = this.#guests.peerOf(key);
    if (guest || this.#guests.isDenied(key)) return guest;
    const peer = this.#ownerOf(Buffer.from(key, 'latin1'));
    if (peer) this.#guests.welcome(key, peer);
    else this.#guests.deny(key);
    return peer;
  }

  /** The connection has ended. */
  left(key: string): void {
    this.#guests.left(key);
  }

  #authorized(): void {
    this.#guests.pardonAll();
  }

  /**
   * Neither the client's connections are heard any more, nor anonymous ones: one of those may be the client's, and the others
   * can reconnect.
   */
  #revoked(name: string): void {
    this.#admissions.revoke(name);
    this.#anonymous.close();
    this.#listener.onRevoked([
      ...this.#guests.dismiss(name),
      ...this.#guests.dismiss(ANONYMOUS.userId),
    ]);
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
