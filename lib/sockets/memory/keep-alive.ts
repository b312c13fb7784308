import { clearInterval, setInterval } from '../../node-timers.js';

/** Node's longest interval, in ms: 24 days. */
const SELDOM_MS = 2 ** 31 - 1;

/** Keeps the process alive while a socket is open, as sockets with a descriptor do. */
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
