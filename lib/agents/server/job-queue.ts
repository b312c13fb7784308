import { Admission, type AdmissionPolicy } from '../../core/admission.js';
import type { Pattern, RefusalReason } from '../../protocol/headers.js';
import type { Scheduler } from '../scheduler.js';
import type { Clock } from '../clock.js';
import type { Budget } from './budget.js';
import type { Job } from './job.js';

export interface JobQueuePolicy extends AdmissionPolicy {
  /** How many places the jobs of one client may hold at a time; all connections of one key together. */
  readonly maxConcurrencyPerClient: number;
}

export interface JobQueueDeps {
  readonly scheduler: Scheduler;
  readonly clock: Pick<Clock, 'now'>;
  /** The server does not run a call or an event. @param pattern undefined where the dialect has it inside the body, which is not read */
  readonly refused: (reason: RefusalReason, pattern: Pattern | undefined) => void;
}

/** Gives jobs their places: decides which run, which wait, and which are refused because they waited too long. */
export class JobQueue {
  readonly #policy: JobQueuePolicy;
  readonly #admission: Admission<Job>;
  readonly #scheduler: Scheduler;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #told: JobQueueDeps['refused'];
  readonly #refused = new Map<RefusalReason, number>();
  #isStopped = false;
  #abandoned = 0;
  #refusedPerClient = 0;
  #lingering = 0;
  /** Running and waiting jobs per client: its share of the queue is the same as its share of the places. */
  readonly #mostJobs: number;

  constructor(policy: JobQueuePolicy, { scheduler, clock, refused }: JobQueueDeps) {
    this.#policy = policy;
    this.#told = refused;
    const { maxConcurrency, maxQueue, maxConcurrencyPerClient } = policy;
    this.#mostJobs =
      maxConcurrencyPerClient + Math.ceil((maxQueue * maxConcurrencyPerClient) / maxConcurrency);
    this.#admission = new Admission(policy);
    this.#scheduler = scheduler;
    this.#clock = clock;
  }

  get running(): number {
    return this.#admission.running;
  }

  get queued(): number {
    return this.#admission.queued;
  }

  get load(): number {
    return this.#admission.load;
  }

  /** Whether something waits for its place, or runs and was not abandoned. */
  get isBusy(): boolean {
    return this.running + this.queued > this.#lingering;
  }

  get lingering(): number {
    return this.#lingering;
  }

  /** How many jobs were not taken in because their client had all that it may have. */
  get refusedPerClient(): number {
    return this.#refusedPerClient;
  }

  /**
   * Why no further job of that client can be taken in, for people; undefined if one can.
   *
   * @param isRefusable whether its caller can try elsewhere: then it should, rather than wait here in vain
   */
  whyBusy(budget: Budget, isRefusable: boolean): string | undefined {
    const now = this.#clock.now();
    if (this.#admission.isFull || (isRefusable && this.#admission.wouldWaitInVain(now))) {
      this.#admission.turnAway(now);
      return `The server is busy: ${this.#describe()}. Try again later, or elsewhere.`;
    }
    if (!this.#isFullFor(budget)) return undefined;
    this.#refusedPerClient++;
    const who = budget.key === undefined ? 'This client has' : 'The connections of your key have';
    return (
      `${who} ${budget.open} calls and events open here, as many as maxConcurrencyPerClient and its ` +
      'share of maxQueue allow. Call less at a time, or elsewhere.'
    );
  }

  /** Whether that client has as many jobs, waiting ones included, as it may have. */
  #isFullFor({ open, places }: Budget): boolean {
    const { maxConcurrencyPerClient, maxQueue } = this.#policy;
    if (open >= this.#mostJobs) return true;
    // The job would have to wait, even where places are free.
    return places >= maxConcurrencyPerClient && this.queued >= maxQueue;
  }

  get abandoned(): number {
    return this.#abandoned;
  }

  get refused(): Partial<Record<RefusalReason, number>> {
    return Object.fromEntries(this.#refused);
  }

  /** Runs the job, or lets it wait. `whyBusy` has to be asked before. */
  take(job: Job): void {
    job.client.budget.open++;
    if (this.#mayBegin(job) && this.#admission.enter()) {
      this.#start(job);
      return;
    }
    const now = this.#clock.now();
    const patience = this.#admission.wait(job, now);
    const dueAt = job.isRefusable ? Math.min(job.deadlineAt, now + patience) : job.deadlineAt;
    this.#scheduler.schedule(job, dueAt);
  }

  /** The scheduled time of the job has come: it has waited too long, or its deadline has passed. */
  due(job: Job, now: number): void {
    if (job.hasBegun) job.abandon();
    else if (now >= job.deadlineAt) this.#expired(job);
    else this.#refuse(job, 'busy', `It found no place in time: ${this.#describe()}`);
  }

  /** The job has ended, was refused or was abandoned. To be called once. */
  over(job: Job): void {
    this.#scheduler.cancel(job);
    if (job.wasAbandoned) this.#abandoned++;
    if (job.lingers) {
      this.#linger(job, 1);
    } else {
      job.client.budget.open--;
      if (job.hasBegun) this.#leave(job);
      else this.#admission.withdraw(job, this.#clock.now());
    }
    this.#fill();
  }

  /**
   * The handler of an abandoned call has ended, and only now frees its place. Otherwise a client that calls and cancels in a
   * loop would have more handlers running than there are places: CVE-2023-44487, "rapid reset" in HTTP/2.
   */
  handlerEnded(job: Job): void {
    this.#linger(job, -1);
    job.client.budget.open--;
    this.#leave(job);
    this.#fill();
  }

  #linger({ client }: Job, change: 1 | -1): void {
    client.lingering += change;
    this.#lingering += change;
  }

  #leave({ client }: Job): void {
    client.budget.places--;
    this.#admission.leave();
  }

  readonly #mayBegin = ({ client }: Job): boolean =>
    client.budget.places < this.#policy.maxConcurrencyPerClient;

  /** Counts a refusal, also of what was no job yet. */
  countRefusal(reason: RefusalReason, pattern: Pattern | undefined): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
    this.#told(reason, pattern);
  }

  /** How busy the server is, for people. */
  #describe(): string {
    const { maxConcurrency } = this.#policy;
    return `${this.running} of the server's ${maxConcurrency} places are taken, and ${this.queued} wait for one`;
  }

  /** Begins nothing more; what runs may end. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Refuses all jobs that wait. */
  refuseQueued(reason: RefusalReason, message: string): void {
    for (const job of this.#admission.dismiss()) this.#refuse(job, reason, message);
  }

  #refuse(job: Job, reason: RefusalReason, message: string): void {
    this.countRefusal(reason, job.request.pattern);
    job.refuse(reason, message);
  }

  #expired(job: Job): void {
    this.#refuse(job, 'expired', 'Its deadline passed while it waited for a place');
  }

  #start(job: Job): void {
    job.client.budget.places++;
    this.#scheduler.schedule(job, job.deadlineAt);
    job.begin();
  }

  #next(): Job | undefined {
    return this.#admission.next(this.#clock.now(), this.#mayBegin);
  }

  #fill(): void {
    if (this.#isStopped || this.queued === 0) return;
    const expired: Job[] = [];
    for (let job = this.#next(); job; job = this.#next()) {
      // The scheduler may be late, and nothing runs for a caller that has given up.
      if (job.deadlineAt > this.#clock.now()) {
        this.#start(job);
      } else {
        this.#admission.leave();
        expired.push(job);
      }
    }
    for (const job of expired) this.#expired(job);
  }
}
