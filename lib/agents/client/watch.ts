import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Member } from '../../core/member.js';
import type { Pool } from '../../core/pool.js';
import { SLOW_START_MS } from '../../core/slow-start.js';
import { Subset, type SubsetPolicy } from '../../core/subset.js';
import type { Agenda, Task } from '../agenda.js';
import type { Environment } from '../clock.js';

/**
 * For how long a server is superfluous before it is no longer watched, in ms: those that came back in its
 * place have their full share of the calls by then, and one that comes and goes does not take others along.
 */
export const NARROW_AFTER_MS = SLOW_START_MS;

export interface WatchHost<M extends Member> {
  readonly environment: Environment;
  readonly agenda: Agenda;
  readonly pool: Pool<M>;
  watch(endpoint: string): void;
  unwatch(link: M): void;
}

/** The servers that a client knows, and who of them is in its pool: all, or a subset that lives. */
export class Watch<M extends Member> implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  readonly #subset: Subset;
  readonly #host: WatchHost<M>;

  constructor(endpoints: readonly string[], policy: SubsetPolicy | undefined, host: WatchHost<M>) {
    this.#subset = new Subset(policy, host.environment.random);
    this.#host = host;
    for (const endpoint of endpoints) this.#subset.add(endpoint);
    this.update();
  }

  /** Servers that are known, and not watched. */
  get unwatched(): string[] {
    const { pool } = this.#host;
    return [...this.#subset.known].filter((endpoint) => !pool.get(endpoint));
  }

  add(endpoint: string): void {
    if (this.#subset.add(endpoint)) this.update();
  }

  remove(endpoint: string): void {
    if (!this.#subset.remove(endpoint)) return;
    const link = this.#host.pool.get(endpoint);
    if (link) this.#host.unwatch(link);
    this.update();
  }

  /** To be told when servers may have been lost, or have come back. */
  update(): void {
    const { pool, agenda, environment } = this.#host;
    const wanted = this.#wanted();
    for (const endpoint of wanted) if (!pool.get(endpoint)) this.#host.watch(endpoint);
    if (pool.size === wanted.length) {
      agenda.cancel(this);
    } else if (this.place === NOT_QUEUED) {
      agenda.schedule(this, environment.clock.now() + NARROW_AFTER_MS);
    }
  }

  /** Some servers have been superfluous for long enough. */
  run(): void {
    const wanted = new Set(this.#wanted());
    for (const link of this.#host.pool.members) {
      if (!wanted.has(link.endpoint)) this.#host.unwatch(link);
    }
  }

  #wanted(): readonly string[] {
    const { pool } = this.#host;
    return this.#subset.wanted((endpoint) => pool.get(endpoint)?.isLost ?? false, pool.isUsable);
  }
}
