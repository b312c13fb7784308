import type { Ask } from '../workload/ask.js';
import type { Process } from '../world/process.js';
import type { Execution } from './execution.js';

/**
 * How a call ended: as it should; with what its handler threw; because its caller gave it up, or died;
 * or with the code of an error of this library.
 */
export type End = 'complete' | 'handler error' | 'cancelled' | 'died' | (string & {});

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
    /** How long it may wait for a server in all, in ms. */
    readonly patience: number,
  ) {
    this.expected = ask.kind === 'event' ? 0 : ask.values;
  }

  get isOpen(): boolean {
    return this.end === undefined;
  }

  get isBroadcast(): boolean {
    return this.ask.kind === 'broadcast';
  }

  get name(): string {
    const { kind, idempotent, timeout } = this.ask;
    const deadline = timeout < Infinity ? `, deadline ${timeout.toFixed(1)} ms` : '';
    const may = idempotent ? 'idempotent' : 'not idempotent';
    return `call ${this.number} of ${this.client.name} (${kind}, ${may}${deadline})`;
  }
}
