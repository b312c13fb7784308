import { WaitingLine } from './waiting-line.js';

export interface AdmissionPolicy {
  /** Jobs that run at once. */
  readonly maxConcurrency: number;
  /** Jobs that may wait for a place beyond those. */
  readonly maxQueue: number;
  /** How long a job may wait, in ms, while the queue empties now and then. */
  readonly maxQueueWait: number;
}

/**
 * The share of `maxQueueWait` that a job may wait in a standing queue: 5 of 100 ms.
 *
 * Source: B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015 ("M = 5 ms, N = 100 ms work well across a wide set of use
 * cases"), after CoDel, RFC 8289, section 4.3: a target of 5 to 10 % of the interval.
 */
const STANDING_SHARE = 1 / 20;

/** How many recent jobs tell whether most are turned away: enough that one burst is not most of them. */
const LATEST_JOBS = 100;

/** How many recent gaps between two places that came free predict when the next one will. */
const LATEST_GAPS = 10;

/**
 * Which jobs run, which wait for a place, and how long they may wait.
 *
 * A queue is there for bursts. A queue that has not been empty for `maxQueueWait` is a standing queue (CoDel): it adds
 * delay, not throughput. While it stands, jobs that get no place soon are turned away, while their callers still have
 * time to go elsewhere. It stands until it is empty; and if it is empty only because most recent jobs were turned away,
 * it still stands, or else every short lull would let it grow for another `maxQueueWait`.
 */
export class Admission<Job> {
  readonly #policy: AdmissionPolicy;
  readonly #queue = new WaitingLine<Job>();
  #running = 0;
  /** Since when the queue has not been empty. */
  #waitSince = Infinity;
  /** The smoothed share of recent jobs that got no place, and the time of the latest of those, in ms. */
  #turnedAway = 0;
  #turnedAwayAt = -Infinity;
  /** When a waiting job last got a place, and the smoothed gap between two such moments, in ms. */
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

  /** No place is free, and the queue is full. */
  get isFull(): boolean {
    const { maxConcurrency, maxQueue } = this.#policy;
    return this.#running >= maxConcurrency && this.#queue.size >= maxQueue;
  }

  /** The share of the places that are taken or waited for, from 0 to 1. */
  get load(): number {
    return Math.min((this.#running + this.#queue.size) / this.#policy.maxConcurrency, 1);
  }

  /** Whether a job that joins the queue now would be turned away in the end. */
  wouldWaitInVain(now: number): boolean {
    if (this.#running < this.#policy.maxConcurrency || !this.#stands(now)) return false;
    return (this.#queue.size + 1) * this.#gap >= this.#policy.maxQueueWait * STANDING_SHARE;
  }

  /** Takes a free place; false if there is none. */
  enter(): boolean {
    if (this.#running >= this.#policy.maxConcurrency) return false;
    this.#running++;
    this.#turnedAway -= this.#turnedAway / LATEST_JOBS;
    return true;
  }

  /** Queues a job that found no place. @returns how long it may wait, in ms */
  wait(job: Job, now: number): number {
    const { maxQueueWait } = this.#policy;
    this.#waitSince = Math.min(this.#waitSince, now);
    this.#queue.join(job);
    return this.#stands(now) ? maxQueueWait * STANDING_SHARE : maxQueueWait;
  }

  /** A job is done and frees its place. */
  leave(): void {
    this.#running--;
  }

  /** Removes a job from the queue. */
  withdraw(job: Job, now: number): void {
    if (!this.#queue.leave(job)) return;
    this.turnAway(now);
    this.#shortened();
  }

  /** Notes that a job gets no place. Call it also for a job that did not queue. */
  turnAway(now: number): void {
    this.#turnedAway += (1 - this.#turnedAway) / LATEST_JOBS;
    this.#turnedAwayAt = now;
  }

  /**
   * Gives a free place to the job that has waited longest of those that may begin.
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

  /** Empties the queue and yields the jobs in it. */
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
