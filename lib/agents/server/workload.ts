import { Admission, type AdmissionPolicy } from '../../core/admission.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Agenda } from '../agenda.js';
import type { Clock } from '../clock.js';
import type { Budget } from './budget.js';
import type { Job } from './job.js';

export interface WorkloadPolicy extends AdmissionPolicy {
  /** Places that the jobs of one client may hold at a time: of all its connections, if it has a key. */
  readonly maxConcurrencyPerClient: number;
}

/** The jobs of a server: which run, which wait, and what becomes of those that waited too long. */
export class Workload {
  readonly #policy: WorkloadPolicy;
  readonly #admission: Admission<Job>;
  readonly #agenda: Agenda;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #refused = new Map<RefusalReason, number>();
  /** Places are being given: not from within. */
  #isFilling = false;
  #isStopped = false;
  #abandoned = 0;
  #lingering = 0;
  /** Of the places of the queue a client has the same share as of the others. */
  readonly #mostJobs: number;

  constructor(policy: WorkloadPolicy, agenda: Agenda, clock: Pick<Clock, 'now'>) {
    this.#policy = policy;
    const { maxConcurrency, maxQueue, maxConcurrencyPerClient } = policy;
    this.#mostJobs =
      maxConcurrencyPerClient + Math.ceil((maxQueue * maxConcurrencyPerClient) / maxConcurrency);
    this.#admission = new Admission(policy);
    this.#agenda = agenda;
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

  /** Something runs that somebody waits for, or waits for its place. */
  get isBusy(): boolean {
    return this.running + this.queued > this.#lingering;
  }

  get lingering(): number {
    return this.#lingering;
  }

  get isFull(): boolean {
    return this.#admission.isFull;
  }

  /** Whether that client has all that it may have, waiting jobs among them. */
  isFullFor({ open, places }: Budget): boolean {
    const { maxConcurrencyPerClient, maxQueue } = this.#policy;
    if (open >= this.#mostJobs) return true;
    // It would have to wait, though there may be places.
    return places >= maxConcurrencyPerClient && this.queued >= maxQueue;
  }

  /** Whether a job that can try elsewhere should do so, rather than wait here. */
  get turnsAway(): boolean {
    return this.isFull || this.#admission.wouldWaitInVain(this.#clock.now());
  }

  get abandoned(): number {
    return this.#abandoned;
  }

  get refused(): Partial<Record<RefusalReason, number>> {
    return Object.fromEntries(this.#refused);
  }

  /** Runs the job, or lets it wait. To be asked before: `isFull`, or `turnsAway`. */
  take(job: Job): void {
    job.owner.budget.open++;
    if (this.#mayBegin(job) && this.#admission.enter()) {
      this.#start(job);
      return;
    }
    const now = this.#clock.now();
    const patience = this.#admission.wait(job, now);
    const dueAt = job.isRefusable ? Math.min(job.deadlineAt, now + patience) : job.deadlineAt;
    this.#agenda.schedule(job, dueAt);
  }

  /** The moment has come that the job was put on the agenda for. */
  due(job: Job, now: number): void {
    if (job.hasBegun) job.abandon();
    else if (now >= job.deadlineAt) this.#expired(job);
    else this.#refuse(job, 'busy', `It found no place in time: ${this.describe()}`);
  }

  /** The job has ended, was refused or abandoned. To be told once. */
  over(job: Job): void {
    this.#agenda.cancel(job);
    if (job.wasAbandoned) this.#abandoned++;
    if (job.lingers) {
      this.#linger(job, 1);
    } else {
      job.owner.budget.open--;
      if (job.hasBegun) this.#leave(job);
      else this.#admission.withdraw(job, this.#clock.now());
    }
    this.#fill();
  }

  /**
   * The handler of an abandoned call has ended: only now is its place free. Else who calls and cancels, again
   * and again, has more handlers run than there are places: CVE-2023-44487, "rapid reset", of HTTP/2 servers.
   */
  handlerEnded(job: Job): void {
    this.#linger(job, -1);
    job.owner.budget.open--;
    this.#leave(job);
    this.#fill();
  }

  #linger({ owner }: Job, change: 1 | -1): void {
    owner.lingering += change;
    this.#lingering += change;
  }

  #leave({ owner }: Job): void {
    owner.budget.places--;
    this.#admission.leave();
  }

  readonly #mayBegin = ({ owner }: Job): boolean =>
    owner.budget.places < this.#policy.maxConcurrencyPerClient;

  /** Something is not let in, since it found no place. */
  turnAway(): void {
    this.#admission.turnAway(this.#clock.now());
  }

  /** Something was refused before it was a job. */
  countRefusal(reason: RefusalReason): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** How busy the server is, for people. */
  describe(): string {
    const { maxConcurrency } = this.#policy;
    return `${this.running} of the server's ${maxConcurrency} places are taken, and ${this.queued} wait for one`;
  }

  /** Nothing begins any more; what runs may end. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Whoever waits is not served any more. */
  refuseQueued(reason: RefusalReason, message: string): void {
    for (const job of this.#admission.dismiss()) this.#refuse(job, reason, message);
  }

  #refuse(job: Job, reason: RefusalReason, message: string): void {
    this.countRefusal(reason);
    job.refuse(reason, message);
  }

  #expired(job: Job): void {
    this.#refuse(job, 'expired', 'Its deadline passed while it waited for a place');
  }

  #start(job: Job): void {
    job.owner.budget.places++;
    this.#agenda.schedule(job, job.deadlineAt);
    job.begin();
  }

  #next(): Job | undefined {
    return this.#admission.next(this.#clock.now(), this.#mayBegin);
  }

  /** A loop, not a recursion: a job may be over as soon as it begins. */
  #fill(): void {
    if (this.#isFilling || this.#isStopped || this.queued === 0) return;
    this.#isFilling = true;
    try {
      for (let job = this.#next(); job; job = this.#next()) {
        // The agenda may be late: nothing runs for a caller that has given up.
        if (job.deadlineAt > this.#clock.now()) {
          this.#start(job);
        } else {
          this.#admission.leave();
          this.#expired(job);
        }
      }
    } finally {
      this.#isFilling = false;
    }
  }
}
