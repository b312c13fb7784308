import type { BroadcastOutcome } from './broadcast-outcome.js';
import type { CallHandle, CallObserver, CallRequest } from './call-contract.js';
import type { Server } from './call.js';
import { reasonOfFailure } from './describe-broadcast.js';
import type { Dispatcher } from './dispatcher.js';

/** Gets the values of every server as they come, then, once, what each server made of it. */
export interface BroadcastObserver {
  next(value: unknown): void;
  done(outcomes: readonly BroadcastOutcome[]): void;
  /** Instead, once: there is nobody to ask. */
  error(error: unknown): void;
}

/** One call for each of these servers. None of them waits for another, and none is tried twice. */
export function broadcast(
  dispatcher: Dispatcher,
  links: readonly Server[],
  request: CallRequest,
  observer: BroadcastObserver,
): CallHandle {
  const outcomes: BroadcastOutcome[] = [];
  const ended = (outcome: BroadcastOutcome) => {
    outcomes.push(outcome);
    if (outcomes.length === links.length) observer.done(outcomes);
  };
  /** Of which call each value is that was not read yet, in the order in which they came. */
  const unread: number[] = [];
  const handles = links.map((link, index) => {
    const { endpoint } = link;
    const one: CallObserver = {
      next: (value) => {
        if (request.paced) unread.push(index);
        observer.next(value);
      },
      complete: () => ended({ endpoint, type: 'answered' }),
      error: (error) =>
        ended({ endpoint, type: 'failed', reason: reasonOfFailure(error, link), error }),
    };
    return dispatcher.call(request, one, link);
  });
  return {
    cancel: () => {
      for (const handle of handles) handle.cancel();
    },
    get handedOver() {
      return handles.reduce((servers, { handedOver }) => servers + handedOver, 0);
    },
    get hasCompleted() {
      return handles.every(({ hasCompleted }) => hasCompleted);
    },
    read: () => {
      const index = unread.shift();
      if (index !== undefined) handles[index]?.read();
    },
  };
}
