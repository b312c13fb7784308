import type { Access } from './access.js';
import { Admissions } from './admissions.js';
import { AnonymousGate } from './anonymous-gate.js';
import { type Credentials, nameOf, type Verdict } from './credentials.js';
import { canonicalKey, sharedSecret } from './curve-keys.js';
import { Guests } from './guests.js';
import { ANONYMOUS, type FreelancePeer } from './peer.js';
import { readSeal, secretOf } from './seal.js';

/** What a server demands of those who connect. */
export interface ServerSecurity {
  readonly own: OwnCredentials;
  readonly access: Access;
  /** Asked about whom `access` does not know: `true`, or a promise of it, is a yes. May throw. */
  readonly judge: (credentials: Credentials, address: string) => unknown;
  /** Whether those are served who do not say who they are. */
  readonly allowAnonymous: boolean;
}

export type OwnCredentials =
  | { readonly mechanism: 'curve'; readonly publicKey: string; readonly secretKey: string }
  | { readonly mechanism: 'plain' };

/** Who has the connections of a server's socket. */
export interface DoorListener {
  /**
   * A client was revoked. These of its connections are remembered; there may be others: `identify` knows none of them
   * any more.
   */
  onRevoked(routingIds: readonly Buffer[]): void;
  /** A connection claims to be that client's, who was not let in by it. Told once of each. */
  onForged(name: string): void;
}

/**
 * Who may connect to a server, and who has sent a message: by ZAP it admits connections, by the seal of
 * its routing id it knows whose a connection is.
 */
export class Doorkeeper {
  readonly #security: ServerSecurity;
  #admissions = new Admissions();
  #guests = new Guests();
  #anonymous = new AnonymousGate();
  #latest: { routingId: Buffer | undefined; peer: FreelancePeer | undefined } = NOBODY;
  #listener: DoorListener | undefined;

  constructor(security: ServerSecurity) {
    this.#security = security;
  }

  /** The server opens a socket. It has no connections yet. */
  open(listener: DoorListener): void {
    this.#admissions = new Admissions();
    this.#guests = new Guests();
    this.#anonymous = new AnonymousGate();
    this.#latest = NOBODY;
    this.#listener = listener;
  }

  /** What the server itself has to show. A method, so that nothing that prints objects prints it. */
  own(): OwnCredentials {
    return this.#security.own;
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
    const { own, access, judge } = this.#security;
    const name = nameOf(credentials);
    if (credentials.mechanism !== own.mechanism || access.of(name) === 'revoked') return 'refused';
    const isKnown = access.of(name) === 'authorized';
    if (!isKnown && (await judge(credentials, address)) !== true) return 'refused';
    // It may have been revoked while the judge thought about it.
    if (access.of(name) === 'revoked') return 'refused';
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

  authorize(name: string): void {
    const { own, access } = this.#security;
    // With PLAIN a name alone is not enough: it takes the password, which the judge knows.
    if (own.mechanism === 'curve') access.authorize(canonicalKey(name));
    else access.pardon(name);
    this.#guests.pardonAll();
    this.#latest = NOBODY;
  }

  /**
   * Nothing more is heard of its connections, nor of those of clients that do not say who they are: one of
   * them may be it, and the others may connect anew.
   */
  revoke(given: string): void {
    const { own, access } = this.#security;
    const name = own.mechanism === 'curve' ? canonicalKey(given) : given;
    access.revoke(name);
    this.#admissions.revoke(name);
    this.#anonymous.close();
    this.#latest = NOBODY;
    const dismissed = [...this.#guests.dismiss(name), ...this.#guests.dismiss(ANONYMOUS.userId)];
    this.#listener?.onRevoked(dismissed.map((key) => Buffer.from(key, 'latin1')));
  }

  #ownerOf(routingId: Buffer): FreelancePeer | undefined {
    const claim = readSeal(routingId);
    if (!claim) return this.#isHeardUnnamed(routingId) ? ANONYMOUS : undefined;
    const isOwn = claim.mechanism === this.#security.own.mechanism;
    const peer = isOwn ? this.#admissions.claim(claim) : undefined;
    if (!peer) this.#listener?.onForged(claim.name);
    return peer;
  }

  #isHeardUnnamed(routingId: Buffer): boolean {
    return this.#security.allowAnonymous && this.#anonymous.hears(routingId);
  }

  #remember(credentials: Credentials, address: string): boolean {
    const name = nameOf(credentials);
    const secret = this.#secretWith(credentials);
    if (!secret) return false;
    const publicKey = credentials.mechanism === 'curve' ? name : undefined;
    const peer = Object.freeze({ publicKey, userId: name, address });
    this.#admissions.add(name, peer, secret);
    this.#guests.forgetGone();
    this.#latest = NOBODY;
    return true;
  }

  #secretWith(credentials: Credentials): Buffer | undefined {
    const { own } = this.#security;
    if (credentials.mechanism === 'plain') return secretOf(credentials.password);
    return own.mechanism === 'curve'
      ? sharedSecret(own.secretKey, credentials.publicKey)
      : undefined;
  }
}

const OPEN = { isOver: false };

const NOBODY = { routingId: undefined, peer: undefined };
