import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Id } from '../../protocol/messages.js';
import type { Task } from '../scheduler.js';
import type { Budget } from './budget.js';
import { ABANDONED, type JobEnd, REFUSED } from './job-end.js';
import type { JobMeasurement } from './job-measurement.js';
import type { ServerRequest } from './read-request.js';
import type { Outcome } from './reply-target.js';

/** One connection of a client, as its jobs see it. */
export interface Client {
  /** Those that run or wait, by the client's ids. */
  readonly jobs: Map<Id, Job>;
  /** How many abandoned calls have handlers that still run. */
  lingering: number;
  /** Shared by all connections of its key. */
  readonly budget: Budget;
  /** Whether it answers GOODBYE, which confirms what it has read. */
  readonly knowsGoodbye: boolean;
}

/** Abandons all jobs of these clients. */
export function abandonAll(clients: Iterable<Pick<Client, 'jobs'>>): void {
  // Waiting jobs first: otherwise they would get the places of those that run.
  for (const { jobs } of clients) for (const job of jobs.values()) if (!job.hasBegun) job.abandon();
  for (const { jobs } of clients) for (const job of jobs.values()) job.abandon();
}

/** Hears from a job when its state changes. */
export interface JobListener {
  /** The job has got its place. @returns what measures it; undefined if nothing does */
  began(job: Job): JobMeasurement | undefined;
  /** The scheduled time of the job has come. */
  due(job: Job, now: number): void;
  /** The job has ended, was refused or was abandoned. Called once. */
  over(job: Job, end: JobEnd): void;
}

/** A call or an event of a client. It waits for a place, runs, and is over; or it is refused or abandoned. */
export abstract class Job<Listener extends JobListener = JobListener> implements Task {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;

  protected phase: 'queued' | 'running' | 'ending' | 'over' = 'queued';
  #hasBegun = false;
  #measurement: JobMeasurement | undefined;
  #end: JobEnd | undefined;

  constructor(
    readonly client: Client,
    readonly id: Id,
    readonly request: ServerRequest,
    protected readonly listener: Listener,
  ) {}

  /** Whether its caller understands a refusal, and can try elsewhere. */
  abstract readonly isRefusable: boolean;
  /** The answer if the same job comes again; undefined if it may then run. */
  abstract readonly outcome: Outcome | undefined;
  /** The caller no longer waits for it. */
  abstract abandon(): void;
  /** The caller accepts this many more values. */
  abstract grant(values: number): void;
  protected abstract start(): void;
  protected abstract sayRefused(reason: RefusalReason, message: string): void;

  /** When the caller gives up, in ms of the agent's clock; Infinity if never. */
  get deadlineAt(): number {
    return this.request.deadlineAt;
  }

  /** Whether it has got a place. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** What measures it; undefined before it has got a place, and of introspection. */
  get measurement(): JobMeasurement | undefined {
    return this.#measurement;
  }

  /** Whether it has ended, was refused or was abandoned. */
  get isOver(): boolean {
    return this.phase === 'over';
  }

  /** Whether it is over because the caller no longer waited. */
  get wasAbandoned(): boolean {
    return this.#end === ABANDONED;
  }

  /** Whether its handler still runs although it is over. */
  get lingers(): boolean {
    return false;
  }

  /** Begins: the job has got a place. */
  begin(): void {
    this.phase = 'running';
    this.#hasBegun = true;
    this.#measurement = this.listener.began(this);
    this.start();
  }

  /** Ends the job unexecuted, and tells its caller why. */
  refuse(reason: RefusalReason, message: string): void {
    if (this.phase !== 'queued') return;
    this.phase = 'over';
    this.sayRefused(reason, message);
    this.left(REFUSED);
  }

  run(now: number): void {
    this.listener.due(this, now);
  }

  protected abandoned(): void {
    this.phase = 'over';
    this.left(ABANDONED);
  }

  /** To be called after the last reply is written: a draining server may close with it. */
  protected left(end: JobEnd): void {
    this.#end = end;
    this.listener.over(this, end);
  }
}
