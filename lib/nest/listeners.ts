import { EventEmitter } from 'node:events';
import { boundListener } from '../async-context.js';
import { guarded } from '../core/guarded.js';
import { shown } from './options/shown.js';
import { badOptions } from './options/bad-options.js';

type Listener = (...told: unknown[]) => unknown;

/** Removes one listener; does nothing if it has been removed already. */
type Unsubscribe = () => void;

export interface ListenersDeps<Events> {
  /** The class whose events they are, for errors. */
  readonly owner: string;
  readonly events: readonly (keyof Events & string)[];
  /** Gets what a listener throws or rejects with. */
  readonly failed: (error: unknown) => void;
}

/**
 * The user's listeners to the events of one client or server. Each runs in the async context in which it was added.
 * A listener that throws affects neither the others nor the caller of `emit`.
 */
export class Listeners<Events extends Record<keyof Events, (...told: never[]) => unknown>> {
  readonly #emitter = new EventEmitter();
  readonly #deps: ListenersDeps<Events>;

  constructor(deps: ListenersDeps<Events>) {
    this.#deps = deps;
  }

  on<Event extends keyof Events>(event: Event, listener: Events[Event]): Unsubscribe {
    const checked = this.#check('on', event, listener);
    return this.#add(checked.event, checked.listener);
  }

  once<Event extends keyof Events>(event: Event, listener: Events[Event]): Unsubscribe {
    const checked = this.#check('once', event, listener);
    const unsubscribe = this.#add(checked.event, checked.listener, (...told) => {
      unsubscribe();
      return checked.listener(...told);
    });
    return unsubscribe;
  }

  off<Event extends keyof Events>(event: Event, listener: Events[Event]): void {
    const checked = this.#check('off', event, listener);
    this.#emitter.off(checked.event, checked.listener);
  }

  emit<Event extends keyof Events & string>(
    event: Event,
    ...told: Parameters<Events[Event]>
  ): void {
    // An EventEmitter throws an `error` that nobody listens to.
    if (this.#emitter.listenerCount(event) > 0) this.#emitter.emit(event, ...told);
  }

  #add(event: string, listener: Listener, run = listener): Unsubscribe {
    const bound = boundListener(guarded(run, this.#deps.failed));
    // `EventEmitter.off` finds a wrapper by this property, which Node's own `once` sets, too.
    const wrapper = Object.assign(bound, { listener });
    this.#emitter.on(event, wrapper);
    return () => void this.#emitter.off(event, wrapper);
  }

  #check(method: string, event: unknown, listener: unknown): { event: string; listener: Listener } {
    const { owner, events } = this.#deps;
    const known = events.find((name) => name === event);
    if (known === undefined) {
      const all = events.join(', ');
      throw badOptions(
        `${owner}.${method}: there is no event ${shown(event)}. The events are ${all}`,
      );
    }
    if (isFunction(listener)) return { event: known, listener };
    throw badOptions(`${owner}.${method}('${known}') takes a function, but got ${shown(listener)}`);
  }
}

function isFunction(value: unknown): value is Listener {
  return typeof value === 'function';
}
