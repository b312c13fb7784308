import type { Process } from '../world/process.js';
import type { Entry } from './entry.js';

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
