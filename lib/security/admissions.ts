import { makeRoom } from '../make-room.js';
import type { FreelancePeer } from './peer.js';
import { isGenuine, type Seal } from './seal.js';

/** How many names are remembered. A client that is forgotten has to reconnect. */
const MOST_NAMES = 65_536;

/** How many passwords per name are remembered. With CURVE there is one secret per key. */
const MOST_SECRETS = 16;

/** After this many false claims of a name, one admission of that name is void. */
const MOST_GUESSES = 10;

/** Connections of one name that were admitted with the same secret. */
interface Admission {
  /** The client, as its latest connection shows it. */
  peer: FreelancePeer;
  readonly secret: Buffer;
  /** How many of them have not sent a message yet. */
  unclaimed: number;
  guesses: number;
}

/**
 * The connections that ZAP has admitted and that have not sent a message yet. libzmq does not report the routing ids of the
 * connections it admits; a routing id proves by its seal whose it is. But no more connections of a name are believed than were
 * admitted. Otherwise the seal of PLAIN would be a password that only this class checks: guesses would bypass the authorizer,
 * and so would a password that was valid only once.
 */
export class Admissions {
  /** By name, the latest last. */
  readonly #byName = new Map<string, Admission[]>();

  /** A connection was admitted. */
  add(name: string, peer: FreelancePeer, secret: Buffer): void {
    const known = this.#byName.get(name) ?? [];
    const same = known.find((admission) => admission.secret.equals(secret));
    if (same) {
      same.unclaimed++;
      same.peer = peer;
    } else {
      known.push({ peer, secret, unclaimed: 1, guesses: 0 });
      if (known.length > MOST_SECRETS) known.shift();
    }
    this.#byName.delete(name);
    makeRoom(this.#byName, MOST_NAMES);
    this.#byName.set(name, known);
  }

  /** A connection claims by its seal to be one of these. @returns undefined if it is not */
  claim(seal: Seal): FreelancePeer | undefined {
    const known = this.#byName.get(seal.name) ?? [];
    const own = known.find(({ secret }) => isGenuine(seal, secret));
    if (own) {
      own.unclaimed--;
    } else {
      for (const admission of known) {
        if (++admission.guesses < MOST_GUESSES) continue;
        admission.guesses = 0;
        admission.unclaimed--;
      }
    }
    const left = known.filter(({ unclaimed }) => unclaimed > 0);
    if (left.length > 0) this.#byName.set(seal.name, left);
    else this.#byName.delete(seal.name);
    return own?.peer;
  }

  /** Connections of that name are no longer believed. */
  revoke(name: string): void {
    this.#byName.delete(name);
  }
}
