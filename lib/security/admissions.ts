import { makeRoom } from '../make-room.js';
import type { FreelancePeer } from './peer.js';
import { isGenuine, type Seal } from './seal.js';

/** Names of which admissions are remembered. A client that is forgotten has to connect anew. */
const MOST_NAMES = 65_536;

/** Different passwords of a name that are remembered at a time; of CURVE there is one secret for each key. */
const MOST_SECRETS = 16;

/** So many connections may claim a name in vain before an admission of that name is void. */
const MOST_GUESSES = 10;

/** Connections of one name that were let in with one and the same secret. */
interface Admission {
  /** As the latest of them shows it. */
  peer: FreelancePeer;
  readonly secret: Buffer;
  /** How many of them have not said yet which they are. */
  unclaimed: number;
  guesses: number;
}

/**
 * Which connections ZAP has admitted, and whose messages are still to come. libzmq does not tell which of them has which
 * routing id: that a routing id says by its seal. But no more connections are believed to be a name's than were
 * admitted under that name. Else a seal of PLAIN would be a password that nobody but this class checks: guesses at it
 * would pass by the authorizer, and so would a password that was good for once.
 */
export class Admissions {
  /** The latest last. */
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

  /** A connection says by its seal that it is one of those. Undefined if that is not so. */
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

  /** None of that name is believed any more. */
  revoke(name: string): void {
    this.#byName.delete(name);
  }
}
