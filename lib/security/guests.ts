import { makeRoom } from '../make-room.js';
import type { FreelancePeer } from './peer.js';

/** How many connections are remembered, so that their seals are checked once: as many as libzmq allows sockets. */
const MOST_GUESTS = 65_536;

/** How many connections are remembered that were not believed, so that they are checked once. */
const MOST_DENIED = 16_384;

/** Remembers whose the connections are, and which are not believed, by their keys. */
export class Guests {
  readonly #peers = new Map<string, FreelancePeer>();
  /** The keys of each name, the oldest first; `undefined` is the name of anonymous clients. */
  readonly #byName = new Map<string | undefined, Set<string>>();
  readonly #denied = new Set<string>();
  /** Keys of connections that have ended. */
  readonly #gone = new Set<string>();

  peerOf(key: string): FreelancePeer | undefined {
    return this.#peers.get(key);
  }

  isDenied(key: string): boolean {
    return this.#denied.has(key);
  }

  /** Without room, a client's own oldest connection is forgotten, if it has one, and not another client's. */
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

  /** Denies all connections of that name from now on. @returns their keys */
  dismiss(name: string | undefined): string[] {
    const dismissed = [...(this.#byName.get(name) ?? [])];
    for (const key of dismissed) {
      this.#forget(key);
      this.deny(key);
    }
    return dismissed;
  }

  /** The connection has ended. What it sent before may still arrive. */
  left(key: string): void {
    if (this.#peers.has(key)) this.#gone.add(key);
  }

  /**
   * A client connects: ended connections are forgotten. Otherwise anybody who has learnt a seal could pose as its owner once the
   * owner has left.
   */
  forgetGone(): void {
    for (const key of this.#gone) this.#forget(key);
  }

  /** Connections that were not believed are checked again. */
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
