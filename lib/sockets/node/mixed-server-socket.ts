import type { FreelancePeer } from '../../security/peer.js';
import { isInproc } from '../address.js';
import { OF_SYSTEM } from '../peer-key.js';
import type { OutgoingSocketFrames, ServerSocket } from '../socket-port.js';

/** One server at addresses of the system and at `inproc://` ones. */
export class MixedServerSocket implements ServerSocket {
  readonly endpoints: readonly string[];
  readonly #system: ServerSocket;
  readonly #inThread: ServerSocket;

  /** @param addresses in the order in which they were given */
  constructor(addresses: readonly string[], system: ServerSocket, inThread: ServerSocket) {
    const bound = [...system.endpoints];
    this.endpoints = addresses.map((one) => (isInproc(one) ? one : (bound.shift() ?? one)));
    this.#system = system;
    this.#inThread = inThread;
  }

  identify(peer: Buffer): FreelancePeer | undefined {
    return this.#of(peer).identify(peer);
  }

  isHeard(peer: Buffer): boolean {
    return this.#of(peer).isHeard(peer);
  }

  left(peer: Buffer): void {
    this.#of(peer).left(peer);
  }

  send(peer: Buffer, frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    this.#of(peer).send(peer, frames, onUndelivered);
  }

  close(onFreed = () => {}): void {
    this.#inThread.close(() => this.#system.close(onFreed));
  }

  /** Node's sockets of the clients that are connected. */
  unwrap(): unknown {
    return this.#system.unwrap();
  }

  #of(peer: Buffer): ServerSocket {
    return peer[0] === OF_SYSTEM ? this.#system : this.#inThread;
  }
}
