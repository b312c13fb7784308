import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Task } from '../agenda.js';

/** Someone who waits for the first server to answer. */
export class ConnectWaiter implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  constructor(
    readonly resolve: () => void,
    readonly reject: (error: Error) => void,
    /** Nobody has answered in time. */
    readonly run: () => void,
  ) {}
}
