import { WaitingLine } from './waiting-line.js';

export interface AdmissionPolicy {
  /** Jobs that run at once. */
  readonly maxConcurrency: number;
  /** Jobs that may wait beyond those. */
  readonly maxQueue: number;
  /** How long a job may wait, in ms, as long as the queue is emptied now and then. */
  readonly maxQueueWait: number;
}

/**
 * The share of its wait that a job has in a queue that stands: 5 of 100 ms.
 *
 * Source: B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015, whose rule this is ("M = 5 ms, N = 100 ms work
 * well across a wide set of use cases"); after CoDel, RFC 8289, section 4.3: a target of 5 to 10 % of the
 * interval.
 */
const STANDING_SHARE = 1 / 20;

/** How many of the latest jobs tell whether most are turned away: enough that a burst is not most of them. */
const LATEST_JOBS = 100;

/** How many of the latest gaps between two places that were given tell when the next ones will be. */
const LATEST_GAPS = 10;

/**
 * Which jobs run, which wait for a place, and how long.
 *
 * A queue is there for bursts. One that was not empty for `maxQueueWait` stands: whoever joins it waits, and
 * nobody is served sooner for it. From then on jobs that find no place soon are turned away while their
 * callers have time to go elsewhere, until the queue is empty again. If it is empty because most jobs were
 * turned away, it stands nevertheless, unless that was long ago: else each lull of a moment would let it grow for
 * `maxQueueWait`.
 */
export class Admission<Job> {
  readonly #policy: AdmissionPolicy;
  readonly #queue = new WaitingLine<Job>();
  #running = 0;
  /** Since when jobs wait without a pause. */
  #waitSince = Infinity;
  /** The share of the latest jobs that got no place, smoothed; and when the latest of those was, in ms. */
  #turnedAway = 0;
  #turnedAwayAt = -Infinity;
  /** When a job that waited last got a place, and how long after the one before, smoothed; in ms. */
  #gaveAt = 0;
  #gap = 0;

  constructor(policy: AdmissionPolicy) {
    this.#policy = policy;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Neither a place nor room to wait is left. */
  get isFull(): boolean {
    const { maxConcurrency, maxQueue } = this.#policy;
    return this.#running >= maxConcurrency && this.#queue.size >= maxQueue;
  }

  /** The share of the places that is taken or waited for, 0 to 1. */
  get load(): number {
    return Math.min((this.#running + this.#queue.size) / this.#policy.maxConcurrency, 1);
  }

  /** Whether a job that joined the queue now would only wait to be turned away. */
  wouldWaitInVain(now: number): boolean {
    if (this.#running < this.#policy.maxConcurrency || !this.#stands(now)) return false;
    return (this.#queue.size + 1) * this.#gap >= this.#policy.maxQueueWait * STANDING_SHARE;
  }

  /** Takes a place, if one is free. */
  enter(): boolean {
    if (this.#running >= this.#policy.maxConcurrency) return false;
    this.#running++;
    this.#turnedAway -= this.#turnedAway / LATEST_JOBS;
    return true;
  }

  /** A job that found no place waits. @returns how long it may, in ms */
  wait(job: Job, now: number): number {
    const { maxQueueWait } = this.#policy;
    this.#waitSince = Math.min(this.#waitSince, now);
    this.#queue.join(job);
    return this.#stands(now) ? maxQueueWait * STANDING_SHARE : maxQueueWait;
  }

  /** A job that had a place is over. */
  leave(): void {
    this.#running--;
  }

  /** A job that waited waits no longer. */
  withdraw(job: Job, now: number): void {
    if (!this.#queue.leave(job)) return;
    this.turnAway(now);
    this.#shortened();
  }

  /** A job gets no place. To be told of one that did not even wait. */
  turnAway(now: number): void {
    this.#turnedAway += (1 - this.#turnedAway) / LATEST_JOBS;
    this.#turnedAwayAt = now;
  }

  /**
   * The job that has waited longest of those that may begin, if there is a place for it; it takes that place.
   */
  next(now: number, mayBegin: (job: Job) => boolean = () => true): Job | undefined {
    if (this.#running >= this.#policy.maxConcurrency) return undefined;
    for (const job of this.#queue) {
      if (!mayBegin(job)) continue;
      this.enter();
      this.#queue.leave(job);
      this.#gap += (now - this.#gaveAt - this.#gap) / LATEST_GAPS;
      this.#gaveAt = now;
      this.#shortened();
      return job;
    }
    return undefined;
  }

  /** Those that wait, and will not be served: none is left. */
  *dismiss(): Generator<Job> {
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) yield job;
    this.#shortened();
  }

  #stands(now: number): boolean {
    const { maxQueueWait } = this.#policy;
    if (now - this.#waitSince > maxQueueWait) return true;
    return this.#turnedAway > 1 / 2 && now - this.#turnedAwayAt <= maxQueueWait;
  }

  #shortened(): void {
    if (this.#queue.size === 0) this.#waitSince = Infinity;
  }
}
