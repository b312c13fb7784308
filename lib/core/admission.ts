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

/**
 * Which jobs run, which wait for a place, and how long.
 *
 * A queue is there for bursts. One that was not empty for `maxQueueWait` stands: whoever joins it waits, and
 * nobody is served sooner for it. From then on jobs that find no place soon are turned away while their
 * callers have time to go elsewhere, until the queue is empty again.
 */
export class Admission<Job> {
  readonly #policy: AdmissionPolicy;
  readonly #queue = new WaitingLine<Job>();
  #running = 0;
  /** Since when jobs wait without a pause. */
  #standsSince = Infinity;

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

  /** Takes a place, if one is free. */
  enter(): boolean {
    if (this.#running >= this.#policy.maxConcurrency) return false;
    this.#running++;
    return true;
  }

  /** A job that found no place waits. @returns how long it may, in ms */
  wait(job: Job, now: number): number {
    const { maxQueueWait } = this.#policy;
    this.#standsSince = Math.min(this.#standsSince, now);
    this.#queue.join(job);
    return now - this.#standsSince > maxQueueWait ? maxQueueWait * STANDING_SHARE : maxQueueWait;
  }

  /** A job that had a place is over. */
  leave(): void {
    this.#running--;
  }

  /** A job that waited waits no longer. */
  withdraw(job: Job): void {
    if (this.#queue.leave(job)) this.#shortened();
  }

  /** The job that has waited longest, if there is a place for it; it takes that place. */
  next(): Job | undefined {
    if (this.#queue.size === 0 || !this.enter()) return undefined;
    const job = this.#queue.shift();
    this.#shortened();
    return job;
  }

  /** Those that wait, and will not be served: none is left. */
  *dismiss(): Generator<Job> {
    for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) yield job;
    this.#shortened();
  }

  #shortened(): void {
    if (this.#queue.size === 0) this.#standsSince = Infinity;
  }
}
