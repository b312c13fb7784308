import type { FreelanceError, FreelanceErrorCode } from '../../core/freelance-error.js';
import type { Pool } from '../../core/pool.js';
import type { Notifications } from '../notifications.js';
import type { Scheduler } from '../scheduler.js';
import { broadcast, type BroadcastObserver } from './broadcast.js';
import type { CallAdmission } from './call-admission.js';
import type { CallHandle, CallRequest } from './call-contract.js';
import type { ClientAgentOptions } from './client-agent-options.js';
import { describeSubset } from './describe-failure.js';
import type { Dispatcher } from './dispatcher.js';
import type { ServerLink } from './server-link.js';
import { WaitingBroadcasts } from './waiting-broadcasts.js';

export interface BroadcastsDeps {
  readonly pool: Pool<ServerLink>;
  readonly scheduler: Scheduler;
  readonly notifications: Notifications;
  readonly dispatcher: Dispatcher;
  readonly admission: CallAdmission;
  readonly now: () => number;
  /** The error of the client itself. */
  readonly failure: (code: FreelanceErrorCode) => FreelanceError;
  /** Counts a broadcast that does not begin, and tells its observer. */
  readonly refuse: (
    request: CallRequest,
    error: FreelanceError,
    observer: BroadcastObserver,
  ) => CallHandle;
}

/** The broadcasts of a client: which begin at once, and which wait until its servers are known. */
export class Broadcasts {
  readonly #options: Pick<ClientAgentOptions, 'subset' | 'origin' | 'connectTimeout'>;
  readonly #deps: BroadcastsDeps;
  readonly #waiting: WaitingBroadcasts;

  constructor(
    options: Pick<ClientAgentOptions, 'subset' | 'origin' | 'connectTimeout'>,
    deps: BroadcastsDeps,
  ) {
    this.#options = options;
    this.#deps = deps;
    this.#waiting = new WaitingBroadcasts(deps.scheduler);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  start(request: CallRequest, observer: BroadcastObserver): CallHandle {
    const { pool, notifications, dispatcher } = this.#deps;
    // A server of another service is none of those that are meant.
    const links = pool.members.filter(({ monitor }) => !monitor.isStranger);
    const hasNone = links.length === 0;
    const mustWait = hasNone && this.#options.origin?.hasAnswered === false;
    const refusal = this.#refusalOf(request, mustWait ? 1 : links.filter(isThere).length);
    if (mustWait && !refusal) return this.#wait(request, observer);
    const failure = refusal ?? (hasNone ? this.#deps.failure('ECONNREFUSED') : undefined);
    return notifications.within(() => {
      if (failure) return this.#deps.refuse(request, failure, observer);
      return broadcast(dispatcher, links, request, observer);
    });
  }

  /** The servers have changed. */
  serversChanged(): void {
    if (this.#deps.pool.size > 0) this.#waiting.begin();
  }

  close(): void {
    this.#waiting.close();
  }

  #refusalOf(request: CallRequest, calls: number): FreelanceError | undefined {
    return this.#options.subset
      ? describeSubset('setBroadcast')
      : this.#deps.admission.refusalOf(request, calls);
  }

  /** It begins once the servers are known, with what is left of its time. */
  #wait(request: CallRequest, observer: BroadcastObserver): CallHandle {
    const { now, failure, refuse } = this.#deps;
    const startedAt = now();
    const until = startedAt + Math.min(this.#options.connectTimeout, request.timeout);
    return this.#waiting.add(until, {
      begin: () => {
        const timeout = request.timeout - (now() - startedAt);
        return this.start({ ...request, timeout }, observer);
      },
      failed: (code) => void refuse(request, failure(code), observer),
    });
  }
}

function isThere({ isLost }: ServerLink): boolean {
  return !isLost;
}
