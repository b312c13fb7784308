import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Id } from '../../protocol/messages.js';
import type { Task } from '../agenda.js';
import type { Budget } from './budget.js';
import type { ServerRequest } from './read-request.js';
import type { Outcome } from './replays.js';
import type { ServerCall } from './server-call.js';
import type { ServerEvent } from './server-event.js';

/** Whose jobs these are: a client, as one of its connections shows it. */
export interface JobOwner {
  /** What runs for it, or waits, by its ids. */
  readonly jobs: Map<Id, Job>;
  /** How many of its calls were abandoned, and have handlers that run on. */
  lingering: number;
  /** What it shares with the other connections of its key. */
  readonly budget: Budget;
  /** Whether it can confirm that it has read what it was sent. */
  readonly knowsGoodbye: boolean;
}

/** Nobody waits for what is done for these. */
export function abandonAll(owners: Iterable<Pick<JobOwner, 'jobs'>>): void {
  // First those that wait: else they would take the places of those that run.
  for (const { jobs } of owners) for (const job of jobs.values()) if (!job.hasBegun) job.abandon();
  for (const { jobs } of owners) for (const job of jobs.values()) job.abandon();
}

/** Who gives jobs their places. */
export interface JobKeeper {
  /** The call has got its place: its handler is to run. */
  called(call: ServerCall): void;
  /** The event has got its place, and its sender was told: its handlers are to run. */
  accepted(event: ServerEvent): void;
  /** The moment has come that the job was put on the agenda for. */
  due(job: Job, now: number): void;
  /** The job has ended, was refused or abandoned. Told once. */
  over(job: Job): void;
  /** Its handler, which has not begun, is not to run. */
  declined(reason: RefusalReason): void;
  /** The handler of a job that was abandoned has ended, too. */
  handlerEnded(job: Job): void;
}

/** Something that a client wants done, a call or an event: it may run, wait, or be turned away. */
export abstract class Job implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  protected phase: 'queued' | 'running' | 'ending' | 'over' = 'queued';
  #hasBegun = false;
  #wasAbandoned = false;

  constructor(
    readonly owner: JobOwner,
    readonly id: Id,
    readonly request: ServerRequest,
    protected readonly keeper: JobKeeper,
  ) {}

  /** Whether its caller understands that it was not executed, and can try elsewhere. */
  abstract readonly isRefusable: boolean;
  /** How it has ended, to be said again if it comes again; undefined if it may then run. */
  abstract readonly outcome: Outcome | undefined;
  /** Nobody waits for it any more. */
  abstract abandon(): void;
  /** Its caller will take so many more values. */
  abstract grant(values: number): void;
  protected abstract start(): void;
  protected abstract sayRefused(reason: RefusalReason, message: string): void;

  /** When its caller gives up, in ms of the agent's clock; Infinity if never. */
  get deadlineAt(): number {
    return this.request.deadlineAt;
  }

  /** Whether it has had a place. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether nobody waited for it any more when it was over. */
  get wasAbandoned(): boolean {
    return this.#wasAbandoned;
  }

  /** Whether its handler runs on, although it is over. */
  get lingers(): boolean {
    return false;
  }

  /** It has got its place. */
  begin(): void {
    this.phase = 'running';
    this.#hasBegun = true;
    this.start();
  }

  /** It is not executed, and its caller is told why. */
  refuse(reason: RefusalReason, message: string): void {
    if (this.phase !== 'queued') return;
    this.phase = 'over';
    this.sayRefused(reason, message);
    this.left();
  }

  run(now: number): void {
    this.keeper.due(this, now);
  }

  protected abandoned(): void {
    this.phase = 'over';
    this.#wasAbandoned = true;
    this.left();
  }

  /** To be told once its last word is said: whoever hears it may close the server. */
  protected left(): void {
    this.keeper.over(this);
  }
}
