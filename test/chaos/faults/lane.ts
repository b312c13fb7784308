import type { Socket } from 'node:net';
import type { Way } from './weather.js';

interface Item {
  readonly dueAt: number;
  readonly deliver: () => void;
}

/** One direction of one connection: forwards what `from` receives to `to` in order, including the end. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  #way: Way;
  /** Received, but not delivered yet. */
  readonly #items: Item[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, way: Way) {
    this.#from = from;
    this.#to = to;
    this.#way = way;
    from.on('data', this.#received);
    from.on('close', this.#ended);
  }

  become(way: Way): void {
    this.#way = way;
    this.#deliver();
  }

  /** Drops what it has, and everything still to come. */
  abandon(): void {
    this.#items.length = 0;
    clearTimeout(this.#timer);
    this.#from.off('data', this.#received).off('close', this.#ended).resume();
  }

  readonly #received = (bytes: Buffer) => this.#carry(() => this.#to.write(bytes));
  readonly #ended = () => this.#carry(() => this.#to.destroy());

  #carry(deliver: () => void): void {
    const { dueAt: latest } = this.#items.at(-1) ?? { dueAt: 0 };
    const ms = this.#way.kind === 'late' ? this.#way.ms() : 0;
    this.#items.push({ dueAt: Math.max(latest, performance.now() + ms), deliver });
    this.#deliver();
  }

  #deliver(): void {
    clearTimeout(this.#timer);
    if (this.#way.kind === 'held') return;
    const now = performance.now();
    for (let item = this.#items[0]; item; item = this.#items[0]) {
      if (item.dueAt > now) {
        this.#timer = setTimeout(() => this.#deliver(), item.dueAt - now);
        return;
      }
      this.#items.shift();
      item.deliver();
    }
  }
}
