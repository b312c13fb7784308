import type { RetryBudgetPolicy } from '../../../lib/core/retry-budget.js';
import type { Ask } from '../workload/ask.js';
import type { Process } from '../world/process.js';
import type { Execution } from './execution.js';

/**
 * How a call ended: as it should; with what its handler threw; because its caller gave it up, or died;
 * or with the code of an error of this library.
 */
export type End = 'complete' | 'handler error' | 'cancelled' | 'died' | (string & {});

/** What the client of a call has agreed to, by its options. */
export interface Terms {
  /** How long a call may wait for a server in all, in ms. */
  readonly patience: number;
  /** After which silence a server counts as dead, in ms. */
  readonly silence: number;
  readonly retryBudget: RetryBudgetPolicy;
  /** How many servers it knows. */
  readonly servers: number;
}

/** What is known of one call: at its caller, and at every server that ran it. */
export class Entry {
  readonly executions: Execution[] = [];
  /** Undefined while it is open. */
  end: End | undefined;
  endedAt = Infinity;
  /** How many values make it complete. Of a broadcast, that is known in the end. */
  expected: number;
  /** How many values have come, and how many of them were read. */
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

  /** How many servers may run it, over all. */
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
