import { isInproc } from '../address.js';
import type { ServerSocket, Traffic } from '../socket-port.js';
import { totalOf } from '../traffic-total.js';

/** The socket of a server that has both addresses of the system and `inproc://` ones. */
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

  close(onFreed = () => {}): void {
    this.#inThread.close(() => this.#system.close(onFreed));
  }

  traffic(): Traffic {
    return totalOf([this.#system.traffic(), this.#inThread.traffic()]);
  }

  /** Node's sockets of the clients that are connected. */
  unwrap(): unknown {
    return this.#system.unwrap();
  }
}
