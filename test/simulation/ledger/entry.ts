import type { RetryBudgetPolicy } from '../../../lib/core/retry-budget.js';
import type { Ask } from '../workload/ask.js';
import type { Process } from '../world/process.js';
import type { Execution } from './execution.js';

/**
 * How a call ended: as expected; with the error that its handler threw; because its caller gave up or died; or with the
 * code of an error of this library.
 */
export type End = 'complete' | 'handler error' | 'cancelled' | 'died' | (string & {});

/** The relevant options of a call's client. */
export interface Terms {
  /** How long a call may wait for a server in all, in ms. */
  readonly patience: number;
  /** After how much silence a server counts as dead, in ms. */
  readonly silence: number;
  readonly retryBudget: RetryBudgetPolicy;
  /** The number of servers that it knows. */
  readonly servers: number;
}

/** What is known of one call, at its caller and at every server that ran it. */
export class Entry {
  readonly executions: Execution[] = [];
  /** Undefined while the call is open. */
  end: End | undefined;
  endedAt = Infinity;
  /** The number of values of a complete answer; for a broadcast, known only at the end. */
  expected: number;
  /** The number of values received, and of those read. */
  values = 0;
  read = 0;

  constructor(
    readonly number: number,
    readonly ask: Ask,
    readonly client: Process,
    readonly startedAt: number,
    readonly terms: Terms,
  ) {
    this.expected = ask.kind === 'event' ? 0 : ask.values;
  }

  get isOpen(): boolean {
    return this.end === undefined;
  }

  /** How many servers may run the call in all. */
  get mostAttempts(): number {
    const { maxAttempts, hedge } = this.ask;
    return maxAttempts + (hedge?.max ?? 0);
  }

  get isBroadcast(): boolean {
    return this.ask.kind === 'broadcast';
  }

  get name(): string {
    const { kind, idempotent, timeout, hedge } = this.ask;
    const deadline = timeout < Infinity ? `, deadline ${timeout.toFixed(1)} ms` : '';
    const may = idempotent ? 'idempotent' : 'not idempotent';
    const hedged = hedge ? `, hedged ${hedge.max} times after ${hedge.after} ms` : '';
    return `call ${this.number} of ${this.client.name} (${kind}, ${may}${hedged}${deadline})`;
  }
}
