import type { Process } from '../world/process.js';
import type { Entry } from './entry.js';

/** What a server knows when a handler begins. */
export interface Beginning {
  /** When the client gave the causing message to its socket, if there is one. */
  readonly sentAt: number | undefined;
  /** The number of this attempt, from 1, among those that a server may have run. */
  readonly attempt: number;
  /** Whether the deadline had already passed. */
  readonly isLate: boolean;
}

/** One run of a call's handler at one server. */
export class Execution {
  /** `ending`: the handler is done, but values may still wait for credit. */
  state: 'running' | 'ending' | 'over' = 'running';

  constructor(
    readonly entry: Entry,
    readonly server: Process,
    readonly startedAt: number,
  ) {}
}
