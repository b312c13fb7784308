import type {
  AttemptObserver,
  AttemptOutcome,
  AttemptReason,
  AttemptView,
} from './call-contract.js';
import type { CallNotifications } from './call-notifications.js';
import type { Attempt } from './call.js';

/** A further attempt of a call, after the first. */
export interface Failover {
  readonly pattern: Attempt['call']['request']['pattern'];
  readonly reason: Exclude<AttemptReason, 'first'>;
  /** The server that the attempt is sent to. */
  readonly endpoint: string;
  /** The server that the call was at before; undefined if an attempt did not even leave. */
  readonly from: string | undefined;
  /** What became of the call there, for people; undefined of a hedge, which leaves it there. */
  readonly outcome: string | undefined;
}

/** Tells of attempts: each further one of a call, and all of them to the observer that a call may have. */
export class AttemptReports {
  readonly #notifications: CallNotifications;
  readonly #failedOver: (failover: Failover) => void;

  constructor(notifications: CallNotifications, failedOver: (failover: Failover) => void) {
    this.#notifications = notifications;
    this.#failedOver = failedOver;
  }

  sent(attempt: Attempt): void {
    const { call, link, number, reason, sentAt } = attempt;
    if (reason !== 'first') {
      const { endpoint: from, outcome } = originOf(attempt);
      const failover = {
        pattern: call.request.pattern,
        reason,
        endpoint: link.endpoint,
        from,
        outcome,
      };
      this.#notifications.tell(this.#failedOver, failover);
    }
    const { attemptObserver: observer } = call.request;
    if (!observer) return;
    attempt.view = { endpoint: link.endpoint, serverId: link.serverId, number, reason, sentAt };
    if (observer.metadataOf) attempt.metadata = observer.metadataOf(attempt.view, attempt.metadata);
    this.#notifications.tell(saySent, observer, attempt.view);
  }

  ended({ call, view }: Attempt, outcome: AttemptOutcome, endedAt: number): void {
    const { attemptObserver: observer } = call.request;
    if (observer && view) this.#notifications.tell(sayEnded, observer, { view, outcome, endedAt });
  }
}

function originOf({ call, previous }: Attempt): { endpoint?: string; outcome?: string } {
  if (previous) return { endpoint: previous.link.endpoint };
  return call.history?.reports.at(-1) ?? {};
}

function saySent(observer: AttemptObserver, view: AttemptView): void {
  observer.attemptSent(view);
}

interface Ended {
  readonly view: AttemptView;
  readonly outcome: AttemptOutcome;
  readonly endedAt: number;
}

function sayEnded(observer: AttemptObserver, { view, outcome, endedAt }: Ended): void {
  observer.attemptEnded(view, outcome, endedAt);
}
