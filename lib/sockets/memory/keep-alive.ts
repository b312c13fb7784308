import { clearInterval, setInterval } from '../../node-timers.js';

/** Node's longest, in ms: 24 days. Nothing happens then. */
const SELDOM_MS = 2 ** 31 - 1;

/** As long as a socket is open the process does not end by itself, as with sockets that have a descriptor. */
class KeepAlive {
  #open = 0;
  #timer: NodeJS.Timeout | undefined;

  opened(): void {
    if (this.#open++ === 0) this.#timer = setInterval(() => {}, SELDOM_MS);
  }

  closed(): void {
    if (--this.#open === 0) clearInterval(this.#timer);
  }
}

export const keepAlive = new KeepAlive();
