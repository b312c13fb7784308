import type { Answer } from './messages.js';

export type FaultSignal = 'SIGKILL' | 'SIGSTOP';

/**
 * What the demo did to a server, and the calls that it hit: those that had to move to another server
 * and were answered after this fault and before the next one.
 */
export class Fault {
  /** How long the callers waited for their answers in all, in ms. */
  readonly waits: number[] = [];

  constructor(
    readonly signal: FaultSignal,
    readonly server: string,
    readonly at: number,
  ) {}

  hit(answer: Answer): void {
    this.waits.push(answer.ms);
  }
}
