import { Admission, type AdmissionPolicy } from '../../core/admission.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Agenda } from '../agenda.js';
import type { Clock } from '../clock.js';
import type { Job } from './job.js';

/** The jobs of a server: which run, which wait, and what becomes of those that waited too long. */
export class Workload {
  readonly #policy: AdmissionPolicy;
  readonly #admission: Admission<Job>;
  readonly #agenda: Agenda;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #refused = new Map<RefusalReason, number>();
  /** Places are being given: not from within. */
  #isFilling = false;
  #isStopped = false;
  #abandoned = 0;

  constructor(policy: AdmissionPolicy, agenda: Agenda, clock: Pick<Clock, 'now'>) {
    this.#policy = policy;
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

  get isFull(): boolean {
    return this.#admission.isFull;
  }

  /** Whether a job that can try elsewhere should do so, rather than wait here. */
  get turnsAway(): boolean {
    return this.isFull || (this.queued > 0 && this.#admission.wouldWaitInVain(this.#clock.now()));
  }

  get abandoned(): number {
    return this.#abandoned;
  }

  get refused(): Partial<Record<RefusalReason, number>> {
    return Object.fromEntries(this.#refused);
  }

  /** Runs the job, or lets it wait. To be asked before: `isFull`, or `turnsAway`. */
  take(job: Job): void {
    if (this.#admission.enter()) {
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
    if (job.hasBegun) this.#admission.leave();
    else this.#admission.withdraw(job);
    this.#fill();
  }

  /** Something was turned away before it was a job. */
  turnedAway(reason: RefusalReason): void {
    if (reason === 'busy') this.#admission.turnAway();
    this.#countRefusal(reason);
  }

  #countRefusal(reason: RefusalReason): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** How busy the server is, for people. */
  describe(): string {
    const { maxConcurrency } = this.#policy;
    return `all of the server's ${maxConcurrency} places are taken, and ${this.queued} wait for one`;
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
    this.#countRefusal(reason);
    job.refuse(reason, message);
  }

  #expired(job: Job): void {
    this.#refuse(job, 'expired', 'Its deadline passed while it waited for a place');
  }

  #start(job: Job): void {
    this.#agenda.schedule(job, job.deadlineAt);
    job.begin();
  }

  /** A loop, not a recursion: a job may be over as soon as it begins. */
  #fill(): void {
    if (this.#isFilling || this.#isStopped || this.queued === 0) return;
    this.#isFilling = true;
    try {
      const next = () => this.#admission.next(this.#clock.now());
      for (let job = next(); job; job = next()) {
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
