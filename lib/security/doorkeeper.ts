import type { Access } from './access.js';
import { AnonymousGate } from './anonymous-gate.js';
import { sharedSecret } from './curve-keys.js';
import { Guests } from './guests.js';
import { ANONYMOUS, type FreelancePeer } from './peer.js';
import { isGenuine, readSeal, secretOf } from './seal.js';
import { type Credentials, nameOf, type Verdict } from './zap.js';

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

interface Admitted {
  readonly peer: FreelancePeer;
  readonly secret: Buffer;
}

/** Whom the server remembers to have admitted. One that is forgotten has to connect anew. */
const MOST_ADMITTED = 65_536;

/**
 * Who may connect to a server, and who has sent a message: by ZAP it admits connections, by the seal of
 * its routing id it knows whose a connection is.
 */
export class Doorkeeper {
  readonly #security: ServerSecurity;
  /** By name, the latest last. */
  readonly #admitted = new Map<string, Admitted>();
  #guests = new Guests();
  #anonymous = new AnonymousGate();
  #latest: { routingId: Buffer | undefined; peer: FreelancePeer | undefined } = NOBODY;
  #onRevoked: (routingIds: readonly Buffer[]) => void = () => {};

  constructor(security: ServerSecurity) {
    this.#security = security;
  }

  /**
   * The server opens a socket. It has no connections yet.
   *
   * @param onRevoked told when a client was revoked, with those of its connections that are remembered. There may be
   *   others: `identify` knows none of them any more.
   */
  open(onRevoked: (routingIds: readonly Buffer[]) => void): void {
    this.#guests = new Guests();
    this.#anonymous = new AnonymousGate();
    this.#latest = NOBODY;
    this.#onRevoked = onRevoked;
  }

  /** What the server itself has to show. A method, so that nothing that prints objects prints it. */
  own(): OwnCredentials {
    return this.#security.own;
  }

  /** Whether a connection may be made. Never rejects. */
  async admit(credentials: Credentials, address: string): Promise<Verdict> {
    const { own, access, judge } = this.#security;
    const name = nameOf(credentials);
    if (credentials.mechanism !== own.mechanism || access.of(name) === 'revoked') return 'refused';
    try {
      const isKnown = access.of(name) === 'authorized';
      if (!isKnown && (await judge(credentials, address)) !== true) return 'refused';
    } catch {
      return 'failed';
    }
    // It may have been revoked while the judge thought about it.
    if (access.of(name) === 'revoked') return 'refused';
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

  authorize(name: string): void {
    const { own, access } = this.#security;
    // With PLAIN a name alone is not enough: it takes the password, which the judge knows.
    if (own.mechanism === 'curve') access.authorize(name);
    else access.pardon(name);
    this.#guests.pardonAll();
    this.#latest = NOBODY;
  }

  /**
   * Nothing more is heard of its connections, nor of those of clients that do not say who they are: one of
   * them may be it, and the others may connect anew.
   */
  revoke(name: string): void {
    this.#security.access.revoke(name);
    this.#admitted.delete(name);
    this.#anonymous.close();
    this.#latest = NOBODY;
    const dismissed = [...this.#guests.dismiss(name), ...this.#guests.dismiss(ANONYMOUS.userId)];
    this.#onRevoked(dismissed.map((key) => Buffer.from(key, 'latin1')));
  }

  #ownerOf(routingId: Buffer): FreelancePeer | undefined {
    const claim = readSeal(routingId);
    if (!claim) return this.#isHeardUnnamed(routingId) ? ANONYMOUS : undefined;
    const admitted = this.#admitted.get(claim.name);
    if (!admitted || claim.mechanism !== this.#security.own.mechanism) return undefined;
    return isGenuine(claim, admitted.secret) ? admitted.peer : undefined;
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
    this.#admitted.delete(name);
    put(this.#admitted, name, { peer, secret }, MOST_ADMITTED);
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

const NOBODY = { routingId: undefined, peer: undefined };

/** The oldest make room. */
function put<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  const [oldest] = map.size >= most ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}
