import { type ReadEntry, readSet } from '../../core/discovered-set.js';
import { BETWEEN_SETS_MS, retryDelay } from '../../core/discovery-schedule.js';
import { describeThrown } from '../../core/describe-thrown.js';
import type { EndpointDiscovery } from '../../core/endpoint-discovery.js';
import type { ServerTarget } from '../../core/server-target.js';
import type { Environment } from '../clock.js';
import { DeferredTask } from '../deferred-task.js';
import { Scheduler } from '../scheduler.js';
import { DiscoveryRecord } from './discovery-record.js';
import type { DiscoveryStats } from './discovery-stats.js';
import { DiscoveryRun } from './discovery-run.js';
import { RefreshHints } from './refresh-hints.js';
import type { ServerOrigin } from './server-origin.js';

export interface DiscoveryFollowerDeps {
  readonly environment: Pick<Environment, 'clock' | 'random'>;
  /** Reads what the discovery names. */
  readonly read: ReadEntry;
  /** Wraps the listeners of a signal that the user's code gets, so that what they throw goes to `failed`. */
  readonly guardListeners: (signal: AbortSignal, failed: (error: unknown) => void) => AbortSignal;
}

/** Is told what a discovery brings. */
export interface DiscoveryListener {
  /** From now on these are the servers. */
  changed(targets: readonly ServerTarget[]): void;
  /** The last set stays. Told once for failures that repeat. @param error as it was thrown, or a text */
  failed(error: unknown, text: string): void;
  /** Some of what it has named is not used. */
  faulty(fault: string): void;
  /** It names servers again. */
  recovered(): void;
}

/**
 * Follows a discovery: takes its sets one at a time, keeps the last good one, and begins anew after a failure.
 *
 * ```
 *             a set            100 ms
 *   pulling ────────▶ pausing ────────▶ pulling
 *      │ throws                 1…30 s, or a hint
 *      ├───────────▶ failed ──────────────────▶ pulling, of a new run
 *      │ ends
 *      └───────────▶ ended: the last set stays
 * ```
 */
export class DiscoveryFollower implements ServerOrigin {
  readonly #discovery: EndpointDiscovery;
  readonly #deps: DiscoveryFollowerDeps;
  readonly #listener: DiscoveryListener;
  readonly #scheduler: Scheduler;
  readonly #record: DiscoveryRecord;
  readonly #hints: RefreshHints;
  readonly #pull: DeferredTask;
  readonly #restart: DeferredTask;
  #run: DiscoveryRun | undefined;
  /** Runs that have failed since the last set. */
  #failures = 0;
  /** Of the last set: what is told once, not again for each set. */
  #faults: ReadonlySet<string> = new Set();
  #isStopped = false;

  constructor(
    discovery: EndpointDiscovery,
    deps: DiscoveryFollowerDeps,
    listener: DiscoveryListener,
  ) {
    const { environment } = deps;
    this.#discovery = discovery;
    this.#deps = deps;
    this.#listener = listener;
    this.#scheduler = new Scheduler(environment.clock);
    this.#record = new DiscoveryRecord(discovery.name, () => environment.clock.now());
    this.#hints = new RefreshHints(environment, this.#scheduler, () => this.#refresh());
    this.#pull = new DeferredTask(this.#scheduler, () => this.#run?.pull());
    this.#restart = new DeferredTask(this.#scheduler, () => this.#begin());
  }

  get hasAnswered(): boolean {
    return this.#record.hasAnswered;
  }

  describe(): string | undefined {
    return this.#record.describe();
  }

  stats(): DiscoveryStats {
    return this.#record.stats();
  }

  start(): void {
    this.#hints.usableChanged(false);
    this.#begin();
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    this.#scheduler.stop();
    this.#run?.end();
    this.#run = undefined;
  }

  /** To be told when a server was lost, or leaves. */
  serverLost(): void {
    if (!this.#isStopped) this.#hints.serverLost();
  }

  /** To be told when there is a server to call, and when there is none any more. */
  usableChanged(isUsable: boolean): void {
    if (!this.#isStopped) this.#hints.usableChanged(isUsable);
  }

  #begin(): void {
    const run: DiscoveryRun = new DiscoveryRun(this.#deps.guardListeners, {
      named: (given) => {
        this.#named(given);
        this.#pull.at(this.#deps.environment.clock.now() + BETWEEN_SETS_MS);
      },
      failed: (error) => this.#failed(error),
      warned: (error) => this.#fault(describeThrown(error)),
      broken: (error) => this.#broken(error),
      ended: () => {
        this.#run = undefined;
        this.#failed('it has ended, and names no servers any more');
      },
    });
    this.#run = run;
    run.start(this.#discovery);
  }

  #refresh(): void {
    if (this.#restart.isPending) {
      this.#restart.cancel();
      this.#begin();
    } else this.#run?.refresh();
  }

  #broken(error: unknown): void {
    const { clock, random } = this.#deps.environment;
    this.#run = undefined;
    this.#failed(error);
    // The listener may have closed the client.
    if (!this.#isStopped) this.#restart.at(clock.now() + retryDelay(++this.#failures, random));
  }

  #named(given: unknown): void {
    const { targets, faults } = readSet(given, this.#deps.read);
    this.#tellFaults(faults);
    if (targets.length === 0) {
      this.#failed(faults[0] ?? 'it has named no server');
      return;
    }
    this.#failures = 0;
    const wasFailing = this.#record.stats().isFailing;
    if (this.#record.named(targets)) this.#listener.changed(targets);
    if (wasFailing) this.#listener.recovered();
  }

  #tellFaults(faults: readonly string[]): void {
    const all = new Set(faults);
    const news = [...all].filter((fault) => !this.#faults.has(fault));
    this.#faults = all;
    for (const fault of news.slice(0, MOST_FAULTS)) this.#fault(fault);
    if (news.length > MOST_FAULTS)
      this.#listener.faulty(`and ${news.length - MOST_FAULTS} more such faults`);
  }

  #fault(fault: string): void {
    this.#record.faulty(fault);
    this.#listener.faulty(fault);
  }

  #failed(error: unknown): void {
    const text = describeThrown(error);
    if (this.#record.failed(text)) this.#listener.failed(error, text);
  }
}

/** How many faults of one set are told one by one. */
const MOST_FAULTS = 10;
