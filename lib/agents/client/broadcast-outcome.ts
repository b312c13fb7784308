import type { BroadcastFailure } from '../../core/freelance-error.js';

/** What one server made of a broadcast. */
export type BroadcastOutcome =
  | { readonly endpoint: string; readonly type: 'answered' }
  | ({ readonly type: 'failed' } & BroadcastFailure);
