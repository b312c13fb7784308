import { EventEmitter } from 'node:events';
import type { Dealer, EventSubscriber, Observer, Router } from 'zeromq';
import { deliver } from '../deliver.js';

/**
 * The events of a socket: `handshake`, `disconnect` and so on.
 *
 * Like `socket.events`, but with an emitter of our own. zeromq.js makes its emitter with a `require('events')` in a getter of
 * the native class, which the first module loader of the process defines for all. Jest has a loader for each test file, and
 * destroys it with the file: the getter then fails in all later files of that process.
 */
export function monitor(socket: Dealer | Router): EventSubscriber {
  const { events } = socket;
  if (!Object.hasOwn(events, 'emitter')) {
    const emitter = new EventEmitter();
    // Stored where zeromq.js looks for it, so that users of `unwrap()` can listen too.
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
      // A pending receive fails when the monitor is closed.
      if (!events.closed) throw error;
    }
  }
}
