import type { SocketFrames } from '../../../lib/sockets/socket-port.js';
import type { Timeline } from '../time/timeline.js';
import type { Route } from './route.js';

/** What travels over a connection: messages, between markers of its beginning and its end. */
export type Parcel =
  | { readonly type: 'message'; readonly frames: SocketFrames; readonly sentAt: number }
  | { readonly type: 'open' | 'accept' | 'refuse' | 'close' };

/** One direction of a TCP connection: what goes in comes out in order, late, or never. */
export class Pipe {
  /** Messages that the receiving program has not read yet. */
  unread = 0;
  readonly #timeline: Timeline;
  readonly #deliver: (parcel: Parcel) => void;
  #lastArrivesAt = 0;
  #cutAt = Infinity;
  /** Held back by a dark route: TCP retransmits it. */
  readonly #lost: Parcel[] = [];

  constructor(
    readonly route: Route,
    timeline: Timeline,
    deliver: (parcel: Parcel) => void,
  ) {
    this.#timeline = timeline;
    this.#deliver = deliver;
  }

  send(parcel: Parcel): void {
    if (parcel.type === 'message') this.unread++;
    this.#lastArrivesAt = Math.max(this.#lastArrivesAt, this.#timeline.now + this.route.delay());
    this.#timeline.at(this.#lastArrivesAt, () => this.#arrived(parcel));
  }

  /** The sender died: messages unwritten since then are lost. */
  cut(since: number): void {
    this.#cutAt = since;
  }

  #arrived(parcel: Parcel): void {
    if (parcel.type === 'message' && parcel.sentAt > this.#cutAt) return;
    if (this.#lost.length === 0 && !this.route.isDark) {
      this.#deliver(parcel);
      return;
    }
    this.#lost.push(parcel);
    if (this.#lost.length === 1) this.route.onceLit(() => this.#sendAgain());
  }

  #sendAgain(): void {
    if (this.route.isDark) {
      this.route.onceLit(() => this.#sendAgain());
      return;
    }
    for (const parcel of this.#lost.splice(0)) {
      this.#timeline.at(this.#timeline.now, () => this.#arrived(parcel));
    }
  }
}
