import type { Member } from '../../core/member.js';
import type { Pool } from '../../core/pool.js';
import { isSameTarget, type ServerTarget } from '../../core/server-target.js';
import { SLOW_START_MS } from '../../core/slow-start.js';
import { Subset, type SubsetPolicy } from '../../core/subset.js';
import type { Environment } from '../clock.js';
import { DeferredTask } from '../deferred-task.js';
import type { Scheduler } from '../scheduler.js';

/**
 * For how long a server is superfluous before it is no longer watched, in ms: those that came back in its
 * place have their full share of the calls by then, and one that comes and goes does not take others along.
 */
export const NARROW_AFTER_MS = SLOW_START_MS;

export interface ServerSetDeps<M extends Member> {
  readonly environment: Environment;
  readonly scheduler: Scheduler;
  readonly pool: Pool<M>;
  /** The client's. */
  readonly zone?: string | undefined;
  readonly watch: (target: ServerTarget) => void;
  readonly unwatch: (link: M) => void;
  /** A watched server is named otherwise: in another zone, or with another weight or priority. */
  readonly renamed: (link: M, target: ServerTarget) => void;
  /** Some were unwatched or renamed. Told once for all of them: what depends on it reads every server. */
  readonly changed: () => void;
}

/** The servers that a client knows, and who of them is in its pool: all, or a subset that lives. */
export class ServerSet<M extends Member> {
  readonly #subset: Subset;
  readonly #targets = new Map<string, ServerTarget>();
  readonly #deps: ServerSetDeps<M>;
  readonly #narrowing: DeferredTask;

  constructor(
    targets: readonly ServerTarget[],
    policy: SubsetPolicy | undefined,
    deps: ServerSetDeps<M>,
  ) {
    this.#subset = new Subset(policy, deps.environment.random);
    this.#deps = deps;
    this.#narrowing = new DeferredTask(deps.scheduler, () => this.#narrow());
    this.replace(targets);
  }

  /** Servers that are known, and not watched. */
  get unwatched(): string[] {
    const { pool } = this.#deps;
    return [...this.#subset.known].filter((endpoint) => !pool.get(endpoint));
  }

  /** From now on these, and no others. Those that are among the present ones keep their connections and what is known of them. */
  replace(targets: readonly ServerTarget[]): void {
    const deps = this.#deps;
    const named = new Map(targets.map((target) => [target.endpoint, target]));
    // The new ones first: while the last of the old ones leaves, there is a server to wait for.
    let isOther = false;
    for (const target of named.values()) isOther = this.#name(target) || isOther;
    this.#watchWanted();
    const gone = [...this.#targets.keys()].filter((endpoint) => !named.has(endpoint));
    for (const endpoint of gone) {
      this.#targets.delete(endpoint);
      this.#subset.remove(endpoint);
      const link = deps.pool.get(endpoint);
      if (link) deps.unwatch(link);
    }
    if (gone.length > 0) this.#watchWanted();
    if (isOther || gone.length > 0) deps.changed();
  }

  /** To be told when servers may have been lost, or have come back. */
  update(): void {
    if (!this.#subset.isAll) this.#watchWanted();
  }

  #watchWanted(): void {
    const { pool, environment } = this.#deps;
    const wanted = this.#wanted();
    for (const endpoint of wanted) {
      const target = this.#targets.get(endpoint);
      if (target && !pool.get(endpoint)) this.#deps.watch(target);
    }
    if (pool.size === wanted.length) {
      this.#narrowing.cancel();
    } else if (!this.#narrowing.isPending) {
      this.#narrowing.at(environment.clock.now() + NARROW_AFTER_MS);
    }
  }

  /** Some servers have been superfluous for long enough. */
  #narrow(): void {
    const { pool, unwatch, changed } = this.#deps;
    const wanted = new Set(this.#wanted());
    for (const link of pool.members) if (!wanted.has(link.endpoint)) unwatch(link);
    changed();
  }

  /** @returns whether that changes a watched server */
  #name(target: ServerTarget): boolean {
    const { endpoint } = target;
    const known = this.#targets.get(endpoint);
    if (known && isSameTarget(known, target)) return false;
    this.#targets.set(endpoint, target);
    const { zone } = this.#deps;
    this.#subset.add(endpoint, zone !== undefined && target.zone === zone);
    const link = this.#deps.pool.get(endpoint);
    if (!link) return false;
    // Who speaks another dialect is another server, though at the same address.
    if (link.target.dialect === target.dialect) this.#deps.renamed(link, target);
    else this.#deps.unwatch(link);
    return true;
  }

  #wanted(): readonly string[] {
    const { pool } = this.#deps;
    return this.#subset.wanted((endpoint) => pool.get(endpoint)?.isLost ?? false, pool.isUsable);
  }
}
