import { Server } from '@nestjs/microservices';
import type { FreelanceStatus } from '../freelance-transport.js';
import type { Listeners } from '../listeners.js';
import type { FreelanceServerEvents } from './server-events.js';

/** Nest's server, with events that anybody may listen to. */
export abstract class EventfulServer extends Server<FreelanceServerEvents, FreelanceStatus> {
  readonly #listeners: Listeners<FreelanceServerEvents>;

  constructor(listeners: Listeners<FreelanceServerEvents>) {
    super();
    this.#listeners = listeners;
  }

  /**
   * Adds a listener to events of this server. It runs in the async context in which it was added; what it throws is
   * logged.
   *
   * @returns removes the listener
   * @throws FreelanceError `BAD_OPTIONS` if there is no such event, or the listener is not a function
   */
  on<Event extends keyof FreelanceServerEvents>(
    event: Event,
    listener: FreelanceServerEvents[Event],
  ): () => void {
    return this.#listeners.on(event, listener);
  }

  /** As `on`, for the next such event only. */
  once<Event extends keyof FreelanceServerEvents>(
    event: Event,
    listener: FreelanceServerEvents[Event],
  ): () => void {
    return this.#listeners.once(event, listener);
  }

  /** Removes a listener that `on` or `once` added. One that was added several times is removed once, the latest first. */
  off<Event extends keyof FreelanceServerEvents>(
    event: Event,
    listener: FreelanceServerEvents[Event],
  ): void {
    this.#listeners.off(event, listener);
  }
}
