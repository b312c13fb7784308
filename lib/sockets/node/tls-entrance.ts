import type { Socket } from 'node:net';
import { monotonicNow } from '../../node-timers.js';
import type { TlsServerCredentials } from '../../security/tls-credentials.js';
import { nodeClock } from '../clock.js';
import type { Handshakes } from './handshakes.js';
import { plainAddress } from './plain-address.js';
import { TlsDoor, type TlsGuest } from './tls-door.js';

/** @param leftMs the time that remains for the handshake of ZMTP */
export type OnTlsSecure = (socket: Socket, guest: TlsGuest, leftMs: number) => void;

/** The connections of a server in the handshake of TLS. They share the limits and the time of all handshakes. */
export class TlsEntrance {
  readonly #door: TlsDoor;
  readonly #handshakes: Handshakes;
  readonly #handshakeMs: number;
  readonly #onSecure: OnTlsSecure;

  /** @param handshakeMs how long the handshakes of TLS and ZMTP may take together */
  constructor(
    own: TlsServerCredentials,
    handshakes: Handshakes,
    handshakeMs: number,
    onSecure: OnTlsSecure,
  ) {
    this.#door = new TlsDoor(own);
    this.#handshakes = handshakes;
    this.#handshakeMs = handshakeMs;
    this.#onSecure = onSecure;
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
    socket.once('close', over);
    if (!this.#handshakes.add(unknown)) return;
    this.#door.enter(socket, (secure, guest) => {
      socket.off('close', over);
      over();
      this.#onSecure(secure, guest, until - monotonicNow());
    });
  }
}
