import type { RefusalReason } from '../../protocol/headers.js';
import type { Task } from '../agenda.js';

/** Something that a client wants done, a call or an event: it may run, wait, or be turned away. */
export interface Job extends Task {
  /** When its caller gives up, in ms of the agent's clock; Infinity if never. */
  readonly deadlineAt: number;
  /** Whether its caller understands that it was not executed, and can try elsewhere. */
  readonly isRefusable: boolean;
  /** Whether it has a place. */
  readonly hasBegun: boolean;
  /** Whether nobody waited for it any more when it was over. */
  readonly wasAbandoned: boolean;
  /** It has got its place. */
  begin(): void;
  /** It is not executed, and its caller is told why. */
  refuse(reason: RefusalReason, message: string): void;
  /** Nobody waits for it any more. */
  abandon(): void;
  /** Its caller will take so many more values. */
  grant(values: number): void;
}

/** Who gives jobs their places. */
export interface JobKeeper {
  /** The moment has come that the job was put on the agenda for. */
  due(job: Job, now: number): void;
}
