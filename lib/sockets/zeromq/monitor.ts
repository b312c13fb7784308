import { EventEmitter } from 'node:events';
import type { Dealer, EventSubscriber, Observer, Router } from 'zeromq';
import { deliver } from '../deliver.js';

/**
 * What happens to a socket: `handshake`, `disconnect` and so on.
 *
 * As `socket.events`, but with an emitter of our own. zeromq.js makes one when it is first asked to, by a
 * `require('events')` in a getter of the native class, which the first loader of zeromq.js in the process
 * defines for all. Jest has a loader for each test file, and takes it down with the file: all later files
 * that this process runs get nothing from it, and no socket.
 */
export function monitor(socket: Dealer | Router): EventSubscriber {
  const { events } = socket;
  if (!Object.hasOwn(events, 'emitter')) {
    const emitter = new EventEmitter();
    // Where zeromq.js looks for it: so whoever was given the socket by `unwrap()` can listen, too.
    Object.defineProperty(events, 'emitter', { value: emitter });
    void emit(events, emitter);
  }
  return events;
}

async function emit(events: Observer, emitter: EventEmitter): Promise<void> {
  while (!events.closed) {
    try {
      const event = await events.receive();
      deliver(() => emitter.emit(event.type, event));
    } catch (error) {
      // A pending receive ends with an error when the monitor is closed.
      if (!events.closed) throw error;
    }
  }
}
