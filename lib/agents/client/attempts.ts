import type { Id } from '../../protocol/messages.js';
import type { Attempt } from './call.js';

/** The attempts that one connection carries, by the ids of their calls, the oldest first. */
export class Attempts {
  readonly #byId = new Map<string, Attempt>();

  add(attempt: Attempt): void {
    this.#byId.set(attempt.call.id, attempt);
  }

  /** Takes it off; false if it has left already. */
  take(attempt: Attempt): boolean {
    if (this.#byId.get(attempt.call.id) !== attempt) return false;
    return this.#byId.delete(attempt.call.id);
  }

  find(id: Id): Attempt | undefined {
    return this.#byId.get(id);
  }

  /** What a reply without an id answers. */
  get oldest(): Attempt | undefined {
    return this.#byId.values().next().value;
  }

  [Symbol.iterator](): IterableIterator<Attempt> {
    return this.#byId.values();
  }
}
