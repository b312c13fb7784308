import type { Socket } from 'node:net';
import { monotonicNow } from '../../node-timers.js';
import type { TlsServerCredentials } from '../../security/tls-credentials.js';
import { nodeClock } from '../clock.js';
import type { Handshakes } from './handshakes.js';
import { plainAddress } from './plain-address.js';
import { TlsDoor, type TlsGuest } from './tls-door.js';

export interface TlsEntranceListener {
  /** @param leftMs what is left of the time that all of a handshake may take */
  onSecure(socket: Socket, guest: TlsGuest, leftMs: number): void;
  /** The handshake of TLS came to nothing, or took too long. */
  onFailed(): void;
}

/** The connections of a server that are in the handshake of TLS. Bounds and time are those of all handshakes. */
export class TlsEntrance {
  readonly #door: TlsDoor;
  readonly #handshakes: Handshakes;
  readonly #handshakeMs: number;
  readonly #listener: TlsEntranceListener;

  /** @param handshakeMs how long those of TLS and of ZMTP may take together */
  constructor(
    own: TlsServerCredentials,
    handshakes: Handshakes,
    handshakeMs: number,
    listener: TlsEntranceListener,
  ) {
    this.#door = new TlsDoor(own);
    this.#handshakes = handshakes;
    this.#handshakeMs = handshakeMs;
    this.#listener = listener;
  }

  enter(socket: Socket): void {
    const until = monotonicNow() + this.#handshakeMs;
    const drop = () => void socket.destroy();
    const unknown = { address: plainAddress(socket), drop };
    const cancelDeadline = nodeClock.after(this.#handshakeMs, drop);
    const over = () => {
      cancelDeadline();
      this.#handshakes.delete(unknown);
    };
    const failed = () => {
      over();
      this.#listener.onFailed();
    };
    socket.once('close', failed);
    if (!this.#handshakes.add(unknown)) return;
    this.#door.enter(socket, (secure, guest) => {
      socket.off('close', failed);
      over();
      this.#listener.onSecure(secure, guest, until - monotonicNow());
    });
  }
}
