import type { WaitingLine } from '../../core/waiting-line.js';

/** Where a call waits, and since when. */
interface Waiting<Call> {
  readonly kind: 'waiting';
  readonly line: WaitingLine<Call>;
  readonly since: number;
}

/** Between the other states: a server is sought for it. */
export const PLACING = { kind: 'placing' } as const;

/** For good. */
export const DONE = { kind: 'done' } as const;

/** Where a call stands. In flight it is its latest attempt, which has the others behind it. */
export type CallState<Call, Attempt extends { readonly kind: 'in flight' }> =
  typeof PLACING | Waiting<Call> | Attempt | typeof DONE;
