import { setImmediate } from '../../node-timers.js';
import { Turns } from '../../sockets/turns.js';

/** So many turns without a message show that none is on its way. The promise chains of handlers take some of them. */
const QUIET_TURNS = 10;

/** Code that sends and receives for ever, without time passing, holds up nobody for longer. */
const MOST_TURNS = 10_000;

/** The event loop of a testbed in virtual time: it knows whether messages are on their way. */
export class EventLoop {
  #read = 0;

  /** Those in which the testbed's messages are delivered. However long they take, no time passes. */
  readonly turns = new Turns(
    () => 0,
    (run) =>
      setImmediate(() => {
        this.#read++;
        run();
      }),
  );

  /** Lets the loop turn until no message is on its way. */
  async settle(): Promise<void> {
    let quiet = 0;
    for (let turn = 0; turn < MOST_TURNS && quiet < QUIET_TURNS; turn++) {
      const before = this.#read;
      await nextTurn();
      quiet = this.#read === before ? quiet + 1 : 0;
    }
  }
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
