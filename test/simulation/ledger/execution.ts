import type { Process } from '../world/process.js';
import type { Entry } from './entry.js';

/** What a server knows when a handler begins. */
export interface Beginning {
  /** When the message was given to the client's socket that has caused it, if one has. */
  readonly sentAt: number | undefined;
  /** Which try it is, from 1, of those that a server may have run. */
  readonly attempt: number;
  /** Whether the deadline has passed already. */
  readonly isLate: boolean;
}

/** One run of a call's handler, on one server. */
export class Execution {
  /** `ending`: the handler is done, but values may still wait for credit. */
  state: 'running' | 'ending' | 'over' = 'running';

  constructor(
    readonly entry: Entry,
    readonly server: Process,
    readonly startedAt: number,
  ) {}
}
