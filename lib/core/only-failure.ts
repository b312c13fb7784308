import { type BroadcastFailure, FreelanceError } from './freelance-error.js';

/** What became of a broadcast to one server; undefined if the error is none of a broadcast. */
export function onlyFailure(error: unknown): BroadcastFailure | undefined {
  return error instanceof FreelanceError && error.failed.length === 1 ? error.failed[0] : undefined;
}
