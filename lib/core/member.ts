import type { ServerView } from './balancer.js';
import { type Health, isTrialDue } from './health.js';
import { SmoothedLatency } from './latency.js';
import { Outcomes } from './outlier-ejection.js';
import { ResponseTimes } from './response-times.js';

/** One server of the pool: its health, its speed, and what it has to do for this client. */
export class Member implements ServerView {
  readonly latency = new SmoothedLatency();
  readonly outcomes = new Outcomes();
  /** The others of its pool, which sets it. */
  peers: () => readonly Member[] = () => [];
  readonly #times: ResponseTimes = new ResponseTimes(() => this.peers().map((peer) => peer.#times));
  pending = 0;
  load = 0;
  /** How many calls it takes at once. A basic server, which knows no ids, takes one. */
  capacity = Infinity;
  /** When it was last found to be well again after it had failed or was dead. */
  recoveredAt = -Infinity;

  constructor(
    readonly endpoint: string,
    public health: Health,
  ) {}

  get latencyMs(): number | undefined {
    return this.latency.ms;
  }

  get failures(): number {
    return this.health.failures;
  }

  responseMs(now: number): number | undefined {
    return this.#times.expectedAt(now);
  }

  failedLoad(now: number): number {
    return this.#times.failedLoadAt(now);
  }

  /** A call succeeded there, or has begun to. */
  responded(afterMs: number, now: number): void {
    this.#times.succeeded(afterMs, now);
  }

  /** A call failed there. */
  respondedByFailing(afterMs: number, now: number): void {
    this.#times.failed(afterMs, now);
  }

  /** A call that is no longer waited for would have been answered after more than that, if at all. */
  isSlowerThan(ms: number, now: number): void {
    this.#times.isSlowerThan(ms, now);
  }

  get hasRoom(): boolean {
    return this.pending < this.capacity;
  }

  /** Whether it has turned out that it cannot take calls: now, or soon. */
  get isLost(): boolean {
    return this.tier === undefined && this.health.state !== 'connecting';
  }

  /** First choice, last resort, or not to be used at all. */
  get tier(): Tier | undefined {
    switch (this.health.state) {
      case 'alive':
        return 'preferred';
      case 'suspect':
        if (this.health.because === 'unready') return undefined;
        // One call, as a trial; the next one finds the trial under way.
        return isTrialDue(this.health) ? 'preferred' : 'reserve';
      default:
        return undefined;
    }
  }
}

/** `reserve`: suspect servers, used only where no preferred one can take the call. */
export type Tier = 'preferred' | 'reserve';
