import type { OutgoingSocketFrames, Peer } from '../../sockets/socket-port.js';
import type { Faults } from './faults.js';

/** A client, as the server reaches it despite the faults. */
export class FaultyPeer implements Peer {
  readonly #peer: Peer;
  readonly #faults: Faults;
  /** Whether what it has sent is lost: it gave up while the network was cut. */
  hasLostAll = false;

  constructor(peer: Peer, faults: Faults) {
    this.#peer = peer;
    this.#faults = faults;
  }

  get key(): string {
    return this.#peer.key;
  }

  get identity(): Peer['identity'] {
    return this.#peer.identity;
  }

  get isHeard(): boolean {
    return this.#peer.isHeard;
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    this.#faults.send(() => this.#peer.send(frames, onUndelivered));
  }

  left(): void {
    this.#peer.left();
  }
}
