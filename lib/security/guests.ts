import { makeRoom } from '../make-room.js';
import type { FreelancePeer } from './peer.js';

/**
 * Connections whose sender is known without a computation, and without asking again: as many as a process can have
 * (libzmq's own limit of sockets is as large). In bytes some 20 MiB.
 */
const MOST_GUESTS = 65_536;

/** Connections that were turned away, and are not looked at twice. */
const MOST_DENIED = 16_384;

/** Whose the connections are that were heard, and which of them are not to be heard. By routing id. */
export class Guests {
  readonly #peers = new Map<string, FreelancePeer>();
  /** The routing ids of each name, the oldest first; undefined is the name of those that have none. */
  readonly #byName = new Map<string | undefined, Set<string>>();
  readonly #denied = new Set<string>();
  /** Those whose connections have ended. */
  readonly #gone = new Set<string>();

  peerOf(key: string): FreelancePeer | undefined {
    return this.#peers.get(key);
  }

  isDenied(key: string): boolean {
    return this.#denied.has(key);
  }

  /** Who comes when there is no room takes that of its own oldest connection, if it has one: others lose nothing. */
  welcome(key: string, peer: FreelancePeer): void {
    const own = this.#byName.get(peer.userId) ?? new Set();
    if (this.#peers.size >= MOST_GUESTS) {
      const [oldest] = own.size > 0 ? own : this.#peers.keys();
      if (oldest !== undefined) this.#forget(oldest);
    }
    this.#byName.set(peer.userId, own.add(key));
    this.#peers.set(key, peer);
  }

  deny(key: string): void {
    makeRoom(this.#denied, MOST_DENIED);
    this.#denied.add(key);
  }

  /** Those of that name are not heard any more. @returns them */
  dismiss(name: string | undefined): string[] {
    const dismissed = [...(this.#byName.get(name) ?? [])];
    for (const key of dismissed) {
      this.#forget(key);
      this.deny(key);
    }
    return dismissed;
  }

  /** That connection has ended; what it had said before may still come. */
  left(key: string): void {
    if (this.#peers.has(key)) this.#gone.add(key);
  }

  /**
   * Somebody connects. By a routing id of one that is gone it is not known: else who has learnt a seal would be served
   * as its owner, once that has left.
   */
  forgetGone(): void {
    for (const key of this.#gone) this.#forget(key);
  }

  /** Who was not believed may be so now. */
  pardonAll(): void {
    this.#denied.clear();
  }

  #forget(key: string): void {
    const name = this.#peers.get(key)?.userId;
    const own = this.#byName.get(name);
    this.#peers.delete(key);
    this.#gone.delete(key);
    own?.delete(key);
    if (own?.size === 0) this.#byName.delete(name);
  }
}
